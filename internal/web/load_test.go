package web

import (
	"bufio"
	"database/sql"
	"errors"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"breakeven/internal/report"
	"breakeven/internal/store"
	"breakeven/study"
)

// lengthen gives a run many more records, like the one of a step.
func lengthen(t testing.TB, p place, id string, step, records int) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(p.store.Dir(), "breakeven.db"))
	if err == nil {
		_, err = db.Exec(`WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < $1)
			INSERT INTO records SELECT run, step + 10 * i, epoch + i / 10.0, replace(replace(body, '"step":' || step, '"step":' || (step + 10 * i)), '"epoch":', '"epoch":' || i)
			FROM records, n WHERE run = $2 AND step = $3`, records, id, step)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// The page of a run with ten thousand records is no larger than its pictures need.
func TestLongRun(t *testing.T) {
	p := serve(t, nil)
	l := p.begin(t, specWith(0.1, 32, 1), 10)
	lengthen(t, p, l.Run, 10, 10_000)
	r, body := p.get(t, "/runs/"+l.Run)
	if r.StatusCode != http.StatusOK || !strings.Contains(body, "Of up to 10002 points") {
		t.Fatalf("status %d: %.500s", r.StatusCode, body)
	}
	pictures := strings.Count(body, "<svg")
	if most := 70_000 * pictures; pictures == 0 || len(body) > most {
		t.Errorf("%d bytes with %d pictures, want at most %d", len(body), pictures, most)
	}
	for _, path := range regexp.MustCompile(`<path d="[^"]*"`).FindAllString(body, -1) {
		if n := strings.Count(path, "L"); n > 2*(MostPoints+2) { // a band goes there and back
			t.Errorf("a path of %d points", n)
		}
	}
}

// A hundred pages that follow a run hear of each record, for which the run is drawn once.
func TestHundredWatchers(t *testing.T) {
	var drawn atomic.Int32
	p := serve(t, func(s *Site) {
		page := s.Page
		s.Page = func(runs []store.Run, analyze func([]study.Run) study.Analysis) (report.Page, error) {
			drawn.Add(1)
			return page(runs, analyze)
		}
	})
	l := p.begin(t, specWith(0.1, 32, 1), 20)
	p.get(t, "/runs/"+l.Run)
	const watchers = 100
	var group, ready sync.WaitGroup
	ready.Add(watchers)
	for range watchers {
		group.Go(func() {
			r, err := http.Get(p.url + "/events?run=" + l.Run)
			if err != nil {
				t.Error(err)
				ready.Done()
				return
			}
			defer r.Body.Close()
			heard := false
			for lines := bufio.NewScanner(r.Body); !heard && lines.Scan(); {
				switch lines.Text() {
				case "event: version":
					ready.Done()
				case "event: changed":
					heard = true
				}
			}
			if _, body := p.get(t, "/runs/"+l.Run); !heard || !strings.Contains(body, "30") {
				t.Errorf("heard %v", heard)
			}
		})
	}
	ready.Wait()
	p.save(t, l, 30)
	group.Wait()
	if n := drawn.Load(); n != 2 {
		t.Errorf("drawn %d times, want once for each state", n)
	}
}
