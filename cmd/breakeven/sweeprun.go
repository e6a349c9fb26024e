package main

import (
	"fmt"

	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/study/catalog"
)

// submit adds a sweep to the store, and runs it.
func (a *app) submit(title string, specs []run.Spec, how *sweepFlags) error {
	p := a.newPlanner()
	if err := p.completeAll(specs); err != nil {
		return err
	}
	s, err := a.openStore()
	if err != nil {
		return err
	}
	defer s.Close()
	w, err := s.Submit(title, how.retries, origin(), specs)
	if err != nil {
		return err
	}
	return a.carrySweep(s, w, p, how)
}

// carrySweep runs what is left of a sweep, and reports it.
func (a *app) carrySweep(s *store.Store, w store.Sweep, p *planner, how *sweepFlags) error {
	resume := "breakeven sweep resume " + w.ID + a.storeWords()
	var runs []store.Run
	var err error
	if how.noWork {
		if err = a.followSweep(s, w); err == nil {
			runs, err = a.sweepResult(s, w, resume+" --no-work")
		}
	} else {
		runs, err = a.sweepRuns(s, w, p, how.workers, resume)
	}
	if err != nil || runs == nil {
		return err
	}
	return a.sweepOutcome(s, w, runs, how)
}

// sweepRuns runs what is left of a sweep and returns the runs of its trials. If it is stopped or paused
// it says how to go on, by the command resume, and returns none. It is an error if a trial fails for
// good.
func (a *app) sweepRuns(s *store.Store, w store.Sweep, p *planner, workers int, resume string) ([]store.Run, error) {
	c, err := a.newCrew(s, w, p, workers)
	if err != nil {
		return nil, err
	}
	if err := c.work(); err != nil {
		return nil, err
	}
	return a.sweepResult(s, w, resume)
}

// sweepResult returns the runs of a sweep, as sweepRuns does when all has been run that can be.
func (a *app) sweepResult(s *store.Store, w store.Sweep, resume string) ([]store.Run, error) {
	standings, err := s.Standings(w.ID, origin())
	if err != nil {
		return nil, err
	}
	var runs []store.Run
	var failed []store.Standing
	elsewhere := 0
	for _, t := range standings {
		switch {
		case t.Ended():
			runs = append(runs, t.Run)
		case t.Failures > w.Retries:
			failed = append(failed, t)
		case t.Run.LastStep >= 0 && t.Run.Origin.ISA != origin().ISA && !t.Run.Working:
			elsewhere++
		}
	}
	switch {
	case len(runs)+len(failed) < len(standings):
		if elsewhere > 0 && !a.otherBits {
			a.warn(fmt.Sprintf("sweep %s%s", w.ID, elsewhereText(elsewhere)))
		}
		return nil, a.sweepStopped(s, w, len(runs), resume)
	case len(failed) > 0:
		a.printFailures(failed)
		return nil, fmt.Errorf("%d of %d trials failed; when the cause is gone: breakeven sweep retry %s%s", len(failed), len(standings), w.ID, a.storeWords())
	}
	return runs, nil
}

// sweepStopped says how to go on.
func (a *app) sweepStopped(s *store.Store, w store.Sweep, ended int, resume string) error {
	state, err := s.State(w.ID)
	if err != nil {
		return err
	}
	word := either(state == store.Active, "stopped", string(state))
	if a.json {
		return printJSON(a.stdout, sweepJSON{ID: w.ID, Title: w.Title, State: word, Trials: w.Trials, Ended: ended, Resume: resume})
	}
	_, err = fmt.Fprintf(a.stdout, "\nsweep %s: %s: %d of %d trials have ended\ngo on with: %s\n", w.ID, word, ended, w.Trials, resume)
	return err
}

// sweepOutcome prints what the runs of a sweep show, and writes the report.
func (a *app) sweepOutcome(s *store.Store, w store.Sweep, runs []store.Run, how *sweepFlags) error {
	p, err := page(s, runs, catalog.Analyze)
	if err != nil {
		return err
	}
	output := how.output
	if output == "" {
		output = w.Title + ".html"
	}
	if output != "none" {
		if err := a.writePage(p, output); err != nil {
			return fmt.Errorf("%w; the trials are kept: the same command with another -o writes it", err)
		}
	}
	if a.json {
		return a.printSeveral(runs, p)
	}
	writeChoice(a.stdout, p.Analysis)
	if output != "none" {
		fmt.Fprintf(a.stdout, "\nreport: %s", output)
	}
	_, err = fmt.Fprintf(a.stdout, "\nmore:   breakeven sweep status %s%s\n", w.ID, a.storeWords())
	return err
}
