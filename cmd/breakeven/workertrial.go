package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/trial"
)

// A worker runs trials of a sweep.
type worker struct {
	app      *app
	store    *store.Store
	sweep    store.Sweep
	tell     func(event)                   // of what happens
	heard    func(error)                   // of what came of its questions to the store
	measured func(id string, r run.Record) // is told of each record
	poll     time.Duration                 // how often it asks whether its sweep goes on
	idle     time.Duration                 // for how long at most it waits until it asks for a trial again
	patience int                           // so many trials in a row that fail are enough; 0: any number
	rest     store.Rest                    // what it leaves to others
}

// newWorker returns a worker. One of very many shall not keep a server busy with its questions.
func (a *app) newWorker(s *store.Store, w store.Sweep, tell func(event)) *worker {
	one := &worker{app: a, store: s, sweep: w, tell: tell, heard: func(error) {}, measured: func(string, run.Record) {}, poll: pollSweep, idle: pollSweep}
	if store.IsAddress(a.store) {
		one.poll, one.idle = 2*time.Second, 2*time.Second
	}
	return one
}

// pollSweep is how often a worker asks whether its sweep goes on, and an idle one for a trial, where
// the store is on its machine, and how often it tells how far it is.
const pollSweep = 300 * time.Millisecond

// work runs trials until none is left to be taken and none is under way elsewhere, or until ctx ends.
func (w *worker) work(ctx context.Context) error {
	wait, failures := pollSweep, 0
	for ctx.Err() == nil {
		job, rest, err := w.store.Next(w.sweep.ID, origin(), w.app.otherBits)
		w.rest = rest
		w.heard(err)
		kind := ""
		if err == nil {
			err = w.refuse(job)
		}
		if err == nil {
			kind, err = w.perform(ctx, job)
		}
		switch {
		case errors.Is(err, store.ErrNone) && rest.Underway == 0:
			return nil
		case errors.Is(err, store.ErrNone):
			sleep(ctx, wait)
			wait = min(2*wait, w.idle)
			continue
		case kind == failed:
			if failures++; failures == w.patience {
				err = fmt.Errorf("%d trials in a row failed here: this machine may lack what they need; others can still take them", failures)
			}
		case kind == ended:
			failures = 0
		}
		wait = pollSweep
		if err != nil {
			w.tell(event{Kind: givingUp, Text: flat(err.Error())})
			return err
		}
	}
	return nil
}

// refuse gives back a trial that has settings which this program does not know, as if it had not been
// taken, and returns an error then: it is none of the trial's.
func (w *worker) refuse(job store.Job) error {
	unknown := job.Spec.Validate(known())
	if unknown == nil {
		return nil
	}
	if _, err := w.giveBack(job); err != nil {
		return err
	}
	if job.Lease.Attempt == 1 {
		if err := w.store.Delete(job.Run.ID); err != nil {
			return err
		}
	}
	return fmt.Errorf("trial %d is one for another version of the program, this is %s: %s", job.Place, origin().Program, flat(unknown.Error()))
}

// sleep waits, but not beyond the end of ctx.
func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// perform runs a trial that was taken, and returns the kind of its last event. The error is that of the
// worker: a trial's own is noted.
func (w *worker) perform(ctx context.Context, job store.Job) (kind string, err error) {
	e := event{Kind: begun, Place: job.Place, Run: job.Run.ID}
	if job.Run.Checkpoint >= 0 {
		e.Text = fmt.Sprintf(", goes on from the checkpoint of step %d", job.Run.Checkpoint)
	}
	w.tell(e)
	ctx, stop := w.whileActive(ctx)
	r, err := w.run(ctx, job)
	stop()
	e.Text = flat(fmt.Sprint(err))
	switch {
	case err == nil:
		e.Kind, e.Status, e.Text = ended, r.Status, r.Message
	case errors.Is(err, store.ErrLost):
		e.Kind = lost
	case ofStore(err):
		return "", err
	default:
		e.Kind = failed
		_ = w.store.End(job.Lease, run.Stopped, e.Text) // unless that is done
		if err := w.store.Failed(w.sweep.ID, job.Place, origin(), e.Text); err != nil {
			return "", err
		}
	}
	w.tell(e)
	return e.Kind, nil
}

// ofStore reports whether an error is none of a trial, and would meet the next one too.
func ofStore(err error) bool {
	for _, is := range []error{store.ErrFull, store.ErrLocked, store.ErrUnreachable, store.ErrRefused, store.ErrNewer, store.ErrNoSweep, store.ErrNumerics} {
		if errors.Is(err, is) {
			return true
		}
	}
	return false
}

// run brings a trial to its end, or to that of ctx.
func (w *worker) run(ctx context.Context, job store.Job) (store.Run, error) {
	t, err := w.app.openTrial(ctx, entry{spec: job.Spec, run: job.Run, known: true})
	if ctx.Err() != nil {
		return w.giveBack(job)
	}
	if err != nil {
		return job.Run, err
	}
	from, passed, err := lastCheckpoint(w.store, job.Run.ID)
	if err != nil {
		return job.Run, err
	}
	at := event{Place: job.Place, Run: job.Run.ID}
	if passed != "" {
		at.Kind, at.Text = warning, passed
		w.tell(at)
	}
	at.Kind = going
	var told time.Time
	progress := func(p trial.Progress) {
		if now := time.Now(); now.Sub(told) > pollSweep {
			told, at.Part, at.Text = now, p.Part, progressText(p)
			w.tell(at)
		}
	}
	record := func(r run.Record) { w.measured(job.Run.ID, r) }
	return conduct(ctx, t, from, sink{store: w.store, lease: job.Lease, record: record, progress: progress, log: w.app.records.of(w.sweep, job.Place)})
}

// giveBack ends a lease before anything was done with it.
func (w *worker) giveBack(job store.Job) (store.Run, error) {
	if err := w.store.End(job.Lease, run.Stopped, "stopped before it began"); err != nil {
		return job.Run, err
	}
	return w.store.Find(job.Run.ID)
}

// whileActive returns a context that ends with ctx, or when the sweep is no longer active.
func (w *worker) whileActive(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		for ctx.Err() == nil {
			state, err := w.store.State(w.sweep.ID)
			if w.heard(err); err == nil && state != store.Active {
				cancel()
			}
			sleep(ctx, w.poll)
		}
	}()
	return ctx, func() { cancel(); <-over }
}
