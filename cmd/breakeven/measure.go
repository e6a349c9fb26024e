package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"breakeven/internal/store"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/task"
	"breakeven/trial"

	"github.com/spf13/cobra"
)

func (a *app) measureCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "measure",
		GroupID: "do",
		Short:   "Measure every quantity at given weights, without training",
		Long: `Measures every quantity at given weights: no training and no augmentation. So
that other programs can compute the same numbers, nothing is drawn at random:
the measurement set is the examples FROM up to but without TO of the split,
given as --examples FROM:TO, and the minibatches are these examples in order,
cut into --minibatches equal parts. Batch norm uses the statistics of each
batch, or with --norm running those that the weights hold, as after training:
every example then has a gradient of its own.

The weights are a safetensors file with PyTorch's names and layouts, or what
torch.save wrote; without --weights they are the initial ones of --init and --seed. --lr and --batch are
the η and S of Eq. 1 (stability), where N is the number of examples.

A quoted pattern such as --weights 'ckpt-*.safetensors' names several files: they
are measured one after the other, ckpt-2 before ckpt-10, and are the rows of one
table. --results FILE.jsonl keeps each as a line of JSON once it is measured, and the same
command goes on after those that are there. To draw examples and minibatches anew
for each file, and to have the records in a store, there is
breakeven run --kind checkpoints.

With --weight-decay λ the loss that is measured has (λ/2)‖θ‖² besides, so that the
gradient has λθ, and H and G have λI, as in PyTorch's SGD; K stays what it is.

With --run the weights are those of a run of the store at --step (its last
checkpoint if none is given), and data, network, η and S are its own unless
other flags say otherwise.

Without --probe everything is measured, but not in single layers. Of these there
are layernoise, layertrace and layerh; --layer says what a layer is, such as
'layer1.*,layer2.*,fc', and without it each operation of the network is one. More than half of the time goes into
density and trace; the largest eigenvalue alone (h) is found sooner than both
ends of the spectrum (h5), which are measured unless h is named. Eigenvalues
are found to a tighter --tolerance than along a run.

With --json the result is one object. Its keys are:

` + keysText("    "),
		Example: `  breakeven measure --model tiny --examples 0:64 --minibatches 8
  breakeven measure --model tiny --examples 0:64 --preprocess channel --json
  breakeven measure --model tiny --examples 0:64 --probe loss,k,h,stability
  breakeven measure --model tiny --examples 0:64 --probe layernoise,layertrace,layerh --layer 'conv*,fc'
  breakeven measure --model mlp --weights 'ckpt-*.safetensors' --examples 0:64 --batch 16 --probe loss,k --results along.jsonl
  breakeven run --model tiny --steps 20 --every 10 --examples 250 --probe loss
  breakeven measure --run last --step 5 --examples 0:64 --probe loss,k`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usagef("%q: measure takes flags only; a pattern of several files is quoted: --weights 'ckpt-*.safetensors'", args[0])
		},
	}
	flags := addSpecFlags(c, measureFields()...)
	c.Flags().Lookup("tolerance").DefValue = fmt.Sprint(trial.Tolerance) // tighter than along a run
	at := trial.At{}
	var examples string
	c.Flags().StringVar(&at.Split, "split", "train", "train, valid or test")
	c.Flags().StringVar(&examples, "examples", "0:2250", "FROM:TO, examples FROM up to but without TO of the split; default: as many of the first 2,250 as there are, or one less, which can be cut")
	c.Flags().IntVar(&at.L, "minibatches", 0, "equal parts of the examples, for K (default: the largest number up to 25 that cuts them evenly)")
	c.Flags().IntVar(&at.NTK, "ntk", 8, "examples of the tangent kernel, the first ones; 0: none")
	c.Flags().StringVar(&at.Norm, "norm", trial.Norms[0], "statistics of batch norm: batch, or running")
	results := c.Flags().String("results", "", "with a pattern of weights files: keep what is measured in this file, FILE.jsonl, and go on after what is there")
	of := c.Flags().String("run", "", "measure at the weights of this run of the store")
	step := c.Flags().Int("step", -1, "with --run: at this step (default: at its last checkpoint)")
	a.storeFlag(c)
	a.dataFlag(c)
	a.memoryFlag(c)
	a.jsonFlag(c)
	a.quietFlag(c)
	a.keyFlag(c)
	completes(c, "run", a.completeRuns(1))
	completes(c, "split", completeWords(func() []string { return []string{"train", "valid", "test"} }))
	completes(c, "norm", completeWords(func() []string { return trial.Norms }))
	c.RunE = func(*cobra.Command, []string) (err error) {
		if at.From, at.To, err = parseRange(examples); err != nil {
			return err
		}
		base := run.Default()
		switch {
		case *of != "":
			if flags.isGiven("weights") || flags.isGiven("model") || flags.isGiven("init") {
				return usagef("--run: the network and its weights are the run's; leave out --model, --init and --weights")
			}
			if base, at.Tensors, err = a.runAt(*of, *step, c.Flags().Changed("step")); err != nil {
				return err
			}
		case c.Flags().Changed("step"):
			return usagef("--step: of which run? Give one with --run")
		}
		if !c.Flags().Changed("examples") {
			if n, ok := a.sizeOf(at.Split, flags, base); ok {
				at.To = min(at.To, n)
			}
			if !c.Flags().Changed("minibatches") && at.To > 2 && evenParts(at.To) == 1 {
				at.To-- // a prime number
			}
		}
		if !c.Flags().Changed("minibatches") {
			at.L = evenParts(at.To - at.From)
		}
		base.Probes = probe.Everything()
		if flags.isGiven("measure.layers") {
			base.Probes = probe.Names()
		}
		base.Measure.Tolerance = trial.Tolerance
		if flags.isGiven("weight_decay") {
			base.Measure.Decay, base.Decay = true, "loss"
		}
		if !c.Flags().Changed("ntk") {
			at.NTK = min(at.NTK, at.To-at.From)
		}
		reduced := ""
		if n := at.To - at.From; !c.Flags().Changed("batch") && base.Batch > n {
			reduced = fmt.Sprintf("S of Eq. 1 is reduced from %d to the %d examples measured, which are its N: the term of the variance is 0. Give a smaller --batch", base.Batch, n)
			base.Batch = n
		}
		base.Measure.L, base.Measure.M = 2, 1 // at.L counts here: no settings of a run to find fault with
		spec, err := flags.apply(base)
		if err != nil {
			return err
		}
		if err := checkAt(at); err != nil {
			return err
		}
		names, err := weightsFiles(spec.Weights)
		switch {
		case err != nil:
			return err
		case names == nil && *results != "":
			return usagef("--results: keeps what is measured at several weights files; give a quoted pattern of them, --weights 'ckpt-*.safetensors'")
		case names != nil:
			spec.Weights = ""
		}
		if err := checkReading(spec, a.memory); err != nil {
			return err
		}
		at.Weights, spec.Weights = spec.Weights, ""
		if at.Tensors != nil {
			at.Weights = ""
		}
		if at.Keys, err = a.keysFor(spec); err != nil {
			return err
		}
		at.Fits = func(parts []trial.Memory) error { return checkMemory(withGarbage(parts), a.memory, measureLevers) }
		if names != nil {
			return a.measureFiles(spec, at, names, reduced, *results)
		}
		return a.measure(spec, at, reduced)
	}
	return c
}

// runAt returns the spec of a run and its weights at a step, or at its last checkpoint.
func (a *app) runAt(name string, step int, given bool) (run.Spec, []run.Tensor, error) {
	s, err := store.OpenReader(a.store)
	if err != nil {
		return run.Spec{}, nil, err
	}
	defer s.Close()
	r, err := s.Find(name)
	if err != nil {
		return run.Spec{}, nil, err
	}
	if !given {
		step = max(0, r.Checkpoint)
	}
	tensors, err := a.weightsAt(s, r, step)
	spec := r.Spec
	spec.Kind, spec.Weights, spec.WeightsSHA256 = run.Default().Kind, "", ""
	return spec, tensors, err
}

// measureFields are the fields of a spec that a measurement has, those of tasks and
// models among them.
func measureFields() []string {
	names := []string{"data", "model", "weights", "init", "freeze", "seed", "preprocess", "loss", "weight_decay", "lr", "batch", "probes", "measure.tolerance", "measure.layers"}
	for _, f := range trial.DeclaredByNetworks() {
		names = append(names, f.Name)
	}
	return names
}

// sizeOf returns how many examples a split of the data of flags over a base has. The data are opened if it is not
// known without them. What is wrong with them is reported later.
func (a *app) sizeOf(split string, flags *specFlags, base run.Spec) (n int, ok bool) {
	base.Batch, base.Measure.L, base.Measure.M = 1, 2, 1
	spec, err := flags.apply(base)
	if err != nil {
		return 0, false
	}
	if n, ok := task.TrainSize(spec); ok && split == "train" {
		return n, true
	}
	if checkReading(spec, a.memory) != nil {
		return 0, false
	}
	t, err := task.Open(spec, a.dataDir)
	if err != nil {
		return 0, false
	}
	examples := t.Split(split)
	if examples == nil {
		return 0, false
	}
	return examples.Len(), examples.Len() > 0
}

// parseRange reads "A:B".
func parseRange(s string) (from, to int, err error) {
	first, second, ok := strings.Cut(s, ":")
	from, err1 := strconv.Atoi(first)
	to, err2 := strconv.Atoi(second)
	if !ok || err1 != nil || err2 != nil || from < 0 || to <= from {
		return 0, 0, usagef("--examples: %q is no range of examples; write it like 0:256, for examples 0 up to 255", s)
	}
	return from, to, nil
}

// evenParts returns the largest number up to 25 that cuts n examples evenly.
func evenParts(n int) int {
	parts := min(25, n)
	for n%parts != 0 {
		parts--
	}
	return parts
}

func checkAt(at trial.At) error {
	n := at.To - at.From
	switch {
	case n < 2:
		return usagef("--examples: a covariance needs two examples or more, not %d", n)
	case at.Split != "train" && at.Split != "valid" && at.Split != "test":
		return usagef("--split: unknown split %q; it is train, valid or test", at.Split)
	case at.L == 1 && n > 2:
		return usagef("--examples: %d examples cannot be cut evenly into 2 to 25 parts; take another number, or give --minibatches", n)
	case at.L < 2 || at.L > n:
		return usagef("--minibatches: a covariance of %d examples needs 2 to %d parts, not %d", n, n, at.L)
	case n%at.L != 0:
		return usagef("--minibatches: %d examples cannot be cut into %d equal parts", n, at.L)
	case !slices.Contains(trial.Norms, at.Norm):
		return usagef("--norm: unknown statistics %q; they are batch or running", at.Norm)
	case at.NTK < 0 || at.NTK > n:
		return usagef("--ntk: must lie between 0 and the %d examples, not %d", n, at.NTK)
	}
	return nil
}
