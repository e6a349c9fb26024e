package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"breakeven/internal/store"
	"breakeven/run"
)

// A monitor counts what a worker does, and says whether it reaches its store.
func TestMonitor(t *testing.T) {
	m := newMonitor(store.Sweep{ID: "s1"})
	server := httptest.NewServer(m.handler())
	defer server.Close()
	get := func(path string, code int) string {
		t.Helper()
		r, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != code {
			t.Errorf("%s: status %d, error %v, want %d", path, r.StatusCode, err, code)
		}
		return string(text)
	}
	for _, e := range []event{{Kind: begun}, {Kind: ended, Status: run.Diverged}, {Kind: begun}, {Kind: failed}, {Kind: begun}, {Kind: going, Part: 0.25}} {
		m.note(e)
	}
	text := get("/metrics", 200)
	for _, line := range []string{
		`breakeven_worker_trials_total{outcome="diverged",sweep="s1"} 1`, `breakeven_worker_trials_total{outcome="failed",sweep="s1"} 1`,
		`breakeven_worker_busy{sweep="s1"} 1`, `breakeven_worker_trial_done_ratio{sweep="s1"} 0.25`, "breakeven_build_info{", "go_goroutines ",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("no %s in\n%s", line, text)
		}
	}
	m.measured("r1", run.Record{Step: 4, Values: []run.Value{{Key: "loss", Value: 0.5}}})
	const value = `breakeven_run_value{key="loss",run="r1"} 0.5`
	if text := get("/metrics", 200); !strings.Contains(text, value) {
		t.Errorf("no %s in\n%s", value, text)
	}
	m.note(event{Kind: ended, Status: run.Finished})
	if text := get("/metrics", 200); strings.Contains(text, "breakeven_run_") {
		t.Errorf("the trial has ended, and has values:\n%s", text)
	}
	m.heard(fmt.Errorf("sweep s1: %w", store.ErrNone))
	if text := get("/healthz", 200); text != "ok\n" {
		t.Errorf("healthz says %q", text)
	}
	m.heard(store.ErrUnreachable)
	if text := get("/healthz", 503); text != "the server cannot be reached\n" {
		t.Errorf("healthz says %q", text)
	}
	m.heard(nil)
	get("/healthz", 200)
	get("/", 404)
	if r, err := http.Post(server.URL+"/metrics", "", nil); err != nil || r.StatusCode != 405 {
		t.Errorf("POST: %v, error %v", r.Status, err)
	}
}

// An address without a host is that of this machine.
func TestListen(t *testing.T) {
	m := newMonitor(store.Sweep{})
	for _, bad := range []string{"9090", "localhost"} {
		if _, err := m.serve(bad); err == nil || !strings.Contains(err.Error(), "--listen: ") {
			t.Errorf("%q: error %v", bad, err)
		}
	}
	end, err := m.serve(":0")
	if err != nil {
		t.Fatal(err)
	}
	end()
}

// What happens to a worker is logged, its progress now and then.
func TestLog(t *testing.T) {
	var out bytes.Buffer
	log, err := newLog(&out, "json")
	if err != nil {
		t.Fatal(err)
	}
	tell := logEvents(log, store.Sweep{ID: "s1"})
	for _, e := range []event{{Kind: begun, Place: 2, Run: "r1"}, {Kind: going, Place: 2}, {Kind: failed, Place: 2, Run: "r1", Text: "no room"}} {
		tell(e)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `"level":"INFO","msg":"begun","sweep":"s1","trial":2,"run":"r1"}`) || !strings.Contains(lines[1], `"level":"ERROR","msg":"failed"`) || !strings.Contains(lines[1], `"text":"no room"`) {
		t.Errorf("%s", out.String())
	}
	if _, err := newLog(&out, "xml"); err == nil {
		t.Error("a log in XML")
	}
}
