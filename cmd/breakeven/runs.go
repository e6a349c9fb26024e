package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/trial"

	"github.com/spf13/cobra"
)

func (a *app) runsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "runs",
		GroupID: "look",
		Short:   "List the runs of a store; name, tag and delete them",
		Long: `Lists the runs that a store keeps, newest first. A run that is "killed" was
neither ended nor stopped, and no process works on it: resume it, as one that
is "stopped". Of a run that is "damaged" the database cannot be read; why stands
below the list. Names and tags of runs stand in the list if there are any.`,
		Example: "  breakeven run --model tiny --steps 20 --probe loss\n  breakeven runs\n  breakeven runs --json",
	}
	tags := c.Flags().StringSlice("tag", nil, "only runs with this tag; several: with all of them")
	a.storeFlag(c)
	a.jsonFlag(c)
	c.RunE = func(*cobra.Command, []string) error {
		s, err := store.OpenReader(a.store)
		if err != nil {
			return err
		}
		defer s.Close()
		return a.listRuns(s, *tags)
	}
	c.AddCommand(a.runsNameCommand(), a.runsTagCommand(), a.runsDeleteCommand())
	return c
}

func (a *app) listRuns(s *store.Store, tags []string) error {
	runs, err := s.Runs()
	if err != nil {
		return err
	}
	runs = slices.DeleteFunc(runs, func(r store.Run) bool { return !hasTags(r, tags) })
	if a.json {
		list := []runJSON{}
		for _, r := range runs {
			list = append(list, a.toJSON(r))
		}
		return printJSON(a.stdout, list)
	}
	columns := runColumns(runs)
	t := &table{}
	for _, c := range columns {
		t.head = append(t.head, c.head)
	}
	var reasons []string
	for _, r := range runs {
		cells := []string{r.ID}
		for _, c := range columns[1:] {
			cell := "-"
			switch {
			case r.Damage == nil:
				cell = c.text(r)
			case c.head == "status":
				cell = damaged
			}
			cells = append(cells, cell)
		}
		t.add(cells...)
		if r.Damage != nil {
			reasons = append(reasons, fmt.Sprintf("%s: %s", r.ID, flat(r.Damage.Error())))
		}
	}
	if err := t.write(a.stdout); err != nil || len(reasons) == 0 {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "\n%s\n", strings.Join(reasons, "\n"))
	return err
}

// A runColumn is a column of the list of runs.
type runColumn struct {
	head string
	text func(store.Run) string
}

// runColumns returns the columns of the list: those for names and tags if there are any.
func runColumns(runs []store.Run) []runColumn {
	list := []runColumn{{"run", func(r store.Run) string { return r.ID }}}
	if slices.ContainsFunc(runs, func(r store.Run) bool { return r.Name != "" }) {
		list = append(list, runColumn{"name", func(r store.Run) string { return cmp.Or(r.Name, "-") }})
	}
	list = append(list,
		runColumn{"status", func(r store.Run) string { return stateText(r) }},
		runColumn{"steps", func(r store.Run) string { return fmt.Sprint(max(r.LastStep, r.Checkpoint, 0)) }},
		runColumn{"records", func(r store.Run) string { return fmt.Sprint(r.Records) }},
		ofSpec("data"), ofSpec("model"), ofSpec("lr"), ofSpec("batch"),
		runColumn{"seed", func(r store.Run) string { return fmt.Sprint(r.Spec.Seed) }},
		runColumn{"begun", func(r store.Run) string { return r.Created.Local().Format("2006-01-02 15:04") }})
	if slices.ContainsFunc(runs, func(r store.Run) bool { return len(r.Tags) > 0 }) {
		list = append(list, runColumn{"tags", func(r store.Run) string { return cmp.Or(strings.Join(r.Tags, " "), "-") }})
	}
	return list
}

// ofSpec is the column of a field, empty for runs to which it means nothing.
func ofSpec(field string) runColumn {
	return runColumn{field, func(r store.Run) string {
		if trial.Lacks(r.Spec, field) != "" {
			return "-"
		}
		return r.Spec.Text(field)
	}}
}

// hasTags reports whether a run has all of the tags, in whatever case.
func hasTags(r store.Run, tags []string) bool {
	for _, tag := range tags {
		if !slices.ContainsFunc(r.Tags, func(t string) bool { return strings.EqualFold(t, tag) }) {
			return false
		}
	}
	return true
}

// damaged is shown in place of the status of a run that cannot be read.
const damaged = "damaged"

// stateText is the status of a run; one that is running while no process works on it was killed.
func stateText(r store.Run) string {
	if r.Status == run.Running && !r.Working {
		return "killed"
	}
	return string(r.Status)
}
