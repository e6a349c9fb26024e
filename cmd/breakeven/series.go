package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/trial"

	"github.com/spf13/cobra"
)

// A series is a list of specs to be run one after the other.
type series struct {
	name   string // of the whole, for its progress
	specs  []run.Spec
	again  bool   // run anew what has ended already
	absent bool   // leave out trials whose files are not there, unless those of all are missing
	resume string // the command that goes on with it
}

// seedsFlag says how many seeds each setting has.
func seedsFlag(c *cobra.Command) *int {
	return c.Flags().Int("seeds", 1, "runs of each setting, with the seeds from --seed on")
}

// seriesFlags say what is done with specs besides running those that are not there.
func seriesFlags(c *cobra.Command) (again, dry *bool) {
	again = c.Flags().Bool("again", false, "of several runs, begin those anew that are there")
	dry = c.Flags().Bool("dry-run", false, "print the plan and the full spec, and do nothing")
	return again, dry
}

// finish runs a series with its progress and returns the runs. If the user stops it, it says how
// to go on, and returns no runs.
func (a *app) finish(s *store.Store, l series) ([]store.Run, error) {
	v := a.newView()
	ctx, cancel := a.interruptible(v)
	runs, err := a.runSeries(ctx, s, v, l)
	cancel()
	v.close()
	if err != nil {
		return nil, err
	}
	if last := runs[len(runs)-1]; last.Status.Resumable() {
		return nil, a.studyStopped(last, l.resume)
	}
	return runs, nil
}

// runSeries brings the run of every spec to its end and returns the runs. A run
// that the store has finished is taken as it is, one that it has begun goes on. If
// the user stops it, the last run that it returns can be resumed. Before the first
// trial begins it is known that every one can be opened and has room in memory.
func (a *app) runSeries(ctx context.Context, s *store.Store, v *view, l series) ([]store.Run, error) {
	entries, err := a.planSeries(ctx, s, l)
	if err != nil {
		return nil, err
	}
	total, begun := 0.0, 0.0
	for _, e := range entries {
		total += e.work
		begun += e.begun()
	}
	if total == 0 {
		return a.runEntries(ctx, s, v, entries, nil, total)
	}
	whole := v.meter(l.name, begun/total)
	runs, err := a.runEntries(ctx, s, v, entries, whole, total)
	whole.end(err == nil && !runs[len(runs)-1].Status.Resumable())
	return runs, err
}

// runEntries runs what is left of the entries, whose work is total, until one is
// stopped. Those that another process works on come last: by then it may have ended them.
func (a *app) runEntries(ctx context.Context, s *store.Store, v *view, entries []entry, whole *meter, total float64) ([]store.Run, error) {
	runs := make([]store.Run, len(entries))
	done, before := 0.0, run.Spec{}
	var elsewhere []int
	attempt := func(i int) (stopped bool, err error) {
		e := entries[i]
		runs[i], err = a.runEntry(ctx, s, v, e, whole.share(e.place, done/total, (done+e.work)/total), before)
		if err != nil || runs[i].Status.Resumable() {
			return true, err
		}
		done += e.work
		before = e.spec
		return false, nil
	}
	for i, e := range entries {
		if e.work == 0 {
			fmt.Fprintf(v.lines, "%s, run %s is %s already (--again runs it anew)\n", e.title, e.run.ID, e.run.Status)
			runs[i] = e.run
			continue
		}
		stopped, err := attempt(i)
		switch {
		case errors.Is(err, store.ErrHeld):
			elsewhere = append(elsewhere, i)
		case err != nil:
			return nil, err
		case stopped:
			return runs[:i+1], nil
		}
	}
	for _, i := range elsewhere {
		if err := a.await(ctx, s, v, entries[i]); err != nil {
			return nil, err
		}
		if stopped, err := attempt(i); err != nil || stopped {
			return append(runs[:i:i], runs[i]), err
		}
	}
	return runs, nil
}

// await waits until no other process works on the run of an entry, or until ctx ends.
func (a *app) await(ctx context.Context, s *store.Store, v *view, e entry) error {
	for told := false; ; {
		if err := e.find(s); err != nil || !e.run.Working {
			return err
		}
		if !told {
			fmt.Fprintf(v.lines, "\n%s, run %s: waiting for process %d, which works on it\n", e.title, e.run.ID, e.run.PID)
			told = true
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// openTrial opens the trial of an entry, and refuses it if there is no room for it.
func (a *app) openTrial(ctx context.Context, e entry) (trial.Job, error) {
	if err := checkReading(e.spec, a.memory); err != nil {
		return nil, err
	}
	env, err := a.env(e.spec, e.known && e.run.Checkpoint >= 0)
	if err != nil {
		return nil, err
	}
	t, err := trial.Open(ctx, e.spec, env)
	if err != nil {
		return nil, err
	}
	return t, a.checkJob(t)
}

// runEntry brings one run to its end, and fails with store.ErrHeld if another process works on it.
// It shows the plan unless the trial before it was of the same network and data.
func (a *app) runEntry(ctx context.Context, s *store.Store, v *view, e entry, part *meter, before run.Spec) (store.Run, error) {
	if err := e.find(s); err != nil {
		return e.run, err
	}
	if e.run.Working {
		return e.run, underWay(e.run)
	}
	t, err := a.openTrial(ctx, e)
	if err != nil {
		return e.run, fmt.Errorf("%s: %w", e.title, err)
	}
	r, l, err := s.Claim(e.spec, origin(), e.again)
	if err != nil || !r.Status.Resumable() {
		return r, err
	}
	if e.spec.Model != before.Model || e.spec.Data != before.Data {
		a.showPlan(v, planOf(t), before.Model != "")
	}
	from, warning, err := lastCheckpoint(s, r.ID)
	if err != nil {
		return r, errors.Join(fmt.Errorf("%w, or name another --store", err), s.End(l, run.Stopped, ""))
	}
	if warning != "" {
		a.warn(warning)
	}
	fmt.Fprintf(v.lines, "\n%s, run %s%s\n", e.title, r.ID, either(from == nil, "", ", goes on "+placeText(from)))
	return a.drive(ctx, s, l, t, from, &runView{meter: part, table: liveByStep(v.lines), after: r.LastStep})
}

// showPlan prints the plan of a trial, or its warnings alone if no progress is shown.
func (a *app) showPlan(v *view, p plan, more bool) {
	if a.json || a.quiet {
		for _, warning := range p.Warnings {
			a.warn(warning)
		}
		return
	}
	if more {
		fmt.Fprintln(v.lines)
	}
	p.write(v.lines)
}
