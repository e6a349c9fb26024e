package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"breakeven/internal/config"
	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/task"

	"github.com/spf13/cobra"
)

// sweepFlags say how a sweep is run.
type sweepFlags struct {
	workers int    // 0: as many as suit
	retries int    // of a trial that fails
	output  string // report; "": named after the sweep
	noWork  bool   // workers elsewhere run it, and it is only followed
	halving halving
}

func (a *app) sweepCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "sweep [experiment.yaml]",
		GroupID: "do",
		Short:   "Run many trials: a grid, a list or random draws of settings",
		Long: `Runs many trials, several at the same time, and reports what they show. The file
is one that ` + "`breakeven run`" + ` reads, with the key sweep, which says of any setting
what it is set to:

    model: mlp
    method: momentum
    momentum: 0.9
    steps: 100
    every: 20
    probes: [loss, k, h]
    sweep:
      list:                   # each of these,
        - {model: tiny}
        - {model: mlp, hidden: [100]}
      random:                 # with each of so many draws,
        momentum: {from: 0.5, to: 0.99}
        weight_decay: {from: 1e-5, to: 0.01, spacing: log}
      draws: 5
      draw_seed: 0
      grid:                   # with every combination of these
        lr: {from: 0.001, to: 1, points: 4, spacing: log}
        batch: [32, 128]
        seed: {from: 0, to: 2}

Flags win over the file, and several values of a flag, with commas between, and
--seeds N multiply the trials, as those of ` + "`breakeven run`" + ` do.

The identity of a trial is its spec. What the store has is not run again, so
that the same command goes on after Ctrl-C, and when trials were added it runs
what is missing. Each trial is run once, however many processes share the
sweep; when one is killed another takes over its trial, to the same bits.

A trial that fails, for want of memory for example, is tried again after the
others, --retries times, and shown with its error at the end. It counts as new
whenever it has got further. One that diverges has ended, which is a result.

--halving 3 is for those who search for the best setting: all trials are run for
a part of their length, the best third of them for three times as long, and so
on; the best ones are run to their end. Who goes on begins where it was, unless
its schedule depends on the length. The same command goes on after Ctrl-C.

--workers says how many trials are run at a time, each by a process of its own
with its share of the processors and of the memory. The default is one for each
processor, unless there are fewer trials or too little memory. With --no-work
none are run here: the sweep waits for ` + "`breakeven worker`" + ` on this machine or, if
the store is on a server, on many, and is followed to its end. Ctrl-C stops only
the following then.`,
		Example: `  breakeven sweep --model tiny --lr 0.02,0.1 --seeds 2 --steps 10 --every 10 --examples 100 --probe loss
  breakeven sweep experiment.yaml --dry-run
  breakeven sweep experiment.yaml --workers 2 -o report.html
  breakeven sweep status`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt),
	}
	flags := addSpecFlags(c)
	a.dataFlag(c)
	a.storeFlag(c)
	a.memoryFlag(c)
	a.keyFlag(c)
	seeds := seedsFlag(c)
	family := c.Flags().String("task", "", "begin with what is usual for a task, in place of the defaults: "+strings.Join(task.WithUsual(), ", "))
	completes(c, "task", cobra.FixedCompletions(task.WithUsual(), cobra.ShellCompDirectiveNoFileComp))
	how := a.addSweepFlags(c)
	c.Flags().IntVar(&how.retries, "retries", usualRetries, "how often a trial that fails is tried again")
	c.Flags().IntVar(&how.halving.factor, "halving", 0, "search: run all trials for a short time, and the best one of so many for so many times as long, again and again (3 is usual)")
	c.Flags().StringVar(&how.halving.by, "by", "valid_loss", "key that decides who goes on with --halving: the least, or the largest if it is an accuracy")
	dry := c.Flags().Bool("dry-run", false, "print the trials, their cost and their memory, and do nothing")
	a.jsonFlag(c)
	a.quietFlag(c)
	c.RunE = a.logging(nil, func(args []string) error {
		if len(args) > 0 && *family != "" {
			return usagef("--task: the file says what is to be done: leave one of them out")
		}
		if how.retries < 0 {
			return usagef("--retries: must be 0 or more, not %d", how.retries)
		}
		if err := a.checkSweep(how); err != nil {
			return err
		}
		base, err := usual(*family)
		if err != nil {
			return err
		}
		title, bases := "sweep", []run.Spec{base}
		if len(args) > 0 {
			if args[0] != "-" {
				title = strings.TrimSuffix(filepath.Base(args[0]), filepath.Ext(args[0]))
			}
			if bases, err = a.readSweep(base, args[0]); err != nil {
				return err
			}
		}
		specs, err := flags.over(bases, *seeds)
		if err != nil {
			return err
		}
		specs = different(specs)
		if c.Flags().Changed("halving") {
			if err := how.halving.check(specs); err != nil {
				return err
			}
			if how.noWork {
				return usagef("--halving: who goes on is decided here: leave --no-work out")
			}
			if *dry {
				return a.halvingPlan(specs, how.halving)
			}
			return a.halve(title, specs, how)
		}
		if *dry {
			return a.sweepPlan(specs, how)
		}
		return a.submit(title, specs, how)
	})
	c.AddCommand(a.sweepStatusCommand(), a.sweepStateCommand("pause", store.Paused), a.sweepStateCommand("cancel", store.Cancelled),
		a.sweepResumeCommand(), a.sweepRetryCommand())
	return c
}

// different returns the specs without repetitions: flags may win over what a file says of each trial.
func different(specs []run.Spec) []run.Spec {
	seen := map[string]bool{}
	return slices.DeleteFunc(specs, func(s run.Spec) bool {
		id := s.ID()
		again := seen[id]
		seen[id] = true
		return again
	})
}

// usualRetries is how often a trial that fails is tried again if its user does not say.
const usualRetries = 2

// addSweepFlags adds the flags of all commands that run a sweep.
func (a *app) addSweepFlags(c *cobra.Command) *sweepFlags {
	how := &sweepFlags{}
	c.Flags().IntVar(&how.workers, "workers", 0, "trials that are run at a time (default: one for each processor, as far as memory allows)")
	c.Flags().BoolVar(&how.noWork, "no-work", false, "leave the trials to `breakeven worker`, on whatever machines, and follow them")
	a.otherBitsFlag(c)
	a.logFlag(c)
	c.Flags().StringVarP(&how.output, "output", "o", "", "report to write (default: named after the file; \"none\": none)")
	return how
}

// checkSweep refuses flags that contradict each other or name what cannot be.
func (a *app) checkSweep(s *sweepFlags) error {
	switch {
	case s.noWork && s.workers != 0:
		return usagef("--no-work: none are run here: leave --workers out")
	case s.noWork && a.log != "":
		return usagef("--no-work: what is measured is logged where it is run: give --log to `breakeven worker`")
	}
	return checkOutput(s.output)
}

// checkOutput refuses a report that could not be written at the end, which may be hours later.
func checkOutput(name string) error {
	if name == "" || name == "-" || name == "none" {
		return nil
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return usagef("-o %s: it is a folder: name a file in it", name)
	}
	if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() {
		return usagef("-o %s: there is no folder %s: make it, or name a file in another one", name, filepath.Dir(name))
	}
	return nil
}

// readSweep returns the specs of a file over a base.
func (a *app) readSweep(base run.Spec, file string) ([]run.Spec, error) {
	text, err := a.readConfig(file)
	if err != nil {
		return nil, usagef("%w; a sweep is a YAML file, or \"-\" for standard input", err)
	}
	specs, err := config.ParseSweep(base, filepath.ToSlash(file), text, known())
	if err != nil {
		return nil, usageError{err}
	}
	return specs, nil
}
