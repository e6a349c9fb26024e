package main

import (
	"fmt"

	"breakeven/internal/store"
	"breakeven/trial"

	"github.com/spf13/cobra"
)

func (a *app) resumeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "resume RUN",
		GroupID: "do",
		Short:   "Go on with a run that was stopped or killed",
		Long: `Goes on with a run from its last checkpoint, to the same bits as if it had
never been interrupted. RUN is the name that ` + "`breakeven runs`" + ` shows, the
beginning of it, or "last". A run that has ended is left as it is.

The processor must have the instruction set that the run was begun with, since
another one rounds otherwise.`,
		Example: `  breakeven run --model tiny --steps 20 --every 10 --examples 250 --probe loss
  breakeven resume last`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeRuns(1),
		RunE:              func(_ *cobra.Command, args []string) error { return a.resume(args[0]) },
	}
	a.storeFlag(c)
	a.dataFlag(c)
	a.memoryFlag(c)
	a.jsonFlag(c)
	a.quietFlag(c)
	return c
}

func (a *app) resume(name string) error {
	// A folder without a store must not become one by a mistyped name.
	reader, err := store.OpenReader(a.store)
	if err != nil {
		return err
	}
	if err := reader.Close(); err != nil {
		return err
	}
	s, err := store.Open(a.store)
	if err != nil {
		return err
	}
	defer s.Close()
	r, err := s.Find(name)
	if err != nil {
		return err
	}
	if !r.Status.Resumable() {
		if !a.json && !a.quiet {
			fmt.Fprintf(a.stderr, "run %s is %s: nothing is left to do\n", r.ID, r.Status)
		}
		return a.printOutcome(s, r, nil)
	}
	if err := checkISA(r); err != nil {
		return err
	}
	if err := checkReading(r.Spec, a.memory); err != nil {
		return err
	}
	t, err := trial.New(r.Spec, a.dataDir)
	if err != nil {
		return err
	}
	if err := checkMemory(withGarbage(t.Memory()), a.memory, runLevers); err != nil {
		return err
	}
	if now := origin(); now.Program != r.Origin.Program {
		t.Warnings = append(t.Warnings, fmt.Sprintf("the run was begun by version %s of the program, this is %s", r.Origin.Program, now.Program))
	}
	return a.carryOut(s, r, t)
}

// checkISA refuses to go on with a run on other kernels than it was begun on.
func checkISA(r store.Run) error {
	now := origin().ISA
	if now == r.Origin.ISA {
		return nil
	}
	return fmt.Errorf("run %s was begun with %s kernels and here are %s ones, which round otherwise: set BREAKEVEN_ISA=%s if this processor has them, or begin the run anew",
		r.ID, r.Origin.ISA, now, r.Origin.ISA)
}
