package web

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"breakeven/internal/store"
	"breakeven/run"
)

// An extreme is the largest or the smallest value of a key along a run.
type extreme struct {
	key, name string
	least     bool
}

// shown are the extremes that tables and sweeps show.
var shown = [4]extreme{
	{"k_max", "largest λ_K¹", false},
	{"h_max", "largest λ_H¹", false},
	{"loss", "lowest loss", true},
	{"valid_accuracy", "best valid. accuracy", false},
}

// A summary is the values of shown for a run up to a step; NaN is one that was not measured.
type summary struct {
	step    int // of the last record that was read; -1: none was
	values  [4]float64
	seconds float64 // that all measurements took
}

// extremes are the summaries of all runs that were asked for. One goroutine reads them, so that no page
// waits for records.
type extremes struct {
	read func(id string, after int) ([]run.Record, error)
	late func() // is called if a batch is there after its page was written
	work chan batch

	mu   sync.Mutex
	have map[string]summary // by the ID of the run
}

// A batch is runs whose records are to be read.
type batch struct {
	runs  []store.Run
	asked time.Time
	done  chan struct{} // is closed when they are
}

// patience is how long a page waits for records that were not read yet.
const patience = 100 * time.Millisecond

// The sizes of batches and of their queue.
const (
	batchSize = 200
	batches   = 64
)

func newExtremes(ctx context.Context, read func(string, int) ([]run.Record, error), late func()) *extremes {
	e := &extremes{read: read, late: late, work: make(chan batch, batches), have: map[string]summary{}}
	go e.follow(ctx)
	return e
}

// of returns the summaries of runs as far as they are known after a moment, and of how many runs
// something is missing.
func (e *extremes) of(runs []store.Run) (list []summary, missing int) {
	var queued []batch
	stale := e.stale(runs)
	for len(stale) > 0 {
		n := min(batchSize, len(stale))
		b := batch{stale[:n], time.Now(), make(chan struct{})}
		stale = stale[n:]
		select {
		case e.work <- b:
			queued = append(queued, b)
		default: // the next one who asks queues it
		}
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
wait:
	for _, b := range queued {
		select {
		case <-b.done:
		case <-timer.C:
			break wait
		}
	}
	missing = len(e.stale(runs))
	return e.known(runs), missing
}

// stale returns the runs that have records which were not read.
func (e *extremes) stale(runs []store.Run) (list []store.Run) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range runs {
		if s, ok := e.have[r.ID]; r.Damage == nil && r.LastStep >= 0 && (!ok || s.step < r.LastStep) {
			list = append(list, r)
		}
	}
	return list
}

func (e *extremes) known(runs []store.Run) []summary {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := make([]summary, len(runs))
	for i, r := range runs {
		list[i] = e.get(r.ID)
	}
	return list
}

func (e *extremes) get(id string) summary {
	if s, ok := e.have[id]; ok {
		return s
	}
	return none
}

// none is the summary of a run of which nothing was read.
var none = summary{step: -1, values: [4]float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}}

// isExtreme reports whether a key is one of shown.
func isExtreme(key string) bool {
	return slices.ContainsFunc(shown[:], func(x extreme) bool { return x.key == key })
}

func (e *extremes) follow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case b := <-e.work:
			for _, r := range e.stale(b.runs) {
				if ctx.Err() != nil {
					return
				}
				e.update(r)
			}
			close(b.done)
			if time.Since(b.asked) > patience {
				e.late()
			}
		}
	}
}

// update reads the records of a run that were not read. If that fails nothing is known, and the page of
// the run says why.
func (e *extremes) update(r store.Run) {
	e.mu.Lock()
	s := e.get(r.ID)
	e.mu.Unlock()
	records, err := e.read(r.ID, s.step)
	if err != nil {
		s.step = r.LastStep
	}
	for _, rec := range records {
		s.add(rec)
	}
	s.step = max(s.step, r.LastStep)
	e.mu.Lock()
	e.have[r.ID] = s
	e.mu.Unlock()
}

func (s *summary) add(r run.Record) {
	s.step = max(s.step, r.Step)
	spent := map[string]float64{} // by probe, which says it with each of its values
	for _, v := range r.Values {
		spent[v.How.Probe] = max(spent[v.How.Probe], v.How.Seconds)
	}
	for _, seconds := range spent {
		s.seconds += seconds
	}
	for i, x := range shown {
		v, ok := r.Get(x.key)
		old := s.values[i]
		if ok && !math.IsNaN(v.Value) && !math.IsInf(v.Value, 0) && (math.IsNaN(old) || x.least == (v.Value < old)) {
			s.values[i] = v.Value
		}
	}
}
