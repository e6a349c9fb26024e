package main

import (
	"context"
	"errors"
	"fmt"
	"math"

	"breakeven/internal/processors"
	"breakeven/internal/store"
)

// A crew is the workers of a sweep, each a process: whatever happens to one, be it killed for its
// memory, the others and the sweep go on.
type crew struct {
	app   *app
	store *store.Store
	sweep store.Sweep

	trials []entry // by place
	left   int     // trials that have not ended, nor failed for good
	size   int     // workers
	cores  int     // of each
	memory int64   // of each, in bytes; 0: what is free

	view *sweepView
	at   []event // of the trial that each worker is at; Place 0: none
	idle int     // workers in a row that ended badly before they had a trial
}

// newCrew plans a crew for what is left of a sweep.
func (a *app) newCrew(s *store.Store, w store.Sweep, p *planner, workers int) (*crew, error) {
	standings, err := s.Standings(w.ID, origin())
	if err != nil {
		return nil, err
	}
	c := &crew{app: a, store: s, sweep: w}
	for _, t := range standings {
		e := entry{spec: t.Spec, run: t.Run, known: t.Run.ID != ""}
		if e.open() && t.Failures <= w.Retries {
			if e, err = p.complete(context.Background(), e); err != nil {
				return nil, fmt.Errorf("trial %d of %d: %w", t.Place, w.Trials, err)
			}
			c.left++
		}
		c.trials = append(c.trials, e)
	}
	for _, text := range p.warnings {
		a.warn(text)
	}
	return c, c.plan(workers)
}

// plan decides how many workers there are, so many as are asked for or for 0 as suit, and what each of
// them has.
func (c *crew) plan(workers int) error {
	if workers < 0 {
		return usagef("--workers: must be 1 or more, or 0 for as many as suit, not %d", workers)
	}
	need := int64(0)
	for _, e := range c.trials {
		need = max(need, e.memory+programMemory)
	}
	limit, limited, err := c.app.memoryLimit()
	if !limited {
		limit = math.MaxInt64
	}
	c.divide(workers, processors.Now(), need, limit-programMemory) // this process takes some too
	switch {
	case err != nil:
		return err
	case c.size == 1 || !limited:
		c.memory = 0
	case c.memory < need:
		return fmt.Errorf("each of %d workers has %s of memory, and the largest trial needs %s: take fewer --workers", c.size, bytesText(c.memory), bytesText(need))
	}
	return nil
}

// divide divides processors and memory among workers, which need so much of it each.
func (c *crew) divide(workers, cores int, need, limit int64) {
	c.size = workers
	if workers == 0 {
		c.size = int(min(int64(cores), limit/max(1, need)))
	}
	c.size = max(1, min(c.size, c.left))
	c.cores = max(1, cores/c.size)
	c.memory = limit / int64(c.size)
}

// memoryLimit returns what the program and its workers may take in all, and whether that is known.
func (a *app) memoryLimit() (bytes int64, known bool, err error) {
	if a.memory != "" {
		bytes, err := parseSize(a.memory)
		if err != nil {
			return 0, false, usagef("--memory: %w", err)
		}
		return bytes, true, nil
	}
	all, known := systemBound("/")
	return all.bytes, known, nil
}

// A message is an event of one of the workers, or its end.
type message struct {
	worker int
	event  event
	over   bool
	err    error // of its end
}

// work runs what is left of the sweep. It returns nil too if its user stops it.
func (c *crew) work() error {
	if c.left == 0 {
		return nil
	}
	v := c.app.newView()
	c.view = newSweepView(v, c)
	ctx, interrupt := c.app.interruptible(v)
	ctx, dismiss := context.WithCancel(ctx)
	err := c.lead(ctx, dismiss)
	c.view.end(err == nil && ctx.Err() == nil)
	dismiss()
	interrupt()
	v.close()
	return err
}

// lead starts the workers and follows them until all have ended.
func (c *crew) lead(ctx context.Context, dismiss func()) (fault error) {
	messages := make(chan message)
	c.at = make([]event, c.size)
	working := 0
	check := func(err error) {
		if err != nil && fault == nil {
			fault = err
			dismiss()
		}
	}
	hire := func(i int) {
		err := c.hire(ctx, i, messages)
		if err == nil {
			working++
		}
		check(err)
	}
	for i := range c.size {
		hire(i)
	}
	for working > 0 {
		switch r := <-messages; {
		case r.over:
			working--
			if r.err != nil && ctx.Err() == nil {
				check(c.mourn(r))
				if fault == nil {
					hire(r.worker)
				}
			}
		case r.event.Kind == logged:
			c.app.records.write(r.event.Line)
		case r.event.Kind == givingUp:
			check(errors.New(r.event.Text))
		default:
			c.note(r)
		}
	}
	return fault
}

// note takes down what a worker says.
func (c *crew) note(r message) {
	e := r.event
	c.idle = 0
	c.at[r.worker] = e
	if e.Kind == ended || e.Kind == failed || e.Kind == lost {
		c.at[r.worker] = event{}
	}
	c.view.note(r.worker, e)
}

// mourn notes that the trial of a worker that ended badly has failed. Several in a row that had none
// are an error.
func (c *crew) mourn(r message) error {
	e := c.at[r.worker]
	c.at[r.worker] = event{}
	if e.Place == 0 {
		if c.idle++; c.idle > 3 {
			return fmt.Errorf("the processes of the sweep cannot work: %w", r.err)
		}
		return nil
	}
	e.Kind, e.Text = failed, "its process ended: "+flat(r.err.Error())
	c.view.note(r.worker, e)
	return c.store.Failed(c.sweep.ID, e.Place, origin(), e.Text)
}
