package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/internal/store"
	"breakeven/probe"
	"breakeven/run"
)

// A halving is a search: all trials are run for a short time, and the best part of them for longer, until
// few are run to their end (successive halving; Jamieson and Talwalkar 2016, Algorithm 1). A rung is a
// sweep of trials of one length. Who goes on begins with the records and the checkpoint of its shorter run.
type halving struct {
	factor int    // one of so many goes on, for so many times as long; 0: no halving
	by     string // the key that decides, by its last value
}

// A rung is one length of the trials of a halving.
type rung struct {
	trials int
	share  float64 // of all steps
}

// rungs returns the rungs of a halving of n trials: the last one has the whole length.
func (h halving) rungs(n int) (list []rung) {
	for count := n; ; count = h.kept(count) {
		list = append(list, rung{trials: count})
		if count < h.factor {
			break
		}
	}
	share := 1.0
	for i := range list {
		list[len(list)-1-i].share = share
		share /= float64(h.factor)
	}
	return list
}

// kept is how many of n trials go on.
func (h halving) kept(n int) int { return max(1, n/h.factor) }

// check refuses a halving that cannot be.
func (h halving) check(specs []run.Spec) error {
	if h.factor < 2 {
		return usagef("--halving: must be 2 or more, one of so many goes on, not %d", h.factor)
	}
	for _, s := range specs {
		if s.Kind != "descent" {
			return usagef("--halving: trials of kind %s have no shorter form", s.Kind)
		}
		if s.Steps == 0 && s.Epochs == 0 {
			return usagef("--halving: give the length of the trials by --steps or --epochs")
		}
		measures := func(name string) bool {
			i := slices.IndexFunc(probe.All, func(p probe.Probe) bool { return p.Name == name })
			return i >= 0 && slices.Contains(probe.All[i].KeyNames(), h.by)
		}
		if !slices.ContainsFunc(s.Probes, measures) {
			return usagef("--by: no probe of %s measures %s", strings.Join(s.Probes, ", "), h.by)
		}
	}
	return nil
}

// shorter returns a spec of a share of its length: at least one step, and where they fit whole epochs, or whole times
// between measurements.
func shorter(s run.Spec, share float64) run.Spec {
	if share == 1 {
		return s
	}
	if s.Steps > 0 {
		unit := max(1, s.Every)
		if float64(unit) > share*float64(s.Steps) {
			unit = 1
		}
		s.Steps = unit * max(1, int(math.Round(share*float64(s.Steps)/float64(unit))))
		return s
	}
	if s.Epochs *= share; s.Epochs > 1 {
		s.Epochs = math.Round(s.Epochs)
	}
	return s
}

// A climb is a halving at work.
type climb struct {
	app   *app
	how   halving
	store *store.Store
	plans *planner
	specs []run.Spec  // whole, in the order of the trials
	runs  []store.Run // the longest of each trial
	left  []int       // trials that are in it
}

// halve runs a halving, and reports it.
func (a *app) halve(title string, specs []run.Spec, how *sweepFlags) error {
	p := a.newPlanner()
	if err := p.completeAll(specs); err != nil {
		return err
	}
	s, err := a.openStore()
	if err != nil {
		return err
	}
	defer s.Close()
	c := &climb{app: a, how: how.halving, store: s, plans: p, specs: specs, runs: make([]store.Run, len(specs))}
	for i := range specs {
		c.left = append(c.left, i)
	}
	if i := slices.IndexFunc(specs, func(s run.Spec) bool { return wholeOnly(s) != "" }); i >= 0 {
		a.warn("who goes on begins anew: " + wholeOnly(specs[i]))
	}
	rungs := how.halving.rungs(len(specs))
	var w store.Sweep
	for i, r := range rungs {
		if i > 0 {
			if err := c.choose(r.trials); err != nil {
				return err
			}
		}
		name := fmt.Sprintf("%s, rung %d of %d", title, i+1, len(rungs))
		if w, err = c.run(name, r, how); err != nil || w.ID == "" {
			return err
		}
	}
	if err := c.choose(1); err != nil {
		return err
	}
	return a.sweepOutcome(s, store.Sweep{ID: w.ID, Title: title}, c.runs, how)
}

// run brings the trials of a rung to their end. If it is stopped, the sweep that it returns has no ID.
func (c *climb) run(title string, r rung, how *sweepFlags) (w store.Sweep, err error) {
	var list []run.Spec
	for _, i := range c.left {
		spec := shorter(c.specs[i], r.share)
		if c.runs[i].ID != "" && wholeOnly(spec) == "" {
			if err := c.goOn(c.runs[i], spec); err != nil {
				return w, err
			}
		}
		list = append(list, spec)
	}
	if w, err = c.store.Submit(title, how.retries, origin(), list); err != nil {
		return w, err
	}
	runs, err := c.app.sweepRuns(c.store, w, c.plans, how.workers, c.app.typed())
	if err != nil || runs == nil {
		return store.Sweep{}, err
	}
	for k, i := range c.left {
		c.runs[i] = runs[k]
	}
	return w, nil
}

// goOn begins the run of a longer spec where a shorter one ended, unless there is one.
func (c *climb) goOn(before store.Run, spec run.Spec) error {
	there, err := c.store.WithSpec(spec)
	if err != nil || slices.ContainsFunc(there, origin().SameArithmetic) || !origin().SameArithmetic(before) || before.Status != run.Finished {
		return err
	}
	t, err := c.app.openTrial(context.Background(), entry{spec: spec, run: before, known: true})
	if err != nil {
		return err
	}
	l, from, err := prolong(c.store, before, t.Plan())
	if err != nil {
		return err
	}
	return c.store.End(l, run.Stopped, "goes on "+placeText(from)+" of run "+before.ID)
}

// choose leaves the best n trials in it, and says which.
func (c *climb) choose(n int) error {
	values := make([]float64, len(c.runs))
	for _, i := range c.left {
		var err error
		if values[i], err = c.value(c.runs[i]); err != nil {
			return err
		}
	}
	order := c.how.ranked(c.left, values)
	c.left = slices.Clone(order[:n])
	if !c.app.json {
		labels := labelsOf(c.specs)
		for _, i := range order[:n] {
			fmt.Fprintf(c.app.stdout, "%s: %s, %s %s\n", either(n == 1 && c.runs[i].Spec.ID() == c.specs[i].ID(), "best", "goes on"), labels[i], c.how.by, num(values[i]))
		}
	}
	slices.Sort(c.left)
	return nil
}

// value returns the last value of the key that decides; NaN if there is none, or the run diverged.
func (c *climb) value(r store.Run) (float64, error) {
	records, err := c.store.RecordsAfter(r.ID, r.LastStep-1)
	if err != nil || len(records) == 0 || r.Status != run.Finished {
		return math.NaN(), err
	}
	if v, ok := records[0].Get(c.how.by); ok {
		return v.Value, nil
	}
	return math.NaN(), nil
}

// ranked returns trials with the best one first, by their values: the largest accuracy, or the least of
// anything else. Those without a value come last, and equal ones in their order.
func (h halving) ranked(trials []int, values []float64) []int {
	key := func(i int) float64 {
		switch x := values[i]; {
		case math.IsNaN(x):
			return math.Inf(1)
		case strings.HasSuffix(h.by, "accuracy"):
			return -x
		default:
			return x
		}
	}
	trials = slices.Clone(trials)
	slices.SortStableFunc(trials, func(i, j int) int { return cmp.Compare(key(i), key(j)) })
	return trials
}
