package main

import (
	"context"
	"fmt"
	"slices"

	"breakeven/run"
)

// A planner finds out what trials cost. It opens one of each size.
type planner struct {
	app      *app
	opened   map[string]entry
	warnings []string // of all of them, each once
}

func (a *app) newPlanner() *planner { return &planner{app: a, opened: map[string]entry{}} }

// sizeless are fields that decide nothing of what a trial needs.
var sizeless = []string{"lr", "momentum", "schedule", "warmup", "weight_decay", "decay", "clip", "until", "seed"}

// complete returns an entry with the digests of its files in its spec, and with what its trial costs.
// It fails if the trial cannot be opened here, or has no room in memory.
func (p *planner) complete(ctx context.Context, e entry) (entry, error) {
	like := copied(e.spec, run.Default()).String()
	ready, ok := p.opened[like]
	if !ok {
		var err error
		if ready, err = p.app.check(ctx, e); err != nil {
			return e, err
		}
		p.opened[like] = ready
		for _, text := range ready.warnings {
			if !slices.Contains(p.warnings, text) {
				p.warnings = append(p.warnings, text)
			}
		}
	}
	e.spec, e.amount = copied(ready.spec, e.spec), ready.amount
	return e, nil
}

// completeAll completes the specs of trials that are not begun, in their places.
func (p *planner) completeAll(specs []run.Spec) error {
	for i := range specs {
		e, err := p.complete(context.Background(), entry{spec: specs[i]})
		if err != nil {
			return fmt.Errorf("trial %d of %d: %w", i+1, len(specs), err)
		}
		specs[i] = e.spec
	}
	return nil
}

// copied returns a spec with the sizeless fields of another one.
func copied(to, from run.Spec) run.Spec {
	for _, name := range sizeless {
		f, _ := run.LookupField(name)
		f.Set(&to, f.Value(from))
	}
	return to
}
