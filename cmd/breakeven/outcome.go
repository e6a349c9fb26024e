package main

import (
	"fmt"
	"strings"
	"time"

	"breakeven/internal/store"
	"breakeven/run"
)

// A runJSON is a run as JSON: its entry, and where asked for its records and
// what was found in them.
type runJSON struct {
	ID         string       `json:"id"`
	Store      string       `json:"store"`
	Name       string       `json:"name,omitempty"` // that its user gave it
	Tags       []string     `json:"tags,omitempty"`
	Status     run.Status   `json:"status"`
	Message    string       `json:"message,omitempty"`
	Process    int          `json:"process,omitempty"` // that works on it
	Resume     string       `json:"resume,omitempty"`  // the command that goes on with it
	Damage     string       `json:"damage,omitempty"`  // why it cannot be read; then its status is "damaged"
	Created    time.Time    `json:"created,omitzero"`
	Updated    time.Time    `json:"updated,omitzero"`
	Program    string       `json:"program"`
	ISA        string       `json:"isa"`
	Numerics   int          `json:"numerics"`
	Changes    string       `json:"arithmetic_changed,omitempty"` // where another program or processor went on
	LastStep   int          `json:"last_step"`                    // of the last record; -1 without one
	Checkpoint int          `json:"checkpoint"`                   // step of the last checkpoint; -1 without one
	Count      int          `json:"record_count"`
	Spec       run.Spec     `json:"spec,omitzero"`
	Warnings   []string     `json:"warnings,omitempty"` // of the data and the settings
	Records    []run.Record `json:"records,omitempty"`

	Findings any `json:"findings,omitempty"` // of the study that reads the run
}

func (a *app) toJSON(r store.Run) runJSON {
	if r.Damage != nil {
		return runJSON{ID: r.ID, Store: a.store, Status: damaged, Damage: flat(r.Damage.Error()), LastStep: -1, Checkpoint: -1}
	}
	j := runJSON{
		ID: r.ID, Store: a.store, Name: r.Name, Tags: r.Tags, Status: r.Status, Process: r.PID, Message: r.Message, Created: r.Created, Updated: r.Updated,
		Program: r.Origin.Program, ISA: r.Origin.ISA, Numerics: r.Origin.Numerics, Changes: changesText(r), LastStep: r.LastStep, Checkpoint: r.Checkpoint, Count: r.Records, Spec: r.Spec,
	}
	if r.Status.Resumable() && !r.Working {
		j.Resume = a.resumeLine(r.ID)
	}
	return j
}

// printOutcome prints what came of a run: its status, and what was found. The
// warnings are those of its plan.
func (a *app) printOutcome(s *store.Store, r store.Run, warnings []string) error {
	records, err := s.Records(r.ID)
	if err != nil {
		return err
	}
	if a.json {
		j := a.toJSON(r)
		j.Records, j.Findings, j.Warnings = records, analyzeOne(r, records).Runs[0].Data, warnings
		return printJSON(a.stdout, j)
	}
	if !a.quiet {
		fmt.Fprintln(a.stdout)
	}
	a.printStatus(r)
	writeFindings(a.stdout, records, analyzeOne(r, records))
	if !r.Status.Resumable() {
		fmt.Fprintf(a.stdout, "\nmore: breakeven show %s%s\n", r.ID, a.storeWords())
	}
	return nil
}

// printStatus says in a line how a run stands, and how to go on with it.
func (a *app) printStatus(r store.Run) {
	line := fmt.Sprintf("%s: %s", r.ID, stateText(r))
	if r.Message != "" {
		line += ": " + strings.TrimSuffix(r.Message, ".")
	}
	fmt.Fprintln(a.stdout, line)
	if r.Status.Resumable() && !r.Working {
		fmt.Fprintf(a.stdout, "go on with: %s\n", a.resumeLine(r.ID))
	}
}

// storeWords are the flags that a command needs to find the store.
func (a *app) storeWords() string {
	if a.store == store.DefaultDir {
		return ""
	}
	return " --store " + shellWord(a.store)
}
