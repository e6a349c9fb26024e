package main

import (
	"context"
	"fmt"
	"strings"

	"breakeven/internal/store"
	"breakeven/tensor"
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
another one rounds otherwise. So does a program compiled for arm64 or with
GOAMD64=v3, which is marked +fma.`,
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
	s, err := a.openStore()
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
	t, err := trial.Open(context.Background(), r.Spec, trial.Env{DataDir: a.dataDir, Begun: r.Checkpoint >= 0})
	if err != nil {
		return err
	}
	if err := checkMemory(runMemory(t), a.memory, runLevers); err != nil {
		return err
	}
	var warnings []string
	if now := origin(); now.Program != r.Origin.Program {
		warnings = append(warnings, fmt.Sprintf("the run was begun by version %s of the program, this is %s", r.Origin.Program, now.Program))
	}
	from, warning, err := lastCheckpoint(s, r.ID)
	if err != nil {
		return err
	}
	if warning != "" {
		warnings = append(warnings, warning)
	}
	p := planOf(t, warnings...)
	p.Start = placeText(from)
	return a.carryOut(s, r, t, p, from)
}

// checkISA refuses to go on with a run whose bits were made by other arithmetic.
func checkISA(r store.Run) error {
	begun, now := r.Origin.ISA, origin().ISA
	if now == begun {
		return nil
	}
	what := "use a program that was compiled as the first one was (" + tensor.FusedSuffix + ": for arm64 or with GOAMD64=v3)"
	if strings.HasSuffix(begun, tensor.FusedSuffix) == strings.HasSuffix(now, tensor.FusedSuffix) {
		what = fmt.Sprintf("set BREAKEVEN_ISA=%s if this processor has them", strings.TrimSuffix(begun, tensor.FusedSuffix))
	}
	return fmt.Errorf("run %s was begun with %s kernels and here are %s ones, which round otherwise: %s, or begin the run anew",
		r.ID, begun, now, what)
}
