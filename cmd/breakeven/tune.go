package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"breakeven/run"
	"breakeven/study"
	"breakeven/study/catalog"
	"breakeven/trial"

	"github.com/spf13/cobra"
)

// tuneProbes are measured in the runs of a tuning: what its decisions rest on, and the batch.
var tuneProbes = []string{"loss", "examples", "h", "stability", "critical"}

// tuneExamples are in the measurement set of a tuning, unless the user says how many: enough to tell losses
// apart, at a quarter of the usual cost.
const tuneExamples = 512

func (a *app) tuneCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "tune [FILE]",
		GroupID: "do",
		Short:   "Find a learning rate and a batch size by a few short runs",
		Long: `Trains a network for a short while at a few learning rates, and recommends one,
with the batch that its gradient noise supports. The first run is at --lr. From
there it jumps to the rate at which a step just raises the loss (critical
sharpness, a few forward passes), or far down if the run diverged; then it tries
double, half, four times and a quarter of the best until all are worse, since a single
run may have bad luck. That is about six runs of an epoch each, where a sweep takes a dozen. A run is judged by the mean loss of the last quarter of its
training batches, which are new to it; beyond the first epoch, where they are not, by the
validation loss in the last quarter of its steps. Of rates whose losses the errors do
not tell apart the largest is taken.

A file and flags say what is trained, as for ` + "`breakeven run`" + `. Unless they say
otherwise runs are one epoch, and measuring takes half of their work, on ` + strconv.Itoa(tuneExamples) + ` examples.
What that does not pay for, such as break-even in a short run, is left out. The runs are kept in --store:
after Ctrl-C the same command goes on, and ` + "`breakeven report`" + ` shows them.

What is best after an epoch need not be best in the end: with the recommended rate
decaying towards the end of a long training, a rate up to twice as large may do.`,
		Example: `  breakeven tune --model tiny --train 640 --batch 32 --examples 100 --most 2
  breakeven tune --model tiny --method adam --lr 0.001 --train 320 --batch 32 --examples 100 --most 2`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt),
	}
	flags := addSpecFlags(c)
	c.Flags().Lookup("epochs").DefValue = "1"
	c.Flags().Lookup("examples").DefValue = strconv.Itoa(tuneExamples)
	a.dataFlag(c)
	a.storeFlag(c)
	a.memoryFlag(c)
	most := c.Flags().Int("most", 8, "runs at most")
	a.jsonFlag(c)
	a.quietFlag(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		if *most < 1 {
			return usagef("--most: %d runs; it takes one at least", *most)
		}
		if kind := flags.given["kind"].text; flags.isGiven("kind") && kind != run.Default().Kind {
			return usagef("--kind: runs of kind %s have no learning rate to find; leave it out", kind)
		}
		base := run.Default()
		base.Epochs, base.Probes, base.Measure.Examples = 1, tuneProbes, tuneExamples
		specs, err := a.readSpecs(base, args, flags, 1)
		if err != nil {
			return err
		}
		if len(specs) > 1 {
			return usagef("several values are given for a setting: tune looks for the learning rate of one")
		}
		return a.tune(specs[0], *most)
	}
	return c
}

// tune runs trials until the study that advises on them knows enough.
func (a *app) tune(base run.Spec, most int) error {
	by, ok := catalog.Adviser(base.Kind)
	if !ok { // a file can name it, too
		return usagef("kind: runs of kind %s have no learning rate to find", base.Kind)
	}
	base, err := a.halfMeasured(base)
	if err != nil {
		return err
	}
	s, err := a.openStore()
	if err != nil {
		return err
	}
	defer s.Close()
	specs := []run.Spec{base}
	for {
		runs, err := a.finish(s, series{name: "tuning", specs: specs, resume: a.typed()})
		if err != nil || runs == nil {
			return err
		}
		list, _, err := analyzed(within(s, runs), catalog.Analyze)
		if err != nil {
			return err
		}
		tuning := by.Tune(list, most)
		if tuning.Next == 0 || slices.ContainsFunc(specs, func(o run.Spec) bool { return o.LR == tuning.Next }) {
			return a.showTuning(tuning, bestRun(list, tuning), by)
		}
		next := base
		next.LR = tuning.Next
		specs = append(specs, next)
	}
}

// halfMeasured returns the spec with measurements that take half of its work, or more if it is too short
// for two losses and little else, unless it says when to measure.
func (a *app) halfMeasured(s run.Spec) (run.Spec, error) {
	if s.Every > 0 || s.Overhead > 0 {
		return s, nil
	}
	env, err := a.env(s, false)
	if err != nil {
		return s, err
	}
	s.Overhead = 0.5
	_, err = trial.Open(context.Background(), s, env)
	var short *trial.ShareError
	if errors.As(err, &short) {
		s.Overhead = math.Round(100*(1+short.Least)/2) / 100 // for twice as much and more
		return s, nil
	}
	return s, err
}

// fittingMinibatches returns a spec whose minibatches for K are as large as its training split allows, where they are larger.
func (a *app) fittingMinibatches(s run.Spec) run.Spec {
	env, err := a.env(s, false)
	if err != nil {
		return s
	}
	_, err = trial.Open(context.Background(), s, env)
	var few *trial.MinibatchError
	if errors.As(err, &few) && few.Have > 1 {
		s.Measure.L = min(few.L, few.Have)
		s.Measure.M = few.Have / s.Measure.L
	}
	return s
}

// bestRun returns the run that a tuning recommends, nil if there is none.
func bestRun(runs []study.Run, t study.Tuning) *study.Run {
	for i, r := range runs {
		if t.Best >= 0 && r.Spec.LR == t.Tried[t.Best].LR {
			return &runs[i]
		}
	}
	return nil
}

// A tuningJSON is what a tuning found.
type tuningJSON struct {
	study.Tuning
	LR      float64      `json:"lr"` // recommended; 0: none
	Batch   int          `json:"batch"`
	Advice  study.Advice `json:"advice"`
	Command string       `json:"command,omitempty"`
}

// showTuning prints the rates that were tried, and what is recommended.
func (a *app) showTuning(t study.Tuning, best *study.Run, by study.Study) error {
	j := tuningJSON{Tuning: t}
	if best != nil {
		j.Advice = by.Advise(*best)
		s, usual := best.Spec, run.Default()
		s.Steps, s.Epochs, s.Every, s.Overhead, s.Probes = usual.Steps, usual.Epochs, usual.Every, usual.Overhead, usual.Probes
		if s.Measure.Examples == tuneExamples {
			s.Measure.Examples = usual.Measure.Examples
		}
		s = a.fittingMinibatches(s)
		j.LR, j.Batch, j.Command = s.LR, s.Batch, runCommandOf(s)
	}
	if a.json {
		return printJSON(a.stdout, j)
	}
	table := study.Table{Head: []string{"η", "loss at the end", "η_c/η", "break-even step", ""}}
	for i, c := range t.Tried {
		word := c.Word
		if i == t.Best {
			word = "best"
		}
		table.Rows = append(table.Rows, []string{fmt.Sprint(c.LR), c.Loss, c.Critical, c.BreakEven, word})
	}
	fmt.Fprintf(a.stdout, "\n%s\n", fitting(a.stdout, table))
	writeSentences(a.stdout, "", []string{t.Why})
	if best == nil {
		return nil
	}
	for _, ans := range j.Advice.Answers {
		if strings.Contains(ans.Question, "batch") {
			writeSentences(a.stdout, "The batch: "+ans.Short, ans.Why)
		}
	}
	_, err := fmt.Fprintf(a.stdout, "\nTo train with it:\n  %s\n", j.Command)
	return err
}
