package main

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/internal/store"

	"github.com/spf13/cobra"
)

// writable opens a store that exists for writing: a folder without one must not become one by
// a mistyped name.
func (a *app) writable() (*store.Store, error) {
	reader, err := store.OpenReader(a.store)
	if err != nil {
		return nil, err
	}
	if err := reader.Close(); err != nil {
		return nil, err
	}
	return a.openStore()
}

func (a *app) runsDeleteCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "delete RUN…",
		Short: "Delete runs: their records and their checkpoints",
		Long: `Deletes runs for good: their records and their checkpoints. Without --yes it
says what would go, and deletes nothing. RUN is a whole ID, a name, or "last";
the beginning of an ID is not enough. Nothing is deleted if one of the names
fits no run, or while a process works on one of the runs.`,
		Example: `  breakeven run --model tiny --steps 20 --probe loss
  breakeven runs delete last --yes`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: a.completeRuns(1 << 10),
	}
	yes := c.Flags().Bool("yes", false, "delete them")
	a.storeFlag(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		s, err := a.writable()
		if err != nil {
			return err
		}
		defer s.Close()
		runs, err := doomed(s, args)
		if err != nil {
			return err
		}
		var parts []string
		for _, r := range runs {
			parts = append(parts, fmt.Sprintf("%s (%s)", r.ID, contentText(r)))
		}
		if !*yes {
			return usagef("--yes is needed to delete for good: %s", strings.Join(parts, ", "))
		}
		for i, r := range runs {
			if err := s.Delete(r.ID); err != nil {
				return err
			}
			if _, err := fmt.Fprintf(a.stdout, "deleted %s\n", parts[i]); err != nil {
				return err
			}
		}
		return nil
	}
	return c
}

// doomed returns the runs that are named in full.
func doomed(s *store.Store, names []string) (runs []store.Run, err error) {
	for _, name := range names {
		r, err := s.FindAny(name)
		if err != nil {
			return nil, err
		}
		if name != r.ID && name != "last" && !strings.EqualFold(name, r.Name) {
			return nil, usagef("%s is the beginning of %s: to delete that, name it in full", name, r.ID)
		}
		if r.Working {
			return nil, underWay(r)
		}
		if !slices.ContainsFunc(runs, func(other store.Run) bool { return other.ID == r.ID }) {
			runs = append(runs, r)
		}
	}
	return runs, nil
}

// contentText says what a run holds.
func contentText(r store.Run) string {
	if r.Damage != nil {
		return damaged
	}
	text := fmt.Sprintf("%s, %d records", r.Status, r.Records)
	if r.Name != "" {
		text = fmt.Sprintf("%q, %s", r.Name, text)
	}
	return text
}

func (a *app) runsNameCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "name RUN TEXT",
		Short: "Give a run a name",
		Long: `Gives a run a name, in place of one that it has. It stands for the run in all
commands, in whatever case, and no two runs of a store have the same. The empty
text "" takes the name away.`,
		Example: `  breakeven run --model tiny --steps 20 --probe loss
  breakeven runs name last baseline
  breakeven show baseline`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: a.completeRuns(1),
	}
	a.storeFlag(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		if args[1] != "" {
			if err := store.CheckName(args[1]); err != nil {
				return usageError{err}
			}
		}
		return a.change(args[0], func(s *store.Store, r store.Run) error { return s.SetName(r.ID, args[1]) })
	}
	return c
}

func (a *app) runsTagCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "tag RUN WORD…",
		Short: "Add tags to a run, or take them away",
		Long: "Adds tags to a run, words by which `breakeven runs --tag WORD` finds it again.\n" +
			"With --remove it takes them away.",
		Example: `  breakeven run --model tiny --steps 20 --probe loss
  breakeven runs tag last paper figure-2
  breakeven runs --tag paper`,
		Args:              cobra.MinimumNArgs(2),
		ValidArgsFunction: a.completeRuns(1),
	}
	remove := c.Flags().Bool("remove", false, "take the tags away")
	a.storeFlag(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		for _, tag := range args[1:] {
			if err := store.CheckTag(tag); err != nil {
				return usageError{err}
			}
		}
		return a.change(args[0], func(s *store.Store, r store.Run) error {
			if *remove {
				return s.Untag(r.ID, args[1:]...)
			}
			return s.Tag(r.ID, args[1:]...)
		})
	}
	return c
}

// change changes what a run is called, and prints it.
func (a *app) change(name string, f func(*store.Store, store.Run) error) error {
	s, err := a.writable()
	if err != nil {
		return err
	}
	defer s.Close()
	r, err := s.Find(name)
	if err != nil {
		return err
	}
	if err := f(s, r); err != nil {
		return err
	}
	if r, err = s.Find(r.ID); err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout, calledText(r))
	return err
}

// calledText is the ID of a run with its name and its tags.
func calledText(r store.Run) string {
	text := r.ID
	if r.Name != "" {
		text += fmt.Sprintf(" %q", r.Name)
	}
	if len(r.Tags) > 0 {
		text += " (" + listText(r.Tags) + ")"
	}
	return text
}
