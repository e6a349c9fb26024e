package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"breakeven/bench/units"
	"breakeven/internal/store"
	"breakeven/rng"
	"breakeven/run"
)

// origin is that of all runs here.
var origin = store.Origin{Program: "queue", ISA: "none", Numerics: 1}

// pollEvery is how often a worker asks whether its sweep goes on, as `breakeven worker` does.
const pollEvery = 2 * time.Second

// A worker is one of a fleet.
type worker struct {
	workload
	store *store.Store
	sweep string
	pause time.Duration // between two saves
	mu    sync.Mutex
	log   log
}

// A log is what a worker did since it was read.
type log struct {
	trials     int       // that ended
	next, save []float64 // seconds of each
}

// read returns the log and begins a new one.
func (w *worker) read() log {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.log
	w.log = log{}
	return l
}

// sail lets a fleet work, and returns what it did in the time of the workload, after as much time as a trial takes.
func (w workload) sail(address, sweep string, f fleet, p *probe) (r result, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	workers := make([]*worker, f.workers)
	errs := make([]error, f.workers)
	each := func(do func(i int) error) error {
		var group sync.WaitGroup
		for i := range workers {
			group.Go(func() { errs[i] = do(i) })
		}
		group.Wait()
		return errors.Join(errs...)
	}
	places := make(chan bool, 8) // so many open the store at a time
	err = each(func(i int) error {
		places <- true
		defer func() { <-places }()
		s, err := store.Open(address)
		workers[i] = &worker{workload: w, store: s, sweep: sweep, pause: time.Duration(f.seconds * float64(time.Second) / float64(w.records))}
		return err
	})
	defer func() {
		err = errors.Join(err, each(func(i int) error {
			if workers[i].store == nil {
				return nil
			}
			return workers[i].store.Close()
		}))
	}()
	if err != nil {
		return r, err
	}
	over := make(chan error, 1)
	go func() {
		over <- each(func(i int) error {
			first := time.Duration(f.seconds * rng.New(1, fmt.Sprint("queue ", i)).Float64() * float64(time.Second))
			err := workers[i].work(ctx, first)
			if err != nil {
				cancel()
			}
			return err
		})
	}()
	sleep(ctx, time.Duration(f.seconds*float64(time.Second)))
	for _, one := range workers {
		one.read()
	}
	before, err := p.count()
	begin := time.Now()
	sleep(ctx, w.limit)
	r.seconds = time.Since(begin).Seconds()
	after, err2 := p.count()
	r.used = after.minus(before)
	for _, one := range workers {
		r.add(one.read())
	}
	cancel()
	return r, errors.Join(err, err2, <-over)
}

// work runs trials until none is left or ctx ends. The first one is taken after a while.
func (w *worker) work(ctx context.Context, first time.Duration) error {
	var poll sync.WaitGroup
	poll.Go(func() {
		for ctx.Err() == nil {
			_, _ = w.store.State(w.sweep) // the load counts, not the answer
			sleep(ctx, pollEvery)
		}
	})
	defer poll.Wait()
	sleep(ctx, first)
	for ctx.Err() == nil {
		begin := time.Now()
		job, _, err := w.store.Next(w.sweep, origin, false)
		if errors.Is(err, store.ErrNone) {
			sleep(ctx, pollEvery)
			continue
		}
		if err != nil {
			return err
		}
		w.note(func(l *log) { l.next = append(l.next, time.Since(begin).Seconds()) })
		if err := w.perform(ctx, job); err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) note(f func(*log)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f(&w.log)
}

// perform saves what a trial has, and ends it; stopped if ctx ends first.
func (w *worker) perform(ctx context.Context, job store.Job) error {
	for step := job.Run.LastStep + 1; step < w.records; step++ {
		if sleep(ctx, w.pause); ctx.Err() != nil {
			return w.store.End(job.Lease, run.Stopped, "")
		}
		r, c := record(step), checkpoint(step, w.parameters)
		begin := time.Now()
		if err := w.store.Save(job.Lease, &r, &c); err != nil {
			return err
		}
		w.note(func(l *log) { l.save = append(l.save, time.Since(begin).Seconds()) })
	}
	if err := w.store.End(job.Lease, run.Finished, "all steps are done"); err != nil {
		return err
	}
	w.note(func(l *log) { l.trials++ })
	return nil
}

// sleep waits, but not beyond the end of ctx.
func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// record is as long as one of the standard probes.
func record(step int) run.Record {
	r := run.Record{Step: step, Epoch: float64(step), Time: time.Now()}
	for i := range 20 {
		r.Values = append(r.Values, run.Value{Key: fmt.Sprintf("key_%02d", i), Unit: "nat", Value: 1 / float64(3+step+i), Sample: 1 / float64(300+step+i),
			How: run.How{Probe: "loss", Method: "mean over the measurement set", Sampling: "deviation over examples", Examples: 2250, Seconds: 0.019765994}})
	}
	return r
}

// recordBytes is the length of a record as the store has it.
func recordBytes() int {
	text, _ := json.Marshal(record(1)) // its numbers are finite
	return len(text)
}

// checkpoint is one of n numbers.
func checkpoint(step, n int) run.Checkpoint {
	data := make([]float32, n)
	for i := range data {
		data[i] = float32(i + step)
	}
	return run.Checkpoint{Step: step, Weights: []run.Tensor{{Name: "w", Shape: []int{n}, Data: data}}}
}

// A result is what a fleet did.
type result struct {
	log
	seconds float64
	used    counts
}

func (r *result) add(l log) {
	r.trials += l.trials
	r.next, r.save = append(r.next, l.next...), append(r.save, l.save...)
}

func head() string {
	return "| workers | seconds of a trial | trials a second | transactions a second | server's processor time for a trial | its log for a trial | Next: median, 99 % | save: median, 99 % |\n|" +
		"---|---|---|---|---|---|---|---|\n"
}

func (r *result) row(f fleet) string {
	per := func(x float64) float64 { return x / float64(max(1, r.trials)) }
	return fmt.Sprintf("| %d | %g | %.3g | %.0f | %s | %.0f kB | %s | %s |\n", f.workers, f.seconds, float64(r.trials)/r.seconds,
		r.used.transactions/r.seconds, units.Duration(per(r.used.seconds)), per(r.used.log)/1e3, spread(r.next), spread(r.save))
}

// spread is the median of times and the one that 99 % do not exceed.
func spread(seconds []float64) string {
	if len(seconds) == 0 {
		return ""
	}
	slices.Sort(seconds)
	return units.Duration(seconds[len(seconds)/2]) + ", " + units.Duration(seconds[len(seconds)*99/100])
}
