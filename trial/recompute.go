package trial

import (
	"context"
	"errors"
	"fmt"

	"breakeven/probe"
	"breakeven/run"
)

// A keeper is a sink that waits for the checkpoint of a step.
type keeper struct {
	step     int
	found    run.Checkpoint
	progress func(Progress)
}

// errFound ends a run whose checkpoint was waited for.
var errFound = errors.New("the step is reached")

func (k *keeper) Save(_ *run.Record, c *run.Checkpoint) error {
	if c == nil || c.Step != k.step {
		return nil
	}
	k.found = *c
	return errFound
}

func (k *keeper) Progress(p Progress) { k.progress(p) }

// Recompute returns the weights that a trial of kind descent has at a step: those of from,
// an earlier checkpoint, or of the beginning if that is nil, trained to the step with
// nothing measured on the way but the loss. They are those of the run to the bit. Fits is
// shown the memory needed before any of it is taken.
func Recompute(ctx context.Context, s run.Spec, env Env, from *run.Checkpoint, step int, fits func([]Memory) error, progress func(Progress)) ([]run.Tensor, error) {
	if from != nil && from.Step == step {
		return from.Weights, nil
	}
	if s.Kind != "descent" {
		return nil, fmt.Errorf("a run of kind %s trains nothing: the weights of its steps are in its files", s.Kind)
	}
	if from != nil {
		next := *from
		next.Meta = nil // so that it does not end there
		from = &next
		env.Begun = true
	}
	j, err := newDescent(s, env)
	if err != nil {
		return nil, err
	}
	// What is measured, and when, changes nothing that training depends on. The schedule is
	// that of the whole run.
	j.probes, j.every, j.times, j.spec.Until, j.steps = []probe.Probe{probe.All[0]}, 1<<40, nil, 0, max(1, step)
	if err := fits(j.Memory()); err != nil {
		return nil, err
	}
	k := &keeper{step: step, progress: progress}
	_, err = j.Run(ctx, from, 0, k)
	switch {
	case errors.Is(err, errFound):
		return k.found.Weights, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, err
	}
	return nil, fmt.Errorf("step %d was not reached", step)
}
