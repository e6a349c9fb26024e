package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/probe"
	"breakeven/run"

	"github.com/spf13/cobra"
)

func (a *app) keysCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "keys [KEY]",
		GroupID: "know",
		Short:   "List what is measured: keys, symbols, units, definitions",
		Long: `Lists every key under which a number is kept, with its symbol in the
literature, its unit and its meaning; for one key its definition, with the
estimator that makes it and what its errors are. K is the covariance of
minibatch gradients, H the Hessian of the mean loss on the measurement set.`,
		Example: "  breakeven keys\n  breakeven keys topspace\n  breakeven keys --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return a.printKey(args[0])
			}
			if !a.json {
				return keyTable().write(a.stdout)
			}
			var list []keyObject
			for _, k := range probe.Keys() {
				list = append(list, objectOf(k))
			}
			return printJSON(a.stdout, list)
		},
	}
	c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return keyNames(), cobra.ShellCompDirectiveNoFileComp
	}
	a.jsonFlag(c)
	return c
}

// printKey prints all that is known of one key.
func (a *app) printKey(name string) error {
	k, ok := probe.LookupKey(name)
	if !ok {
		if near, ok := run.Nearest(name, keyNames()); ok {
			return usagef("unknown key %q; did you mean %q?", name, near)
		}
		return usagef("unknown key %q; see: breakeven keys", name)
	}
	if a.json {
		return printJSON(a.stdout, objectOf(k))
	}
	var probes []string
	for _, p := range probe.All {
		if slices.Contains(p.KeyNames(), k.Name) {
			probes = append(probes, p.Name)
		}
	}
	lines := [][2]string{{"key", k.Name}, {"symbol", k.Symbol}, {"unit", k.Unit}, {"range", keyRange(k)}, {"kind", k.Kind},
		{"probe", strings.Join(probes, " or ")}, {"meaning", k.Meaning}, {"definition", k.Definition}}
	for _, l := range lines {
		if l[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(a.stdout, "%-12s%s\n", l[0], wrap(l[1], 80, strings.Repeat(" ", 12))); err != nil {
			return err
		}
	}
	return nil
}

// keyRange says in words what range a quantity has.
func keyRange(k run.Key) string {
	switch {
	case k.Min >= k.Max:
		return ""
	case math.IsInf(k.Max, 1):
		return fmt.Sprintf("%g or more", k.Min)
	}
	return fmt.Sprintf("%g to %g", k.Min, k.Max)
}

// A keyObject is the JSON of a key.
type keyObject struct {
	Name       string   `json:"key"`
	Symbol     string   `json:"symbol"`
	Unit       string   `json:"unit"`
	Meaning    string   `json:"meaning"`
	Definition string   `json:"definition,omitempty"`
	Vector     bool     `json:"vector"`
	Min        *float64 `json:"min,omitempty"` // absent: no bound, or none said
	Max        *float64 `json:"max,omitempty"`
}

func objectOf(k run.Key) keyObject {
	o := keyObject{Name: k.Name, Symbol: k.Symbol, Unit: k.Unit, Meaning: k.Meaning, Definition: k.Definition, Vector: k.Vector}
	if k.Min < k.Max {
		o.Min = &k.Min
		if !math.IsInf(k.Max, 1) {
			o.Max = &k.Max
		}
	}
	return o
}

func keyTable() *table {
	t := &table{head: []string{"key", "symbol", "unit", "meaning"}}
	for _, k := range probe.Keys() {
		t.add(k.Name, k.Symbol, k.Unit, k.Meaning)
	}
	return t
}

func keyNames() []string {
	var names []string
	for _, k := range probe.Keys() {
		names = append(names, k.Name)
	}
	return names
}

// keysText is the keys of probes with their meanings, for help.
func keysText(indent string) string {
	t := &table{head: []string{"key", "meaning"}}
	for _, k := range probe.Keys() {
		if k.Kind == "" {
			t.add(k.Name, k.Meaning)
		}
	}
	var b strings.Builder
	_ = t.write(&b) // a strings.Builder takes everything
	return indent + strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\n", "\n"+indent)
}
