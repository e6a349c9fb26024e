package main

import (
	"cmp"
	"fmt"
	"strings"
	"sync"

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

// fieldGroups returns the heading under which the flag of each field stands, by the name of the field.
var fieldGroups = sync.OnceValue(func() map[string]string {
	groups := map[string]string{}
	for _, of := range []struct {
		name   string
		fields []run.Field
	}{{someKinds, trial.AllDeclared()}, {someNetworks, trial.DeclaredByNetworks()}, {someData, trial.DeclaredByTasks()}, {everyRun, run.Fields}} {
		for _, f := range of.fields { // of all that declare a field the last one counts
			groups[f.Name] = of.name
		}
	}
	return groups
})

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
