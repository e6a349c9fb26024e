package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"breakeven/internal/digits"
	"breakeven/internal/garbage"
	"breakeven/run"
	"breakeven/trial"
)

// weightsFiles returns the files that a pattern names, in the order of the numbers in their names;
// nil if it is the name of a single file.
func weightsFiles(pattern string) ([]string, error) {
	if !strings.ContainsAny(pattern, "*?[") {
		return nil, nil
	}
	if _, err := os.Lstat(pattern); err == nil {
		return nil, nil
	}
	names, err := filepath.Glob(pattern)
	switch {
	case err != nil:
		return nil, usagef("--weights: %q is no pattern: write names with * for any letters, such as 'ckpt-*.safetensors'", pattern)
	case len(names) == 0:
		return nil, fmt.Errorf("weights: nothing fits %q", pattern)
	}
	slices.SortFunc(names, digits.Compare)
	return names, nil
}

// measureFiles measures at one weights file after the other, and prints a row for each once it is
// measured. Those that the file with the name results holds, if one is named, are taken from there.
func (a *app) measureFiles(spec run.Spec, at trial.At, names []string, reduced, results string) error {
	v := a.newView()
	defer v.close()
	ctx, cancel := a.interruptible(v)
	defer cancel()
	defer garbage.Limit(garbage.Running)()
	opened, err := trial.CheckWeights(ctx, spec, a.dataDir, at, names)
	if err != nil {
		return err
	}
	kept, err := openResults(results, settingsOf(opened, at))
	if err != nil {
		return err
	}
	defer kept.close()
	var warnings []string
	at.Warn = func(text string) { warnings = append(warnings, text) }
	rows := a.rowsOf(v, names)
	m := v.meter("measuring", 0)
	records := []run.Record{}
	for i, name := range names {
		at.Weights = name
		part := m.share(name, float64(i)/float64(len(names)), float64(i+1)/float64(len(names)))
		line, err := kept.line(name, func() (run.Record, error) {
			return trial.Measure(ctx, spec, a.dataDir, at, func(p trial.Progress) { part.set(p.Part, p.Doing) })
		})
		if err == nil {
			err = rows(line)
		}
		if err != nil {
			m.end(false)
			return a.ended(ctx, i, len(names), results, err)
		}
		records = append(records, line.record())
	}
	m.end(true)
	v.close()
	a.remark(records, warnings, reduced)
	if !a.json {
		fmt.Fprintln(a.stdout)
		legend(a.stdout, records, columns(records[:1]))
	}
	return nil
}

// rowsOf returns what prints what was measured at each of the named files: lines of JSON, or of a
// table.
func (a *app) rowsOf(v *view, names []string) func(measuredLine) error {
	if a.json {
		return func(line measuredLine) error {
			text, err := json.Marshal(line)
			if err == nil {
				_, err = fmt.Fprintf(a.stdout, "%s\n", text)
			}
			return err
		}
	}
	table := liveTable{w: v.lines, head: []string{"file"}}
	if a.quiet {
		table.w = a.stdout
	}
	for _, name := range names {
		table.wide = max(table.wide, utf8.RuneCountInString(name))
	}
	return func(line measuredLine) error {
		table.add([]string{line.File}, line.record())
		return nil
	}
}

// ended says of an error that came after some files were measured how to go on.
func (a *app) ended(ctx context.Context, done, all int, results string, err error) error {
	if ctx.Err() != nil {
		err = fmt.Errorf("stopped after %d of %d files", done, all)
	}
	switch {
	case results != "":
		return fmt.Errorf("%w; what was measured is kept in %s, go on with: %s", err, results, a.typed())
	case ctx.Err() != nil:
		return fmt.Errorf("%w; with --results FILE.jsonl the same command would go on there", err)
	}
	return err
}

// settingsOf is a short name of all that decides what is measured at weights.
func settingsOf(s run.Spec, at trial.At) string {
	return fmt.Sprintf("%s %s %d:%d/%d ntk %d norm %s numerics %d", s.Canonical(known()).ID(), at.Split, at.From, at.To, at.L, at.NTK, at.Norm, trial.Numerics)
}
