package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/trial"

	"github.com/spf13/cobra"
)

func (a *app) workerCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "worker [SWEEP]",
		GroupID: "do",
		Short:   "Help with a sweep that another process has begun",
		Long: `Runs trials of a sweep, one after the other, until none is left to be taken and
none is under way elsewhere. Any number of workers share a sweep, beside the
ones of ` + "`breakeven sweep`" + ` itself. SWEEP is the ID that ` + "`breakeven sweep status`" + `
shows, the beginning of it, or "last", which is the default.

Ctrl-C stops a worker after a checkpoint, and gives its trial back. So does
` + "`breakeven sweep pause`" + `.`,
		Example:           aSweep + "  breakeven worker last",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.completeSweeps,
	}
	a.storeFlag(c)
	a.dataFlag(c)
	a.memoryFlag(c)
	a.keyFlag(c)
	a.quietFlag(c)
	piped := c.Flags().Bool("piped", false, "print what happens as JSON, a line for each event, and stop at the end of standard input")
	_ = c.Flags().MarkHidden("piped") // for `breakeven sweep`
	c.RunE = func(_ *cobra.Command, args []string) error {
		s, w, err := a.openSweep(args)
		if err != nil {
			return err
		}
		defer s.Close()
		if *piped {
			return a.workPiped(s, w)
		}
		return a.workAlone(s, w)
	}
	return c
}

// workPiped works for another process, which reads what happens.
func (a *app) workPiped(s *store.Store, w store.Sweep) error {
	signal.Ignore(os.Interrupt) // Ctrl-C reaches the other process too, which stops this one
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, a.stdin)
		cancel() // the other process has ended, or wants this one to stop
	}()
	out := json.NewEncoder(a.stdout)
	return worker{a, s, w, func(e event) { _ = out.Encode(e) }}.work(ctx)
}

// workAlone works for its user.
func (a *app) workAlone(s *store.Store, w store.Sweep) error {
	v := a.newView()
	ctx, cancel := a.interruptible(v)
	m := v.meter("worker", 0)
	err := worker{a, s, w, func(e event) {
		if e.Kind == going {
			m.set(e.Part, e.title(w)+": "+e.Text)
			return
		}
		e.print(v.lines, w, "")
	}}.work(ctx)
	cancel()
	m.end(err == nil)
	v.close()
	if err == nil {
		_, err = fmt.Fprintf(a.stdout, "sweep %s: no trial is left to be taken here; see: breakeven sweep status %s%s\n", w.ID, w.ID, a.storeWords())
	}
	return err
}

// A worker runs trials of a sweep.
type worker struct {
	app   *app
	store *store.Store
	sweep store.Sweep
	tell  func(event) // of what happens
}

// pollSweep is how often a worker asks whether its sweep goes on, and an idle one for a trial.
const pollSweep = 300 * time.Millisecond

// work runs trials until none is left to be taken and none is under way elsewhere, or until ctx ends.
func (w worker) work(ctx context.Context) error {
	for ctx.Err() == nil {
		job, underway, err := w.store.Next(w.sweep.ID, origin())
		if err == nil {
			err = w.perform(ctx, job)
		}
		switch {
		case errors.Is(err, store.ErrNone) && underway == 0:
			return nil
		case errors.Is(err, store.ErrNone):
			sleep(ctx, pollSweep)
		case err != nil:
			w.tell(event{Kind: givingUp, Text: flat(err.Error())})
			return err
		}
	}
	return nil
}

// sleep waits, but not beyond the end of ctx.
func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// perform runs a trial that was taken. Its error is that of the worker: a trial's own is noted.
func (w worker) perform(ctx context.Context, job store.Job) error {
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
		return err
	default:
		e.Kind = failed
		_ = w.store.End(job.Lease, run.Stopped, e.Text) // unless that is done
		if err := w.store.Failed(w.sweep.ID, job.Place, origin(), e.Text); err != nil {
			return err
		}
	}
	w.tell(e)
	return nil
}

// ofStore reports whether an error is none of a trial, and would meet the next one too.
func ofStore(err error) bool {
	for _, is := range []error{store.ErrFull, store.ErrLocked, store.ErrUnreachable, store.ErrNewer, store.ErrNoSweep} {
		if errors.Is(err, is) {
			return true
		}
	}
	return false
}

// run brings a trial to its end, or to that of ctx.
func (w worker) run(ctx context.Context, job store.Job) (store.Run, error) {
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
	return conduct(ctx, t, from, sink{w.store, job.Lease, func(run.Record) {}, progress})
}

// giveBack ends a lease before anything was done with it.
func (w worker) giveBack(job store.Job) (store.Run, error) {
	if err := w.store.End(job.Lease, run.Stopped, "stopped before it began"); err != nil {
		return job.Run, err
	}
	return w.store.Find(job.Run.ID)
}

// whileActive returns a context that ends with ctx, or when the sweep is no longer active.
func (w worker) whileActive(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		for ctx.Err() == nil {
			if state, err := w.store.State(w.sweep.ID); err == nil && state != store.Active {
				cancel()
			}
			sleep(ctx, pollSweep)
		}
	}()
	return ctx, func() { cancel(); <-over }
}
