package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"breakeven/data"
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
never been interrupted. RUN is the ID that ` + "`breakeven runs`" + ` shows, the
beginning of it, the name of the run, or "last". A run that has ended is left as
it is.

The processor must have the instruction set that the run was made with, since
another one rounds otherwise. So does a program compiled for arm64 or with
GOAMD64=v3, which is marked +fma, and a version of the program with other
numerics, which ` + "`breakeven version`" + ` shows. With --other-bits a run goes on all the
same, and says ever after where its arithmetic changed.`,
		Example: `  breakeven run --model tiny --steps 20 --every 10 --examples 250 --probe loss
  breakeven resume last`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeRuns(1),
		RunE:              a.logging(nil, func(args []string) error { return a.resume(args[0]) }),
	}
	a.storeFlag(c)
	a.dataFlag(c)
	a.memoryFlag(c)
	a.jsonFlag(c)
	a.logFlag(c)
	a.quietFlag(c)
	a.keyFlag(c)
	a.otherBitsFlag(c)
	return c
}

func (a *app) resume(name string) error {
	s, err := a.writable()
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
	if r.Working {
		return underWay(r)
	}
	wrong := checkArithmetic(r)
	if wrong != nil && !a.otherBits {
		return wrong
	}
	if err := checkReading(r.Spec, a.memory); err != nil {
		return err
	}
	env, err := a.env(r.Spec, r.Checkpoint >= 0)
	if err != nil {
		return err
	}
	t, err := trial.Open(context.Background(), r.Spec, env)
	if err != nil {
		return cannotGoOn(r, err)
	}
	if err := a.checkJob(t); err != nil {
		return err
	}
	var warnings []string
	if now := origin(); now.Program != r.Origin.Program {
		warnings = append(warnings, fmt.Sprintf("the run was begun by version %s of the program, this is %s", r.Origin.Program, now.Program))
	}
	l, err := s.Take(r.ID)
	if err != nil {
		return err
	}
	from, warning, err := lastCheckpoint(s, r.ID)
	if err != nil {
		return errors.Join(err, s.End(l, r.Status, r.Message))
	}
	if warning != "" {
		warnings = append(warnings, warning)
	}
	if wrong != nil {
		warnings = append(warnings, "from here on the bits are not those of a run that was not interrupted: other arithmetic makes them")
		if err := s.Changed(l, max(0, r.LastStep), origin()); err != nil {
			return err
		}
	}
	p := planOf(t, warnings...)
	p.Start = placeText(from)
	return a.carryOut(s, l, t, p, from)
}

// cannotGoOn says why a run cannot be opened again. One that measures along weights files reads
// them again: a checkpoint of it holds none of them.
func cannotGoOn(r store.Run, err error) error {
	var files *data.FilesError
	if r.Spec.Kind != "checkpoints" || errors.As(err, &files) {
		return fmt.Errorf("run %s cannot go on: %w", r.ID, err)
	}
	return fmt.Errorf("run %s cannot go on: %w; its weights files are its data, and must be where they were and as they were", r.ID, err)
}

// changesText says where the arithmetic of a run changed.
func changesText(r store.Run) string { return strings.TrimSuffix(r.Changes, "; ") }

// checkArithmetic refuses to go on with a run whose bits were made by other arithmetic.
func checkArithmetic(r store.Run) error {
	begun, now := r.Origin, origin()
	const otherwise = "begin the run anew, or go on with other bits: --other-bits"
	switch {
	case begun.ISA == now.ISA && begun.Numerics == now.Numerics:
		return nil
	case begun.ISA == now.ISA:
		return fmt.Errorf("run %s was made by version %s of the program, whose arithmetic (numerics %d) is not that of this one (numerics %d): use that version, %s",
			r.ID, begun.Program, begun.Numerics, now.Numerics, otherwise)
	}
	what := "use a program that was compiled as the first one was (" + tensor.FusedSuffix + ": for arm64 or with GOAMD64=v3)"
	if strings.HasSuffix(begun.ISA, tensor.FusedSuffix) == strings.HasSuffix(now.ISA, tensor.FusedSuffix) {
		what = fmt.Sprintf("set BREAKEVEN_ISA=%s if this processor has them", strings.TrimSuffix(begun.ISA, tensor.FusedSuffix))
	}
	return fmt.Errorf("run %s was made with %s kernels and here are %s ones, which round otherwise: %s, %s", r.ID, begun.ISA, now.ISA, what, otherwise)
}
