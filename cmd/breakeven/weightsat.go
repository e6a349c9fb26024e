package main

import (
	"fmt"

	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/trial"
)

// weightsAt returns the weights of a run at a step: those of a checkpoint that is stored,
// or computed again from the checkpoint before it or from the beginning, to the same bits.
func (a *app) weightsAt(s *store.Store, r store.Run, step int) ([]run.Tensor, error) {
	reached := max(r.LastStep, r.Checkpoint)
	switch {
	case step < 0:
		return nil, usagef("a step of training is 0 or more, not %d", step)
	case step > reached:
		return nil, usagef("run %s has come to step %d, not to %d", r.ID, max(0, reached), step)
	}
	c, ok, err := s.CheckpointUpTo(r.ID, step)
	if err != nil {
		return nil, err
	}
	if ok && c.Step == step {
		return c.Weights, nil
	}
	if err := checkArithmetic(r); err != nil {
		return nil, fmt.Errorf("the weights of step %d are not stored, and cannot be computed again here: %w", step, err)
	}
	var from *run.Checkpoint
	if ok {
		from = &c
	}
	env, err := a.env(r.Spec, false)
	if err != nil {
		return nil, err
	}
	v := a.newView()
	ctx, cancel := a.interruptible(v)
	m := v.meter(fmt.Sprintf("step %d, %s", step, placeText(from)), 0)
	tensors, err := trial.Recompute(ctx, r.Spec, env, from, step,
		func(parts []trial.Memory) error { return checkMemory(withGarbage(parts), a.memory, runLevers) },
		func(p trial.Progress) { m.set(p.Part, p.Doing) })
	m.end(err == nil)
	cancel()
	v.close()
	return tensors, err
}
