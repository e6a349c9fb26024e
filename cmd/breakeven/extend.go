package main

import (
	"context"
	"fmt"
	"slices"

	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/trial"
)

// extendable are the fields that a run may be gone on with other values of.
var extendable = []string{"epochs", "steps", "until"}

// extend makes of a run of the store one that goes further, with its records and its last
// checkpoint so far, and runs that. It is the run that one of these settings would have
// been from the beginning.
func (a *app) extend(flags *specFlags, name string, dry bool) error {
	for _, f := range flags.fields {
		if flags.isGiven(f.Name) && !slices.Contains(extendable, f.Name) {
			return usagef("--extend: only --epochs, --steps and --until can change, and --%s is given", f.FlagName())
		}
	}
	s, err := a.openStore()
	if err != nil {
		return err
	}
	defer s.Close()
	before, err := s.Find(name)
	if err != nil {
		return err
	}
	spec, err := flags.apply(before.Spec)
	if err != nil {
		return err
	}
	if why := wholeOnly(before.Spec); why != "" {
		return usagef("--extend: %s", why)
	}
	if err := checkArithmetic(before); err != nil {
		return err
	}
	env, err := a.env(spec, before.Checkpoint >= 0)
	if err != nil {
		return err
	}
	t, err := trial.Open(context.Background(), spec, env)
	if err != nil {
		return err
	}
	p := t.Plan()
	if p.Steps <= max(0, before.LastStep) {
		return usagef("--extend: run %s has come to step %d already; ask for more than its %d steps by --epochs or --steps", before.ID, before.LastStep, p.Steps)
	}
	if err := a.checkJob(t); err != nil {
		return err
	}
	if dry {
		return a.printPlan(t)
	}
	return a.extended(s, before, t)
}

// wholeOnly says why a run of a spec that is to have more steps is another one from its first step on; ""
// if it is not.
func wholeOnly(s run.Spec) string {
	const another = ": the longer run is another one from its first step on"
	switch {
	case s.Kind != "descent":
		return "a run of kind " + s.Kind + " trains nothing that could go on"
	case s.Schedule != "constant":
		return "the schedule " + s.Schedule + " depends on how many steps there are in all" + another
	case s.Overhead > 0:
		return "when a run with an overhead measures depends on how many steps there are in all" + another
	case s.Text("gamma") != "":
		return "the weight (t/T)^gamma of predicted labels depends on how many steps there are in all" + another
	}
	return ""
}

// extended makes the longer run and brings it to its end.
func (a *app) extended(s *store.Store, before store.Run, t trial.Job) error {
	l, from, err := prolong(s, before, t.Plan())
	if err != nil {
		return err
	}
	plan := planOf(t)
	if from != nil {
		plan.Start = fmt.Sprintf("from step %d of run %s", from.Step, before.ID)
	}
	return a.carryOut(s, l, t, plan, from)
}

// prolong begins the run of a plan with the records of a shorter one up to a checkpoint of that, which it
// returns; nil is the beginning.
func prolong(s *store.Store, before store.Run, p trial.Plan) (l store.Lease, from *run.Checkpoint, err error) {
	every := p.Spec.Every
	if every == 0 {
		every = p.PerEpoch
	}
	// What was measured at the end alone would not have been measured on the way.
	due, ok, err := dueCheckpoint(s, before, every)
	if err != nil {
		return l, nil, err
	}
	if l, err = s.Begin(p.Spec, origin()); err != nil || !ok {
		return l, nil, err
	}
	records, err := s.Records(before.ID)
	if err != nil {
		return l, nil, err
	}
	for _, rec := range records {
		if rec.Step > due.Step || rec.Step%every != 0 {
			continue
		}
		var checkpoint *run.Checkpoint
		if rec.Step == due.Step {
			checkpoint = &due
		}
		if err := s.Save(l, &rec, checkpoint); err != nil {
			return l, nil, err
		}
	}
	return l, &due, nil
}

// dueCheckpoint returns the newest stored checkpoint of a run that was saved with a
// measurement which belongs to every so many steps, and whether there is one.
func dueCheckpoint(s *store.Store, r store.Run, every int) (c run.Checkpoint, ok bool, err error) {
	for step := r.Checkpoint; step >= 0; step = c.Step - 1 {
		if c, ok, err = s.CheckpointUpTo(r.ID, step); err != nil || !ok {
			return c, false, err
		}
		if c.Step%every == 0 && trial.Measured(c) {
			return trial.Unended(c), true, nil
		}
	}
	return c, false, nil
}
