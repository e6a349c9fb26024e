package main

import (
	"context"
	"fmt"
	"math"

	"breakeven/internal/digits"
	"breakeven/run"
)

// halvingPlan prints what a halving would run, and what that costs.
func (a *app) halvingPlan(specs []run.Spec, h halving) error {
	p := a.newPlanner()
	if err := p.completeAll(specs); err != nil {
		return err
	}
	j := halvingJSON{By: h.by}
	t := &table{head: []string{"rung", "trials", "steps of each", "work"}}
	for i, r := range h.rungs(len(specs)) {
		one := rungJSON{Trials: r.trials, Least: math.MaxInt}
		for _, s := range specs {
			e, err := p.complete(context.Background(), entry{spec: shorter(s, r.share)})
			if err != nil {
				return err
			}
			share := 1.0 // that is new
			if i > 0 && wholeOnly(s) == "" {
				share -= 1 / float64(h.factor)
			}
			one.Least, one.Most = min(one.Least, e.steps), max(one.Most, e.steps)
			one.Work += share * e.work * float64(r.trials) / float64(len(specs))
			if r.share == 1 {
				j.Whole += e.work
			}
		}
		j.Rungs = append(j.Rungs, one)
		j.Work += one.Work
		steps := digits.Thousands(one.Least)
		if one.Most > one.Least {
			steps += " to " + digits.Thousands(one.Most)
		}
		t.add(fmt.Sprint(i+1), digits.Thousands(r.trials), steps, workText(one.Work))
	}
	if a.json {
		return printJSON(a.stdout, j)
	}
	if err := t.write(a.stdout); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.stdout, "\n%s, of which the best by %s go on; work %s, all of them to their end %s\nwork: about, in gradients of an example\n",
		countText(len(specs), "trial"), h.by, workText(j.Work), workText(j.Whole))
	return err
}

// A halvingJSON is what a halving would run, as JSON.
type halvingJSON struct {
	By    string     `json:"by"`
	Rungs []rungJSON `json:"rungs"`
	Work  float64    `json:"work"`  // about: gradients of an example
	Whole float64    `json:"whole"` // of all trials to their end
}

// A rungJSON is one of them.
type rungJSON struct {
	Trials int     `json:"trials"`
	Least  int     `json:"least_steps"`
	Most   int     `json:"most_steps"`
	Work   float64 `json:"work"`
}
