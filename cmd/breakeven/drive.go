package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"breakeven/internal/fault"
	"breakeven/internal/garbage"
	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/tensor"
	"breakeven/trial"
)

// A sink writes what a trial produces into a store and shows it.
type sink struct {
	store    *store.Store
	lease    store.Lease
	record   func(run.Record)
	progress func(trial.Progress)
	log      *recordLog
	after    int // step of the last record that was there before
}

func (s sink) Save(r *run.Record, c *run.Checkpoint) error {
	if err := s.store.Save(s.lease, r, c); err != nil {
		return err
	}
	if r != nil {
		s.record(*r)
	}
	if r != nil && r.Step > s.after {
		s.log.record(s.lease.Run, *r)
	}
	return nil
}

func (s sink) Progress(p trial.Progress) {
	_ = fault.At("doing " + p.Doing) // where tests interrupt
	s.progress(p)
}

// openStore opens the store for writing, and says what was found there.
func (a *app) openStore() (*store.Store, error) {
	s, err := store.Open(a.store)
	if err != nil {
		return nil, err
	}
	for _, note := range s.Notes() {
		a.warn(note)
	}
	return s, nil
}

// warn says something that is no progress and no result.
func (a *app) warn(text string) { fmt.Fprintln(a.stderr, "warning: "+flat(text)) }

// drive runs a trial from a checkpoint, or from the beginning, shows it, and gives the run back with
// its status. It returns what the store then knows of the run.
func (a *app) drive(ctx context.Context, s *store.Store, l store.Lease, t trial.Job, from *run.Checkpoint, view *runView) (store.Run, error) {
	r, err := conduct(ctx, t, from, sink{store: s, lease: l, record: view.record, progress: view.progress, log: a.records})
	view.meter.end(err == nil && r.Status != run.Stopped)
	if err != nil && !errors.Is(err, store.ErrLost) {
		err = fmt.Errorf("%w; what was saved is kept, go on with: %s", err, a.resumeLine(l.Run))
	}
	return r, err
}

// conduct runs a trial and gives its run back: with the status that it came to, or stopped where there
// is an error.
func conduct(ctx context.Context, t trial.Job, from *run.Checkpoint, to sink) (r store.Run, err error) {
	if to.after, err = to.log.begin(to.store, to.lease.Run, from); err != nil {
		return r, err
	}
	defer func() { to.log.end(to.lease.Run, r, err) }()
	restore := garbage.Limit(garbage.Running)
	end, err := t.Run(ctx, from, 0, to)
	restore()
	switch {
	case errors.Is(err, store.ErrLost):
		return store.Run{}, err
	case err != nil:
		_ = to.store.End(to.lease, run.Stopped, flat(err.Error())) // if that fails too, the run counts as killed
		return store.Run{}, err
	}
	if err := to.store.End(to.lease, end.Status, end.Message); err != nil {
		return store.Run{}, err
	}
	return to.store.Find(to.lease.Run)
}

// underWay is the error of a run that another process works on.
func underWay(r store.Run) error { return fmt.Errorf("run %s: %w (%d)", r.ID, store.ErrHeld, r.PID) }

// lastCheckpoint returns the place to go on from; nil is the beginning. The
// warning is empty unless a newer checkpoint had to be passed over.
func lastCheckpoint(s *store.Store, id string) (from *run.Checkpoint, warning string, err error) {
	c, passed, err := s.Checkpoint(id)
	switch {
	case errors.Is(err, store.ErrNoCheckpoint):
		return nil, "", nil
	case errors.Is(err, store.ErrDamaged):
		return nil, "", fmt.Errorf("%w; without a checkpoint the run cannot go on, begin another one with `breakeven run`", err)
	case err != nil:
		return nil, "", err
	case passed != nil:
		warning = fmt.Sprintf("the last checkpoint is not whole (%s): going on from the one of step %d, to the same bits", flat(passed.Error()), c.Step)
	}
	return &c, warning, nil
}

// placeText says where a run goes on.
func placeText(from *run.Checkpoint) string {
	if from == nil {
		return "from the beginning"
	}
	return fmt.Sprintf("from the checkpoint of step %d", from.Step)
}

// resumeLine is the command that goes on with a run.
func (a *app) resumeLine(id string) string {
	line := "breakeven resume " + id
	if a.store != store.DefaultDir {
		line += " --store " + shellWord(a.store)
	}
	if a.dataDir != "" {
		line += " --data-dir " + shellWord(a.dataDir)
	}
	return line
}

// shellWord quotes s if a shell would take it for more than one word.
func shellWord(s string) string {
	for _, r := range s {
		plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !plain && r != '/' && r != '.' && r != '-' && r != '_' && r != '~' && r != ':' && r != ',' && r != '\\' {
			return strconv.Quote(s)
		}
	}
	return s
}

// origin says what makes a run.
func origin() store.Origin {
	return store.Origin{Program: versionOf().Version, ISA: tensor.ISA(), Numerics: trial.Numerics}
}
