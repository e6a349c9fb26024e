package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"breakeven/internal/metrics"
	"breakeven/internal/store"
	"breakeven/run"

	"github.com/prometheus/client_golang/prometheus"
)

// A monitor tells other programs how a worker gets on: at /metrics in the formats of Prometheus and OpenMetrics,
// and at /healthz whether it reaches its store. Nothing can be changed there.
type monitor struct {
	trials   *prometheus.CounterVec // that this worker left, by outcome
	busy     prometheus.Gauge       // 1 while it has a trial
	part     prometheus.Gauge       // of the trial that is done
	values   metrics.Values         // of the trial, measured last
	registry *prometheus.Registry
	fault    atomic.Pointer[string] // of the last question to the store; nil: none
}

func newMonitor(w store.Sweep) *monitor {
	labels := prometheus.Labels{"sweep": w.ID}
	m := &monitor{
		trials: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "breakeven_worker_trials_total", ConstLabels: labels,
			Help: "Trials that this worker left, by outcome: finished, diverged, stopped, failed, or lost to another one."}, []string{"outcome"}),
		busy: prometheus.NewGauge(prometheus.GaugeOpts{Name: "breakeven_worker_busy", ConstLabels: labels, Help: "1 while this worker has a trial."}),
		part: prometheus.NewGauge(prometheus.GaugeOpts{Name: "breakeven_worker_trial_done_ratio", ConstLabels: labels,
			Help: "How much of the present trial is done, by estimated work."}),
		registry: metrics.New(origin()),
	}
	m.registry.MustRegister(m.trials, m.busy, m.part)
	m.values = metrics.NewValues(m.registry)
	return m
}

// note counts an event of the worker.
func (m *monitor) note(e event) {
	switch e.Kind {
	case begun:
		m.busy.Set(1)
		m.part.Set(0)
	case going:
		m.part.Set(e.Part)
	case ended, failed, lost:
		m.busy.Set(0)
		m.values.Clear()
		m.trials.WithLabelValues(either(e.Kind == ended, string(e.Status), e.Kind)).Inc()
	}
}

// measured notes what was measured of a run.
func (m *monitor) measured(id string, r run.Record) { m.values.Set(id, r) }

// heard notes what came of a question to the store.
func (m *monitor) heard(err error) {
	if err == nil || errors.Is(err, store.ErrNone) {
		m.fault.Store(nil)
		return
	}
	text := flat(err.Error())
	m.fault.Store(&text)
}

// handler answers.
func (m *monitor) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics.Handler(m.registry))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if fault := m.fault.Load(); fault != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprintln(w, *fault)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	return mux
}

// serve answers at an address of --listen until the function that it returns is called.
func (m *monitor) serve(flag string) (end func(), err error) {
	address, err := listenAddress(flag)
	if err != nil {
		return nil, err
	}
	l, err := openPort(address, mostConnections)
	if err != nil {
		return nil, fmt.Errorf("--listen: %w", err)
	}
	server := newServer(m.handler())
	go func() { _ = server.Serve(l) }() // until it is shut down
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = server.Shutdown(ctx)
	}, nil
}
