package web

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"breakeven/internal/store"
	"breakeven/run"
)

// The load of BenchmarkPages.
const (
	manyRuns    = 10_000
	recordsEach = 100
)

// fill writes many runs with records into the database of a store, and a sweep of all of them.
func fill(b *testing.B, p place) (ids []string, sweep store.Sweep) {
	b.Helper()
	var specs []run.Spec
	for i := range manyRuns {
		specs = append(specs, specWith([]float64{0.01, 0.03, 0.1, 0.3, 1}[i%5], 8<<(i/5%5), uint64(i/25)))
	}
	var body string
	l := p.begin(b, specs[0], 0)
	db, err := sql.Open("sqlite", filepath.Join(p.store.Dir(), "breakeven.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	must := func(_ sql.Result, err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := db.QueryRow("SELECT body FROM records").Scan(&body); err != nil {
		b.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range specs[1:] {
		must(tx.Exec("INSERT INTO runs (id, spec_id, spec, status, program, isa, created, updated, numerics) SELECT ?, ?, ?, 'finished', program, isa, created, updated, numerics FROM runs WHERE id = ?", s.ID(), s.ID(), s.String(), l.Run))
	}
	must(tx.Exec(`WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT OR IGNORE INTO records SELECT runs.id, 10 * i, i / 10.0, replace(?, '"step":0', '"step":' || (10 * i)) FROM runs, n`, recordsEach, body))
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	var n int
	if err := db.QueryRow("SELECT count(*) FROM records").Scan(&n); err != nil || n != manyRuns*recordsEach+1 {
		b.Fatalf("%d records, error %v", n, err)
	}
	if sweep, err = p.store.Submit("all", 1, origin, specs); err != nil {
		b.Fatal(err)
	}
	for _, s := range specs {
		ids = append(ids, s.ID())
	}
	return ids, sweep
}

// BenchmarkPages is each page of a store with ten thousand runs and a million records, at the server. The
// list of runs is read from the store for each of them.
func BenchmarkPages(b *testing.B) {
	p := serve(b, func(s *Site) { s.Poll = time.Nanosecond })
	ids, sweep := fill(b, p)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	lengthen(b, p, ids[1], recordsEach*10, 10_000-recordsEach)
	handler := p.site.Handler(ctx)
	next := 0
	for _, page := range []struct {
		name string
		path func() string
	}{
		{"runs", func() string { return "/" }},
		{"runs sorted", func() string { return "/?sort=-lr&page=40" }},
		{"runs filtered", func() string { return "/?q=lr%3D0.1+batch%3D32" }},
		{"a run, each time another", func() string { next++; return "/runs/" + ids[next] }},
		{"a run again", func() string { return "/runs/" + ids[0] }},
		{"a run of 10,000 records, each time drawn anew", func() string {
			next++
			if err := p.store.SetName(ids[1], fmt.Sprint("name ", next)); err != nil { // its state is another
				b.Fatal(err)
			}
			return "/runs/" + ids[1]
		}},
		{"five runs", func() string {
			next += 5
			return fmt.Sprintf("/compare?run=%s&run=%s&run=%s&run=%s&run=%s", ids[next], ids[next+1], ids[next+2], ids[next+3], ids[next+4])
		}},
		{"records as csv", func() string { next++; return "/runs/" + ids[next] + "/records.csv" }},
		{"sweeps", func() string { return "/sweeps" }},
		{"a sweep", func() string { return "/sweeps/" + sweep.ID }},
		{"studies", func() string { return "/studies" }},
	} {
		b.Run(page.name, func(b *testing.B) {
			for b.Loop() {
				w := httptest.NewRecorder()
				r := httptest.NewRequest("GET", page.path(), nil)
				r.Host = "localhost"
				handler.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatalf("status %d: %.300s", w.Code, w.Body)
				}
			}
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.HeapAlloc)/1e6, "MB-kept")
		})
	}
}
