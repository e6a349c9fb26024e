package main

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/internal/store"
	"breakeven/probe"
	"breakeven/run"

	"github.com/spf13/cobra"
)

func (a *app) showCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "show RUN",
		GroupID: "look",
		Short:   "Show one run: spec, records, and what was found",
		Long: `Shows one run: its spec, its status, a table with a row for each record, what
each column is and how it was made, and in words what was found. RUN is the
ID that ` + "`breakeven runs`" + ` shows, the beginning of it, the name of the run, or
"last".

--keys chooses the columns; "all" takes every key that was measured:

` + keysText("    "),
		Example: `  breakeven run --model tiny --steps 20 --every 10 --examples 100
  breakeven show last
  breakeven show last --keys h_max,k_max,alignment
  breakeven show last --keys all --json`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeRuns(1),
	}
	keys := c.Flags().StringSlice("keys", nil, "columns of the table, with commas between; \"all\" for all")
	a.storeFlag(c)
	a.jsonFlag(c)
	completes(c, "keys", completeWords(keyNames))
	c.RunE = func(_ *cobra.Command, args []string) error {
		s, err := store.OpenReader(a.store)
		if err != nil {
			return err
		}
		defer s.Close()
		r, err := s.Find(args[0])
		if err != nil {
			return err
		}
		return a.show(s, r, *keys)
	}
	return c
}

func (a *app) show(s *store.Store, r store.Run, keys []string) error {
	records, err := s.Records(r.ID)
	if err != nil {
		return err
	}
	chosen, err := chooseKeys(records, keys)
	if err != nil {
		return err
	}
	if a.json {
		j := a.toJSON(r)
		j.Findings = analyzeOne(r, records).Runs[0].Data
		j.Records = records
		if keys != nil {
			j.Records = onlyKeys(records, chosen)
		}
		return printJSON(a.stdout, j)
	}
	fmt.Fprintf(a.stdout, "run %s, %s, begun %s by version %s on %s kernels, numerics %d\n", calledText(r), stateText(r),
		r.Created.Local().Format("2006-01-02 15:04:05"), r.Origin.Program, r.Origin.ISA, r.Origin.Numerics)
	if r.Changes != "" {
		fmt.Fprintf(a.stdout, "its arithmetic changed %s\n", changesText(r))
	}
	fmt.Fprintf(a.stdout, "\n%s\n", r.Spec.Full(known()))
	if len(records) > 0 {
		if err := recordTable(records, chosen).write(a.stdout); err != nil {
			return err
		}
		fmt.Fprintln(a.stdout)
		legend(a.stdout, records, chosen)
		fmt.Fprintln(a.stdout)
		if err := a.writeLayers(records, ""); err != nil {
			return err
		}
	}
	a.printStatus(r)
	writeAllFindings(a.stdout, records, analyzeOne(r, records))
	return nil
}

// chooseKeys returns the columns that a user asked for.
func chooseKeys(records []run.Record, keys []string) ([]string, error) {
	switch {
	case keys == nil:
		return columns(records), nil
	case slices.Equal(keys, []string{"all"}):
		return measuredKeys(records), nil
	}
	for _, key := range keys {
		if _, ok := probe.LookupKey(key); ok {
			continue
		}
		if near, ok := run.Nearest(key, keyNames()); ok {
			return nil, usagef("--keys: no key is called %q; did you mean %q?", key, near)
		}
		return nil, usagef("--keys: no key is called %q; `breakeven keys` lists them", key)
	}
	return keys, nil
}

// measuredKeys returns the keys that any of the records has.
func measuredKeys(records []run.Record) []string {
	var keys []string
	for _, k := range probe.Keys() {
		if slices.ContainsFunc(records, func(r run.Record) bool { _, ok := r.Get(k.Name); return ok }) {
			keys = append(keys, k.Name)
		}
	}
	return keys
}

// onlyKeys returns the records with no other values than those of the keys.
func onlyKeys(records []run.Record, keys []string) []run.Record {
	var few []run.Record
	for _, r := range records {
		var values []run.Value
		for _, v := range r.Values {
			if slices.Contains(keys, v.Key) {
				values = append(values, v)
			}
		}
		r.Values = values
		few = append(few, r)
	}
	return few
}

func listText(words []string) string { return strings.Join(words, ", ") }
