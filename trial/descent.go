package trial

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/probe"
	"breakeven/run"
	"breakeven/task"
	"breakeven/train"
)

// A descent is a trial that trains a network: kind "descent".
type descent struct {
	*setting
	batches  task.Batches
	steps    int // parameter updates of the whole run
	perEpoch int
	every    int        // steps between measurements
	times    *timetable // of measurements, in place of every; nil: there is none
	rules    train.Rules
	natural  *train.Natural // nil: gradients are not preconditioned
}

func openDescent(_ context.Context, s run.Spec, env Env) (Job, error) { return newDescent(s, env) }

func newDescent(s run.Spec, env Env) (*descent, error) {
	base, err := newSetting(s, env)
	if err != nil {
		return nil, err
	}
	t := &descent{setting: base}
	if err := t.weights(); err != nil {
		return nil, err
	}
	if !train.Known(s.Method) {
		return nil, fmt.Errorf("unknown method %q: use one of %s", s.Method, strings.Join(train.Names, ", "))
	}
	if _, keys := t.metrics(); s.Until > 0 && !slices.Contains(keys, "accuracy") {
		return nil, fmt.Errorf("until: %s has real targets and so no accuracy that could be reached: leave it out", s.Data)
	}
	if t.batches, err = t.task.Batches(s.Seed, t.spec.Batch); err != nil {
		return nil, err
	}
	t.perEpoch = t.batches.Steps()
	t.steps = s.Steps
	if s.Epochs > 0 {
		t.steps = max(1, int(math.Round(s.Epochs*float64(t.perEpoch))))
	}
	if err := t.preconditioning(); err != nil {
		return nil, err
	}
	t.rules = train.Rules{Decay: s.WeightDecay, Decoupled: s.Decay == "decoupled", Clip: s.Clip}
	if t.rules.Rate, err = train.Schedule(s.Schedule, s.LR, s.Warmup, t.steps); err != nil {
		return nil, err
	}
	t.every = s.Every
	if t.every == 0 {
		t.every = t.perEpoch
	}
	return t, t.budget()
}

// budget makes the timetable of a spec with an overhead.
func (t *descent) budget() (err error) {
	if t.spec.Overhead == 0 {
		return nil
	}
	sizes := t.sizes()
	sizes.Precond = train.PreconditionerBytes(t.net, t.spec.Method, t.natural, t.rules)
	probes := slices.DeleteFunc(slices.Clone(t.probes), func(p probe.Probe) bool { return p.Lacks != nil && p.Lacks(t.net) != "" })
	if t.times, err = newTimetable(probes, sizes, t.steps, t.spec.Overhead); err == nil {
		t.warnings = append(t.warnings, t.times.warnings()...)
	}
	return err
}

// due returns the probes that measure at a step.
func (t *descent) due(step int) []probe.Probe {
	switch {
	case t.times != nil:
		return t.times.at(step)
	case step%t.every == 0 || step == t.steps:
		return t.probes
	}
	return nil
}

// varies reports whether the learning rate does.
func (t *descent) varies() bool { return t.spec.Schedule != "constant" || t.spec.Warmup > 0 }

// Plan returns what the trial will do.
func (t *descent) Plan() Plan {
	return Plan{Spec: t.spec, Steps: t.steps, PerEpoch: t.perEpoch, Train: t.task.Train.Len(), Valid: t.task.Valid.Len(),
		Params: t.net.Dim(), About: t.about(), Warnings: t.warnings}
}
