package main

import (
	"context"
	"errors"
	"fmt"

	"breakeven/internal/digits"
	"breakeven/internal/store"
	"breakeven/run"
)

// A sweepPlanJSON is what a sweep would run, as JSON.
type sweepPlanJSON struct {
	Trials     []plannedJSON `json:"trials"`
	Left       int           `json:"left"`       // trials that have not ended
	Steps      int           `json:"steps"`      // of these
	Work       float64       `json:"work"`       // of these
	Workers    int           `json:"workers"`    // at a time
	Processors int           `json:"processors"` // of each
}

// A plannedJSON is a trial that a sweep would run.
type plannedJSON struct {
	Run    string   `json:"run"`
	Status string   `json:"status"` // what the store knows of it; new: nothing
	Steps  int      `json:"steps"`
	Work   float64  `json:"work"`   // about: gradients of an example, or multiplications if nothing is trained
	Memory int64    `json:"memory"` // bytes
	Spec   run.Spec `json:"spec"`
}

// sweepPlan prints what a sweep would run: the trials, and what they cost.
func (a *app) sweepPlan(specs []run.Spec, how *sweepFlags) error {
	c, err := a.dryCrew(specs, how.workers)
	if err != nil {
		return err
	}
	j := sweepPlanJSON{Left: c.left, Workers: c.size, Processors: c.cores}
	t := &table{head: []string{"trial", "setting", "run", "status", "steps", "work", "memory"}}
	labels := c.labels()
	for i, e := range c.trials {
		one := plannedJSON{e.spec.ID(), "new", e.steps, e.work, e.memory + programMemory, e.spec}
		if e.known {
			one.Run, one.Status = e.run.ID, stateText(e.run)
		}
		if e.open() {
			j.Steps += e.steps
			j.Work += e.work
		}
		j.Trials = append(j.Trials, one)
		t.add(fmt.Sprint(i+1), labels[i], one.Run, one.Status, digits.Thousands(one.Steps), workText(one.Work), bytesText(one.Memory))
	}
	if a.json {
		return printJSON(a.stdout, j)
	}
	if err := t.write(a.stdout); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "\n%d of %s left: %s steps, work %s; %s\nwork: about, in gradients of an example, or in multiplications if nothing is trained\n",
		c.left, countText(len(specs), "trial"), digits.Thousands(j.Steps), workText(j.Work), c.text())
	return err
}

func workText(work float64) string { return digits.Significant(work, 3) }

// dryCrew is newCrew for trials of which no sweep has been made.
func (a *app) dryCrew(specs []run.Spec, workers int) (*crew, error) {
	s, err := store.OpenReader(a.store)
	if err != nil && !errors.Is(err, store.ErrNoStore) {
		return nil, err
	}
	if err == nil {
		defer s.Close()
	}
	c, p := &crew{app: a}, a.newPlanner()
	for i, spec := range specs {
		e, err := p.complete(context.Background(), entry{spec: spec})
		if err != nil {
			return nil, fmt.Errorf("trial %d of %d: %w", i+1, len(specs), err)
		}
		if s != nil {
			if err := e.find(s); err != nil {
				return nil, err
			}
		}
		if e.open() {
			c.left++
		}
		c.trials = append(c.trials, e)
	}
	return c, c.plan(workers)
}
