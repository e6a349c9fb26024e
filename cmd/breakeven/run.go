package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"breakeven/internal/config"
	"breakeven/internal/regular"
	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/task"
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

Several values for one flag, with commas between, and --seeds N are several
runs, one after the other: all combinations. What is there already is taken as
it is, so that the same command goes on after Ctrl-C, and all are compared at
the end.

--task graph, or flights, begins with what is usual for graphs or for tracks of
aircraft (data, network, method, batch), in place of the defaults; flags win.

--extend RUN goes on with a run that has ended, to a larger --epochs or --steps
in all. The result is a run of its own, with the bits of one that was begun with
these settings; the first one stays.

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
  breakeven run --model tiny --lr 0.02,0.1 --seeds 2 --steps 10 --every 10 --examples 100 --probe loss
  breakeven run --task graph --epochs 20 --every 10 --examples 100
  breakeven run --task flights --units 16 --epochs 4 --probe loss --examples 10
  breakeven run --extend last --steps 40
  breakeven run --model mlp --dry-run`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt),
	}
	flags := addSpecFlags(c)
	a.dataFlag(c)
	a.storeFlag(c)
	c.Flags().StringVar(&a.store, "out", store.DefaultDir, "the same as --store")
	a.memoryFlag(c)
	a.keyFlag(c)
	seeds := seedsFlag(c)
	family := c.Flags().String("task", "", "begin with what is usual for a task, in place of the defaults: "+strings.Join(task.WithUsual(), ", "))
	completes(c, "task", cobra.FixedCompletions(task.WithUsual(), cobra.ShellCompDirectiveNoFileComp))
	extend := c.Flags().String("extend", "", "go further with this run of the store: to more --epochs or --steps, or past its --until")
	again, dry := seriesFlags(c)
	a.jsonFlag(c)
	a.logFlag(c)
	a.quietFlag(c)
	c.RunE = a.logging(nil, func(args []string) error {
		if *extend != "" {
			if len(args) > 0 || *seeds != 1 || *family != "" {
				return usagef("--extend: the settings are those of the run: leave out the file, --seeds and --task")
			}
			return a.extend(flags, *extend, *dry)
		}
		if len(args) > 0 && *family != "" {
			return usagef("--task: the file says what is to be done: leave one of them out")
		}
		base, err := usual(*family)
		if err != nil {
			return err
		}
		specs, err := a.readSpecs(base, args, flags, *seeds)
		if err != nil {
			return err
		}
		return a.runSpecs(specs, *again, *dry)
	})
	return c
}

// runSpecs runs one trial, or several one after the other.
func (a *app) runSpecs(specs []run.Spec, again, dry bool) error {
	if len(specs) > 1 {
		return a.runSeveral(specs, again, dry)
	}
	if err := checkReading(specs[0], a.memory); err != nil {
		return err
	}
	env, err := a.env(specs[0], false)
	if err != nil {
		return err
	}
	t, err := trial.Open(context.Background(), specs[0], env)
	if err != nil {
		return err
	}
	if err := a.checkJob(t); err != nil {
		return err
	}
	if dry {
		return a.printPlan(t)
	}
	return a.begin(t)
}

// usual returns the spec that is usual for the data of a task, or the default for "".
func usual(family string) (run.Spec, error) {
	if family == "" {
		return run.Default(), nil
	}
	spec, err := task.Usual(strings.ToLower(family))
	if err != nil {
		return spec, usageError{err}
	}
	return spec, nil
}

// maxRuns is the most runs that flags can ask for, and maxSweep those that flags and a file can: more
// is a mistake.
const maxRuns, maxSweep = 10_000, 100_000

// readSpecs returns the specs of a file, if there is one, and of the flags over a base: each
// with so many seeds.
func (a *app) readSpecs(spec run.Spec, files []string, flags *specFlags, seeds int) ([]run.Spec, error) {
	if len(files) > 0 {
		var err error
		if spec, err = a.readSpec(spec, files[0]); err != nil {
			return nil, err
		}
	}
	return flags.over([]run.Spec{spec}, seeds)
}

// over puts the flags over each of several specs, each with so many seeds.
func (s *specFlags) over(bases []run.Spec, seeds int) (all []run.Spec, err error) {
	switch {
	case seeds < 1:
		return nil, usagef("--seeds: must be 1 or more, not %d", seeds)
	case seeds > 1 && len(s.given["seed"].values) > 1:
		return nil, usagef("--seeds: give the seeds by --seed or their number by --seeds, not both")
	}
	most := maxRuns
	if len(bases) > 1 {
		most = maxSweep
	}
	if settings := s.settings(most); seeds > most/len(bases)/settings {
		return nil, usagef("so many values of flags, with so many seeds, are more than %d runs: leave some out", most)
	}
	for _, base := range bases {
		specs, err := s.applyAll(base)
		if err != nil {
			return nil, err
		}
		for _, spec := range specs {
			for k := range seeds {
				one := spec
				one.Seed += uint64(k)
				all = append(all, one)
			}
		}
	}
	return all, nil
}

// readSpec returns base with what a configuration file says.
func (a *app) readSpec(base run.Spec, file string) (run.Spec, error) {
	text, err := a.readConfig(file)
	if err != nil {
		return base, usagef("%w; a configuration is a YAML file, or \"-\" for standard input", err)
	}
	spec, err := config.ParseOver(base, filepath.ToSlash(file), text, known())
	if err != nil {
		return base, usageError{err}
	}
	return spec, nil
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
	l, err := s.Begin(spec, origin())
	if err != nil {
		return err
	}
	var warnings []string
	if len(before) > 0 {
		warnings = append(warnings, repetition(before[0], a.resumeLine(before[0].ID)))
	}
	return a.carryOut(s, l, t, planOf(t, warnings...), nil)
}

// repetition says that a run is not the first of its spec.
func repetition(before store.Run, resume string) string {
	switch {
	case before.Working:
		return fmt.Sprintf("another process (%d) works on the same run, %s; on the same kind of processor this one gives the same bits", before.PID, before.ID)
	case before.Status.Resumable():
		return fmt.Sprintf("the same run, %s, was begun before and not ended; to go on with it: %s", before.ID, resume)
	}
	return fmt.Sprintf("the same run, %s, is %s; on the same kind of processor this one gives the same bits", before.ID, before.Status)
}

// carryOut runs a trial to its end, or to Ctrl-C, and prints what came of it.
func (a *app) carryOut(s *store.Store, l store.Lease, t trial.Job, p plan, from *run.Checkpoint) error {
	r, err := s.Find(l.Run)
	if err != nil {
		return err
	}
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
	r, err = a.drive(ctx, s, l, t, from, v.run(r.ID, r.LastStep, startPart(from, p.Steps)))
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
