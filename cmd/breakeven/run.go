package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"breakeven/internal/config"
	"breakeven/internal/regular"
	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/trial"

	"github.com/spf13/cobra"
)

func (a *app) runCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "run [experiment.yaml]",
		GroupID: "do",
		Short:   "Train a network and measure along the way",
		Long: `Trains one network and measures along the way: one trajectory. What is to be
done stands in a file ("-" is standard input), in flags, or in both; flags win.
A file holds what the flags say, one line each, and leaves out what the
defaults say:

    model: mlp
    lr: 0.1
    batch: 32
    epochs: 0.5
    probes: [loss, k, h]
    measure:
      examples: 500

Before it starts the run prints its plan: steps, parameters, and the most
memory that it takes besides the program's own; a search for eigenvectors that
ends early takes less. A run that will not fit says so: in what is free, in its
control group, or in what ulimit -v and -d leave. Ctrl-C stops a run, and
` + "`breakeven resume`" + ` goes on, to the same bits as if it had never been stopped.
A run whose loss becomes NaN or infinite ends with status diverged, which is a
result. The same spec and seed give the same bits on the same kind of
processor, whatever the number of cores.

What is measured, by key:

` + keysText("    "),
		Example: `  breakeven run --model mlp --lr 0.1 --epochs 0.5 --examples 250
  breakeven run experiment.yaml --seed 1
  breakeven run --model mlp --momentum 0.9 --steps 40 --every 20 --probe loss,k
  breakeven run --model mlp --dry-run`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt),
	}
	flags := addSpecFlags(c)
	a.dataFlag(c)
	a.storeFlag(c)
	c.Flags().StringVar(&a.store, "out", store.DefaultDir, "the same as --store")
	a.memoryFlag(c)
	dry := c.Flags().Bool("dry-run", false, "print the plan and the full spec, and do nothing")
	a.jsonFlag(c)
	a.quietFlag(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		spec, err := a.readSpec(args, flags)
		if err != nil {
			return err
		}
		if err := checkReading(spec, a.memory); err != nil {
			return err
		}
		t, err := trial.Open(context.Background(), spec, trial.Env{DataDir: a.dataDir})
		if err != nil {
			return err
		}
		if err := checkMemory(runMemory(t), a.memory, runLevers); err != nil {
			return err
		}
		if *dry {
			return a.printPlan(t)
		}
		return a.begin(t)
	}
	return c
}

// readSpec returns the spec of a file, if there is one, and of the flags.
func (a *app) readSpec(files []string, flags *specFlags) (run.Spec, error) {
	spec := run.Default()
	if len(files) > 0 {
		text, err := a.readConfig(files[0])
		if err != nil {
			return run.Spec{}, usagef("%w; a configuration is a YAML file, or \"-\" for standard input", err)
		}
		if spec, err = config.Parse(filepath.ToSlash(files[0]), text, known()); err != nil {
			return run.Spec{}, usageError{err}
		}
	}
	return flags.apply(spec)
}

// readConfig reads a configuration file, or standard input for "-". It reads
// no more than shows that a text is too long to be one.
func (a *app) readConfig(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(a.stdin, config.MaxSize+1))
	}
	return regular.Read(name, config.MaxSize)
}

func (a *app) printPlan(t trial.Job) error {
	p := planOf(t)
	if a.json {
		return printJSON(a.stdout, p)
	}
	p.write(a.stdout)
	_, err := fmt.Fprint(a.stdout, "\n", p.Spec.Full(known()))
	return err
}

// begin makes a run of a trial, and runs it.
func (a *app) begin(t trial.Job) error {
	s, err := a.openStore()
	if err != nil {
		return err
	}
	defer s.Close()
	spec := t.Plan().Spec
	before, err := s.WithSpec(spec)
	if err != nil {
		return err
	}
	r, err := s.Create(spec, origin())
	if err != nil {
		return err
	}
	var warnings []string
	if len(before) > 0 {
		warnings = append(warnings, repetition(before[0], a.resumeLine(before[0].ID)))
	}
	return a.carryOut(s, r, t, planOf(t, warnings...), nil)
}

// repetition says that a run is not the first of its spec.
func repetition(before store.Run, resume string) string {
	if before.Status.Resumable() {
		return fmt.Sprintf("the same run, %s, was begun before and not ended; to go on with it: %s", before.ID, resume)
	}
	return fmt.Sprintf("the same run, %s, is %s; on the same kind of processor this one gives the same bits", before.ID, before.Status)
}

// carryOut runs a trial to its end, or to Ctrl-C, and prints what came of it.
func (a *app) carryOut(s *store.Store, r store.Run, t trial.Job, p plan, from *run.Checkpoint) error {
	v := a.newView()
	switch p.Run = r.ID; {
	case a.json: // the warnings come with the outcome
	case a.quiet:
		for _, warning := range p.Warnings {
			a.warn(warning)
		}
	default:
		p.write(a.stdout)
		fmt.Fprintln(a.stdout)
	}
	ctx, cancel := a.interruptible(v)
	r, err := a.drive(ctx, s, r, t, from, v.run(r.ID, r.LastStep, startPart(from, p.Steps)))
	cancel()
	v.close()
	if err != nil {
		return err
	}
	return a.printOutcome(s, r, p.Warnings)
}

// startPart is about how much of a run is done at a checkpoint.
func startPart(from *run.Checkpoint, steps int) float64 {
	if from == nil {
		return 0
	}
	return float64(from.Step) / float64(max(1, steps))
}
