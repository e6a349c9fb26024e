package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"breakeven/run"
	"breakeven/trial"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagGroups are the headings of flags in the help, in their order. Flags without a group come first.
var flagGroups = []string{"", everyRun, someData, someNetworks, someKinds}

const (
	everyRun     = "Settings of every run"
	someData     = "Settings of some data"
	someNetworks = "Settings of some networks"
	someKinds    = "Settings of some kinds of trial"

	groupAnnotation = "group"
)

// groupOf returns the heading under which the flag of a field stands.
func groupOf(f run.Field) string {
	in := func(fields []run.Field) bool {
		return slices.ContainsFunc(fields, func(o run.Field) bool { return o.Name == f.Name })
	}
	switch {
	case in(run.Fields):
		return everyRun
	case in(trial.DeclaredByTasks()):
		return someData
	case in(trial.DeclaredByNetworks()):
		return someNetworks
	}
	return someKinds
}

// groupFlags makes the help of a command list its flags under their headings.
func groupFlags(c *cobra.Command) {
	c.SetUsageTemplate(strings.Replace(c.UsageTemplate(), plainFlags, "{{groupedFlags .}}", 1))
}

// plainFlags is how cobra's template lists flags.
const plainFlags = "Flags:\n{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}"

func init() { cobra.AddTemplateFunc("groupedFlags", groupedFlags) }

// groupedFlags returns the flags of a command under their headings.
func groupedFlags(c *cobra.Command) string {
	groups := map[string]*pflag.FlagSet{}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		name := strings.Join(f.Annotations[groupAnnotation], "")
		if groups[name] == nil {
			groups[name] = pflag.NewFlagSet(name, pflag.ContinueOnError)
			groups[name].SortFlags = false
		}
		groups[name].AddFlag(f)
	})
	var parts []string
	for _, name := range flagGroups {
		if set := groups[name]; set != nil {
			parts = append(parts, fmt.Sprintf("%s:\n%s", cmp.Or(name, "Flags"), strings.TrimRight(set.FlagUsages(), " \n")))
		}
	}
	return strings.Join(parts, "\n\n")
}
