package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"breakeven/internal/garbage"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/study"
	"breakeven/trial"
)

// measure measures, prints, and warns that S of Eq. 1 was reduced, if something is said
// about that.
func (a *app) measure(spec run.Spec, at trial.At, reduced string) error {
	v := a.newView()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer garbage.Limit(garbage.Running)()
	var warnings []string
	at.Warn = func(text string) { warnings = append(warnings, text) }
	m := v.meter("measuring", 0)
	record, err := trial.Measure(ctx, spec, a.dataDir, at, func(p trial.Progress) { m.set(p.Part, p.Doing) })
	m.end(err == nil)
	v.close()
	if err != nil {
		return err
	}
	a.remark([]run.Record{record}, warnings, reduced)
	if a.json {
		return a.printObject(record)
	}
	t := &table{head: []string{"key", "symbol", "value", "unit", "error", "how"}}
	for _, value := range record.Values {
		k, _ := probe.LookupKey(value.Key)
		t.add(value.Key, k.Symbol, numbers(value), value.Unit, plusMinus(value), how(value.How))
	}
	if err := t.write(a.stdout); err != nil {
		return err
	}
	return a.writeLayers([]run.Record{record}, "\n")
}

// remark says what a user must know beside records: warnings, each once, that S of Eq. 1 was reduced if
// something is said about that, and what was left out.
func (a *app) remark(records []run.Record, warnings []string, reduced string) {
	if len(records) > 0 && reduced != "" {
		if _, ok := records[0].Get("stability"); ok {
			warnings = append(warnings, reduced)
		}
	}
	for i, w := range warnings {
		if !slices.Contains(warnings[:i], w) {
			fmt.Fprintln(a.stderr, "breakeven: warning: "+flat(w))
		}
	}
	for _, line := range study.Omissions(records) {
		fmt.Fprintln(a.stderr, "breakeven: "+line)
	}
}

// printObject prints a record as one object whose keys are the record keys, in
// the order of the record.
func (a *app) printObject(r run.Record) error {
	var compact, b bytes.Buffer
	for i, v := range r.Values {
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		fmt.Fprintf(&compact, "%s%q:%s", either(i == 0, "{", ","), v.Key, text)
	}
	fmt.Fprint(&compact, either(len(r.Values) == 0, "{}", "}"))
	if err := json.Indent(&b, compact.Bytes(), "", "  "); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.stdout, b.String())
	return err
}
