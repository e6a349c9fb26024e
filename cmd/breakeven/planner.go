package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"breakeven/run"
)

// A planner finds out what trials cost. It opens one of each size.
type planner struct {
	app      *app
	opened   map[string]entry
	warnings []string // of all of them, each once
	left     []leftOut
}

// A leftOut says how many trials of one subject are left out, and why.
type leftOut struct {
	subject string
	trials  int
	why     error
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

// absent notes that a trial is left out if err says that its files are not there.
func (p *planner) absent(s run.Spec, err error) bool {
	if !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	at := slices.IndexFunc(p.left, func(l leftOut) bool { return l.subject == subjectOf(s) })
	if at < 0 {
		p.left, at = append(p.left, leftOut{subject: subjectOf(s), why: err}), len(p.left)
	}
	p.left[at].trials++
	return true
}

// tellAbsent tells the user what is left out. It fails if nothing else is left.
func (p *planner) tellAbsent(others int) error {
	if others == 0 && len(p.left) > 0 {
		return p.left[0].why
	}
	for _, l := range p.left {
		p.app.warn(fmt.Sprintf("left out: %s of %s: %v%s", plural(l.trials, "trial"), l.subject, l.why, p.app.remedy(l.why)))
	}
	return nil
}

// present completes the specs of trials whose files are there, and leaves out the others.
func (p *planner) present(specs []run.Spec) (list []run.Spec, err error) {
	for i, s := range specs {
		e, err := p.complete(context.Background(), entry{spec: s})
		switch {
		case p.absent(s, err):
		case err != nil:
			return nil, fmt.Errorf("trial %d of %d: %w", i+1, len(specs), err)
		default:
			list = append(list, e.spec)
		}
	}
	return list, p.tellAbsent(len(list))
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
