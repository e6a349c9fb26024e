package main

import (
	"errors"
	"fmt"

	"breakeven/internal/store"

	"github.com/spf13/cobra"
)

// aSweep is the command of the examples that need a sweep.
const aSweep = "  breakeven sweep --model tiny --lr 0.02,0.1 --steps 10 --every 10 --examples 100 --probe loss\n"

func (a *app) sweepStatusCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "status [SWEEP]",
		Short: "List the sweeps of a store, or show how the trials of one stand",
		Long: `Lists the sweeps of a store, newest first, or shows how the trials of one stand:
each with its run, and those that failed with their error. SWEEP is an ID, the
beginning of one, or "last".`,
		Example:           aSweep + "  breakeven sweep status\n  breakeven sweep status last",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.completeSweeps,
	}
	a.storeFlag(c)
	a.jsonFlag(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		s, err := store.OpenReader(a.store)
		if err != nil {
			return err
		}
		defer s.Close()
		if len(args) == 0 {
			return a.listSweeps(s)
		}
		w, err := s.FindSweep(args[0])
		if err != nil {
			return err
		}
		return a.showSweep(s, w)
	}
	return c
}

func (a *app) sweepStateCommand(word string, state store.State) *cobra.Command {
	doc := map[store.State]string{
		store.Paused:    "Stop the trials of a sweep for a while",
		store.Cancelled: "Stop the trials of a sweep for good",
	}
	c := &cobra.Command{
		Use:   word + " [SWEEP]",
		Short: doc[state],
		Long: `Stops the workers of a sweep, whichever process they belong to: each gives its
trial back after a checkpoint, and none takes another. What there is stays, and
` + "`breakeven sweep resume`" + ` goes on. SWEEP is an ID, the beginning of one, or "last",
which is the default.`,
		Example:           aSweep + "  breakeven sweep " + word + " last",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.completeSweeps,
	}
	a.storeFlag(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		s, w, err := a.openSweep(args)
		if err != nil {
			return err
		}
		defer s.Close()
		if err := s.SetState(w.ID, state); err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.stdout, "sweep %s is %s; go on with: breakeven sweep resume %s%s\n", w.ID, state, w.ID, a.storeWords())
		return err
	}
	return c
}

func (a *app) sweepResumeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "resume [SWEEP]",
		Short: "Go on with a sweep that was stopped, paused or cancelled",
		Long: `Goes on with a sweep: runs the trials that have not ended, from their last
checkpoints. Those that failed --retries times are left; see: breakeven sweep
retry. SWEEP is an ID, the beginning of one, or "last", which is the default.`,
	}
	return a.goingOn(c, func(s *store.Store, w store.Sweep) error { return s.SetState(w.ID, store.Active) })
}

func (a *app) sweepRetryCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "retry [SWEEP]",
		Short: "Go on with a sweep, and try failed trials again",
		Long: `Goes on with a sweep as ` + "`breakeven sweep resume`" + ` does, and tries those trials again
that failed as often as is allowed, as if they had not. SWEEP is an ID, the
beginning of one, or "last", which is the default.`,
	}
	return a.goingOn(c, func(s *store.Store, w store.Sweep) error { return s.Retry(w.ID) })
}

// goingOn completes a command that goes on with a sweep after a change of it.
func (a *app) goingOn(c *cobra.Command, change func(*store.Store, store.Sweep) error) *cobra.Command {
	c.Args, c.ValidArgsFunction = cobra.MaximumNArgs(1), a.completeSweeps
	c.Example = aSweep + "  breakeven sweep " + c.Name() + " last -o report.html"
	a.storeFlag(c)
	a.dataFlag(c)
	a.memoryFlag(c)
	a.keyFlag(c)
	how := a.addSweepFlags(c)
	a.jsonFlag(c)
	a.quietFlag(c)
	c.RunE = a.logging(nil, func(args []string) error {
		if err := a.checkSweep(how); err != nil {
			return err
		}
		s, w, err := a.openSweep(args)
		if err != nil {
			return err
		}
		defer s.Close()
		if err := change(s, w); err != nil {
			return err
		}
		return a.carrySweep(s, w, a.newPlanner(), how)
	})
	return c
}

// openSweep opens the store, which exists, and returns the sweep that a user named, or the last one.
func (a *app) openSweep(args []string) (*store.Store, store.Sweep, error) {
	name := "last"
	if len(args) > 0 {
		name = args[0]
	}
	s, err := a.writable()
	if err != nil {
		return nil, store.Sweep{}, err
	}
	w, err := s.FindSweep(name)
	if err != nil {
		return nil, w, errors.Join(err, s.Close())
	}
	return s, w, nil
}

// completeSweeps completes the names of sweeps.
func (a *app) completeSweeps(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	s, err := store.OpenReader(a.store)
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer s.Close()
	list, _ := s.Sweeps() // none
	var names []cobra.Completion
	for _, w := range list {
		names = append(names, cobra.CompletionWithDesc(w.ID, w.Title))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
