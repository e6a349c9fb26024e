package main

import (
	"fmt"
	"strings"

	"breakeven/internal/report"
	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/study/catalog"
)

// runSeveral runs specs one after the other, and compares what there is at the end.
func (a *app) runSeveral(specs []run.Spec, again, dry bool) error {
	labels := labelsOf(specs)
	if dry {
		return a.printSpecs(specs, labels)
	}
	s, err := a.openStore()
	if err != nil {
		return err
	}
	defer s.Close()
	runs, err := a.finish(s, series{name: "runs", specs: specs, again: again, resume: a.typed()})
	if err != nil || runs == nil {
		return err
	}
	p, err := page(s, runs, catalog.Analyze)
	if err != nil {
		return err
	}
	var names []string
	for _, r := range runs {
		names = append(names, r.ID)
	}
	if a.json {
		return a.printSeveral(runs, p)
	}
	writeAnalysis(a.stdout, p.Analysis)
	_, err = fmt.Fprintf(a.stdout, "\nmore: breakeven report %s%s\n", strings.Join(names, " "), a.storeWords())
	return err
}

// printSeveral prints what several runs show as JSON.
func (a *app) printSeveral(runs []store.Run, p report.Page) error {
	j := severalJSON{Comparison: p.Analysis.Data, Choice: p.Analysis.Choice}
	for i, found := range runs {
		one := a.toJSON(found)
		one.Records, one.Findings = p.Runs[i].Records, p.Analysis.Runs[i].Data
		j.Runs = append(j.Runs, one)
	}
	return printJSON(a.stdout, j)
}

// A severalJSON is what several runs show.
type severalJSON struct {
	Runs       []runJSON `json:"runs"`
	Comparison any       `json:"comparison"`
	Choice     any       `json:"choice"` // which setting to take
}

// printSpecs prints what would be run.
func (a *app) printSpecs(specs []run.Spec, labels []string) error {
	if a.json {
		return printJSON(a.stdout, struct {
			Specs []run.Spec `json:"specs"`
		}{specs})
	}
	for i, s := range specs {
		if _, err := fmt.Fprintf(a.stdout, "%d of %d: %s, run %s\n", i+1, len(specs), labels[i], s.ID()); err != nil {
			return err
		}
	}
	return nil
}

// typed is the command as it was typed.
func (a *app) typed() string {
	words := []string{"breakeven"}
	for _, arg := range a.args {
		words = append(words, shellWord(arg))
	}
	return strings.Join(words, " ")
}
