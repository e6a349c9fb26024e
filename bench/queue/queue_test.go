package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"breakeven/internal/store"
	"breakeven/run"
)

func TestParseFleets(t *testing.T) {
	list, err := parseFleets("1x0,1000x2.5")
	if err != nil || !slices.Equal(list, []fleet{{1, 0}, {1000, 2.5}}) {
		t.Errorf("%v, error %v", list, err)
	}
	for _, bad := range []string{"", "10", "0x1", "3x-1", "x", "axb"} {
		if list, err := parseFleets(bad); err == nil {
			t.Errorf("%q: %v", bad, list)
		}
	}
}

// What a fleet leaves when its time is over the next one goes on with: each trial ends once, with all its records.
func TestFleets(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w := workload{trials: 5, records: 3, parameters: 10}
	sweep, err := s.Submit("queue", 0, origin, specs(w.trials))
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		w.limit = 50 * time.Millisecond << n
		r, err := w.sail(dir, sweep.ID, fleet{workers: 3}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if line := r.row(fleet{workers: 3}); strings.Count(line, "|") != strings.Count(head(), "|")/2 {
			t.Errorf("%q has other columns than %q", line, head())
		}
		if tally, err := s.Tally(sweep.ID, origin); err != nil || tally.Ended == w.trials {
			break
		}
	}
	runs, err := s.Runs()
	if err != nil || len(runs) != w.trials {
		t.Fatalf("%d runs, error %v", len(runs), err)
	}
	for _, r := range runs {
		if r.Status != run.Finished || r.Records != w.records || r.Checkpoint != w.records-1 {
			t.Errorf("%+v", r)
		}
	}
}

// A record is as long as those of the standard probes, which have 5.6 kB.
func TestRecordBytes(t *testing.T) {
	if n := recordBytes(); n < 4500 || n > 6500 {
		t.Errorf("%d bytes", n)
	}
}
