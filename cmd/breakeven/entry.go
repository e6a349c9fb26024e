package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"breakeven/internal/store"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/trial"
)

// An entry is one spec of a series.
type entry struct {
	spec   run.Spec
	place  string    // "2 of 6"
	title  string    // "2 of 6: learning rate 0.1"
	again  bool      // a run that has ended does not count
	run    store.Run // what the store knows of it
	known  bool      // whether it knows it at all
	amount           // zero if nothing is left to do

	warnings []string // of its plan
}

// An amount says how much a trial is.
type amount struct {
	work   float64 // in gradients of an example
	steps  int     // parameter updates
	memory int64   // bytes, without those of the program itself
}

// begun is the work of an entry that an earlier process has done.
func (e entry) begun() float64 {
	if !e.known || e.run.Checkpoint <= 0 || e.steps == 0 {
		return 0
	}
	return e.work * float64(e.run.Checkpoint) / float64(e.steps)
}

// planSeries finds what is left to do.
func (a *app) planSeries(ctx context.Context, s *store.Store, l series) ([]entry, error) {
	var entries []entry
	p := a.newPlanner()
	labels := labelsOf(l.specs)
	for i, spec := range l.specs {
		e := entry{spec: spec, again: l.again, place: fmt.Sprintf("%d of %d", i+1, len(l.specs))}
		e.title = e.place + ": " + labels[i]
		if err := e.find(s); err != nil {
			return nil, err
		}
		if e.open() {
			var err error
			if e, err = p.complete(ctx, e); l.absent && p.absent(spec, err) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", e.title, err)
			}
			if err := e.prepare(s); err != nil {
				return nil, err
			}
		}
		entries = append(entries, e)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("stopped before the first run began; go on with: %s", l.resume)
		}
	}
	return entries, p.tellAbsent(len(entries))
}

// find asks the store for the newest run of the spec in the arithmetic of this program and processor.
// If the spec is to be run again, only one that has not ended counts.
func (e *entry) find(s *store.Store) error {
	before, err := s.WithSpec(e.spec)
	if err != nil {
		return err
	}
	e.run, e.known = store.Run{}, false
	for _, r := range before {
		if origin().SameArithmetic(r) && (!e.again || r.Status.Resumable()) {
			e.run, e.known = r, true
			break
		}
	}
	return nil
}

// open reports whether something is left to do.
func (e *entry) open() bool { return !e.known || e.run.Status.Resumable() }

// prepare asks again for the run of a spec that has the digests of its files now, with which the store
// may know it.
func (e *entry) prepare(s *store.Store) error {
	if e.known {
		return nil
	}
	if err := e.find(s); err != nil {
		return err
	}
	if !e.open() {
		e.amount = amount{}
	}
	return nil
}

// check opens a trial. If there is room for it, it returns the entry with the spec
// completed, and about how much work it is. Networks are not told apart.
func (a *app) check(ctx context.Context, e entry) (entry, error) {
	t, err := a.openTrial(ctx, e)
	if err != nil {
		return e, err
	}
	p := t.Plan()
	e.memory, e.warnings = totalMemory(runMemory(t)), p.Warnings
	if e.spec, e.steps, e.work = p.Spec, p.Steps, p.Work; p.Work > 0 {
		return e, nil
	}
	if share := p.Spec.Overhead; share > 0 {
		e.work = float64(p.Steps*p.Spec.Batch) / (1 - share)
		return e, nil
	}
	probes, err := probe.Select(p.Spec.Probes)
	if err != nil {
		return e, err
	}
	sizes := probe.SizesOf(p.Spec, p.Train, p.Valid)
	every := p.Spec.Every
	if every == 0 {
		every = p.PerEpoch
	}
	measurements := float64(p.Steps)/float64(max(1, every)) + 1
	e.work = float64(p.Steps*p.Spec.Batch) + measurements*probe.Work(probes, sizes)*float64(sizes.Examples)
	return e, nil
}

// The settings that stand in no label: those that say how long and how often a run
// is looked at, and, if the data differ, those that go with the data.
var (
	lookedAt = []string{"epochs", "steps", "until", "every", "overhead", "probes"}
	ofData   = []string{"data", "data_sha256", "train", "valid", "preprocess", "augment", "model", "model_sha256"}
)

// subjectOf says what a trial is about: a network and its data, or its kind if it has no
// network of the program's.
func subjectOf(s run.Spec) string {
	if trial.Lacks(s, "model") != "" {
		return s.Kind
	}
	return s.Model + " on " + s.Data
}

// labelsOf names specs by the settings in which they differ.
func labelsOf(specs []run.Spec) []string {
	var differ []string
	for _, name := range run.Names(specs...) {
		if !slices.Contains(lookedAt, name) && slices.ContainsFunc(specs, func(s run.Spec) bool { return s.Text(name) != specs[0].Text(name) }) {
			differ = append(differ, name)
		}
	}
	subject := len(differ) == 0 || slices.Contains(differ, "data")
	if subject {
		differ = slices.DeleteFunc(differ, func(name string) bool { return slices.Contains(ofData, name) || goesWithSubject(specs, name) })
	}
	words := map[string]string{"lr": "learning rate ", "model": ""}
	var labels []string
	for _, s := range specs {
		var parts []string
		if subject {
			parts = append(parts, subjectOf(s))
		}
		add := func(text func(run.Spec, string) string) {
			for _, name := range differ {
				word, ok := words[name]
				if !ok {
					word = name + " "
				}
				if text := text(s, name); text != "" {
					parts = append(parts, word+text)
				}
			}
		}
		if add(run.Spec.Text); len(parts) == 0 {
			add(defaultOf)
		}
		labels = append(labels, strings.Join(parts, ", "))
	}
	return labels
}

// goesWithSubject reports whether a field of every spec, other than the learning rate and the batch, is the same
// wherever network and data are: they say it.
func goesWithSubject(specs []run.Spec, name string) bool {
	if _, ok := run.LookupField(name); !ok || name == "lr" || name == "batch" {
		return false
	}
	of := map[string]string{}
	for _, s := range specs {
		if text, ok := of[subjectOf(s)]; ok && text != s.Text(name) {
			return false
		}
		of[subjectOf(s)] = s.Text(name)
	}
	return true
}

// defaultOf returns the text of a field that the kind, the task or the model of s adds, "" if
// they do not.
func defaultOf(s run.Spec, name string) string {
	for _, f := range trial.Declared(s) {
		if f.Name == name {
			return f.Text(s)
		}
	}
	return ""
}
