package main

import (
	"fmt"
	"time"

	"breakeven/internal/store"
	"breakeven/run"
)

// A sweepJSON is a sweep as JSON.
type sweepJSON struct {
	ID       string         `json:"id"`
	Title    string         `json:"title"`
	State    string         `json:"state"` // active, paused or cancelled; of a command that was stopped: stopped
	Trials   int            `json:"trials"`
	Ended    int            `json:"ended"`
	Underway int            `json:"under_way,omitempty"`
	Failed   int            `json:"failed,omitempty"` // for good
	Created  time.Time      `json:"created,omitzero"`
	Resume   string         `json:"resume,omitempty"` // the command that goes on with it
	List     []standingJSON `json:"list,omitempty"`
}

// A standingJSON is a trial of a sweep as JSON.
type standingJSON struct {
	Place    int      `json:"place"`
	Run      string   `json:"run,omitempty"`
	Status   string   `json:"status"` // of the run, or waiting, failing or failed
	Step     int      `json:"step"`   // of the last record or checkpoint
	Failures int      `json:"failures,omitempty"`
	Error    string   `json:"error,omitempty"`
	Spec     run.Spec `json:"spec"`
}

// standingText says in a word how a trial stands.
func standingText(t store.Standing, w store.Sweep) string {
	switch {
	case t.Ended(), t.Run.Working:
		return string(t.Run.Status)
	case t.Failures > w.Retries:
		return failed
	case t.Failures > 0:
		return "failing"
	case t.Run.ID == "":
		return "waiting"
	}
	return stateText(t.Run)
}

// sweepCounts returns a sweep with the numbers of its trials.
func sweepCounts(w store.Sweep, n store.Tally) sweepJSON {
	j := sweepJSON{ID: w.ID, Title: w.Title, State: string(w.State), Trials: w.Trials, Created: w.Created, Ended: n.Ended, Underway: n.Underway, Failed: n.Failed}
	if j.Ended+j.Failed == j.Trials {
		j.State = ended
	}
	return j
}

// sweepToJSON returns a sweep with how its trials stand.
func sweepToJSON(w store.Sweep, list []store.Standing) sweepJSON {
	var n store.Tally
	var all []standingJSON
	for _, t := range list {
		word := standingText(t, w)
		switch {
		case t.Ended():
			n.Ended++
		case t.Run.Working:
			n.Underway++
		case word == failed:
			n.Failed++
		}
		all = append(all, standingJSON{t.Place, t.Run.ID, word, stepOf(t.Run), t.Failures, t.Error, t.Spec})
	}
	j := sweepCounts(w, n)
	j.List = all
	return j
}

// stepOf is the step to which a run has come; 0 for none.
func stepOf(r store.Run) int { return max(r.LastStep, r.Checkpoint, 0) }

func (a *app) listSweeps(s *store.Store) error {
	sweeps, err := s.Sweeps()
	if err != nil {
		return err
	}
	all := []sweepJSON{}
	t := &table{head: []string{"sweep", "title", "state", "trials", "ended", "under way", "failed", "begun"}}
	for _, w := range sweeps {
		n, err := s.Tally(w.ID, origin())
		if err != nil {
			return err
		}
		j := sweepCounts(w, n)
		all = append(all, j)
		t.add(j.ID, j.Title, j.State, fmt.Sprint(j.Trials), fmt.Sprint(j.Ended), fmt.Sprint(j.Underway), fmt.Sprint(j.Failed), j.Created.Local().Format("2006-01-02 15:04"))
	}
	if a.json {
		return printJSON(a.stdout, all)
	}
	return t.write(a.stdout)
}

func (a *app) showSweep(s *store.Store, w store.Sweep) error {
	list, err := s.Standings(w.ID, origin())
	if err != nil {
		return err
	}
	j := sweepToJSON(w, list)
	if a.json {
		return printJSON(a.stdout, j)
	}
	fmt.Fprintf(a.stdout, "sweep %s, %s, %s: %d of %d trials have ended, %d under way, %d failed\n\n", w.ID, w.Title, j.State, j.Ended, j.Trials, j.Underway, j.Failed)
	var specs []run.Spec
	var failing []store.Standing
	for _, one := range list {
		specs = append(specs, one.Spec)
		if one.Failures > 0 && !one.Ended() {
			failing = append(failing, one)
		}
	}
	t := &table{head: []string{"trial", "setting", "run", "status", "step"}}
	for i, label := range labelsOf(specs) {
		one := j.List[i]
		t.add(fmt.Sprint(one.Place), label, either(one.Run == "", "-", one.Run), one.Status, fmt.Sprint(one.Step))
	}
	if err := t.write(a.stdout); err != nil {
		return err
	}
	a.printFailures(failing)
	return nil
}

// printFailures says why trials failed.
func (a *app) printFailures(list []store.Standing) {
	if len(list) > 0 && !a.json {
		fmt.Fprintln(a.stdout)
	}
	for _, t := range list {
		if !a.json {
			fmt.Fprintf(a.stdout, "trial %d failed, %s in a row: %s\n", t.Place, countText(t.Failures, "time"), flat(t.Error))
		}
	}
}
