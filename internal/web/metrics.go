package web

import (
	"net/http"

	"breakeven/internal/metrics"

	"github.com/prometheus/client_golang/prometheus"
)

// What metrics tell at most of: runs under way, and sweeps.
const (
	mostFollowed = 100
	mostSweeps   = 10
)

// metrics tells programs how the store stands: how many runs and trials there are by status, and the last values of
// the newest runs under way.
func (v *server) metrics(w http.ResponseWriter, r *http.Request) error {
	list, err := v.plain(r)
	if err != nil {
		return err
	}
	m := metrics.New(v.Origin)
	runs := gauges(m, "breakeven_runs", "Runs of the store, by status.", "status")
	values, left := metrics.NewValues(m), mostFollowed
	for _, one := range v.found(list.runs, nil) {
		runs.WithLabelValues(one.State).Inc()
		if !one.Working || left == 0 {
			continue
		}
		left--
		last, err := v.latest(one.Run)
		if err != nil {
			return err
		}
		for _, record := range last {
			values.Set(one.ID, record)
		}
	}
	if err := v.sweepMetrics(list, gauges(m, "breakeven_sweep_trials", "Trials of the newest sweeps, by status.", "sweep", "status")); err != nil {
		return err
	}
	metrics.Handler(m).ServeHTTP(w, r)
	return nil
}

// sweepMetrics counts the trials of the newest sweeps.
func (v *server) sweepMetrics(list *listing, trials *prometheus.GaugeVec) error {
	sweeps, err := v.Store.Sweeps()
	if err != nil {
		return err
	}
	for _, s := range sweeps[:min(mostSweeps, len(sweeps))] {
		standings, err := v.standings(list, s)
		if err != nil {
			return err
		}
		for _, c := range v.tally(standings, s) {
			trials.WithLabelValues(s.ID, c.State).Set(float64(c.N))
		}
	}
	return nil
}

// gauges adds gauges with labels to a registry.
func gauges(m *prometheus.Registry, name, help string, labels ...string) *prometheus.GaugeVec {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	m.MustRegister(g)
	return g
}
