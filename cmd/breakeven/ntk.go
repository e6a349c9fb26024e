package main

import (
	"context"
	"slices"

	"breakeven/internal/garbage"
	"breakeven/model"
	"breakeven/run"
	"breakeven/trial"

	"github.com/spf13/cobra"
)

func (a *app) ntkCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "ntk",
		GroupID: "do",
		Short:   "Kernels of networks of infinite width, and what they predict",
		Long: `Networks whose layers are very wide behave like linear models with a fixed
kernel, the neural tangent kernel (NTK), and their outputs before training like
a Gaussian process (NNGP). These commands compute both for the layers that
--network names, and compare networks of finite width with them:

  ntk kernel   the kernels of the training examples, for an npz file
  ntk predict  what all such networks do after training, in closed form
  ntk drift    trains one and measures how far its kernel moves

` + "`breakeven run --kind kernel`" + ` draws networks before training and compares their
kernels with those of infinite width; ` + "`--kind limit`" + ` is the trajectory of an
infinitely wide network. Like all runs they are stored, resumed and compared,
for lists of values and for --seeds.`,
		Example: `  breakeven ntk kernel --network '2*(dense;relu);dense' --train 100
  breakeven ntk predict --network '2*(dense;relu);dense' --train 100 --valid 50 --steps 100 --lr 0.1`,
	}
	c.AddCommand(a.ntkKernelCommand(), a.ntkPredictCommand(), a.ntkDriftCommand())
	return c
}

// layersHelp says what --network holds.
const layersHelp = `--network names the layers, with ";" between them:

    dense [WIDTH] [var σ_w²] [bias σ_b²] [orthogonal]
    conv [WIDTH] 3x3[/STRIDE] [same|circular|pad N] …
    avgpool 2x2, sumpool 2x2, global avgpool, flatten, layernorm
    relu, tanh, erf, gelu, leaky 0.1, sin, cos, abs, identity, monomial 2, …
    3*(…) or n*(…) repeats layers, n times --repeats
    residual(…) adds its input, sum(… | …) adds branches

The last layer has as many outputs as the data need.`

// wideFlags gives a command the flags of a network of the model wide, of its data, and of
// the named fields.
func wideFlags(c *cobra.Command, fields ...string) *specFlags {
	names := append([]string{"data", "train", "valid", "preprocess"}, fields...)
	m, _ := model.Lookup(model.WideName)
	for _, f := range slices.Concat(m.Fields, trial.DeclaredByTasks()) {
		names = append(names, f.Name)
	}
	return addSpecFlags(c, names...)
}

// wideSpec returns the spec of a file, if there is one, and of the flags, for infinite width.
func (a *app) wideSpec(args []string, flags *specFlags) (run.Spec, error) {
	spec := run.Default()
	spec.Model = model.WideName
	if len(args) > 0 {
		var err error
		if spec, err = a.readSpec(run.Default(), args[0]); err != nil {
			return spec, err
		}
	}
	if spec.Model != model.WideName {
		return spec, usagef("of model %s no kernel at infinite width is known: a file for this command says model: %s, and the layers in network", spec.Model, model.WideName)
	}
	spec.Kind, spec.Loss = "limit", "mse"
	for _, name := range run.Names() {
		if f, ok := run.LookupField(name); ok && trial.Lacks(spec, name) != "" {
			f.Set(&spec, f.Default)
		}
	}
	return flags.apply(spec)
}

// infinite opens the network of a file or of flags at infinite width, and its data.
func (a *app) infinite(args []string, flags *specFlags) (*trial.Infinite, run.Spec, error) {
	spec, err := a.wideSpec(args, flags)
	if err != nil {
		return nil, spec, err
	}
	if err := checkReading(spec, a.memory); err != nil {
		return nil, spec, err
	}
	t, err := trial.OpenInfinite(spec, a.dataDir)
	if err != nil {
		return nil, spec, err
	}
	_, warnings := t.Spec()
	for _, w := range warnings {
		a.warn(w)
	}
	return t, spec, nil
}

// infiniteFlags gives a command the flags of networks of infinite width and of the named
// fields, and -o.
func (a *app) infiniteFlags(c *cobra.Command, fields ...string) (flags *specFlags, output *string) {
	flags = wideFlags(c, fields...)
	output = c.Flags().StringP("output", "o", "", "npz file to write")
	a.dataFlag(c)
	a.memoryFlag(c)
	a.jsonFlag(c)
	a.quietFlag(c)
	return flags, output
}

// working runs f with a context that Ctrl-C ends, and a meter.
func (a *app) working(what string, f func(ctx context.Context, m *meter) error) error {
	defer garbage.Limit(garbage.Running)()
	v := a.newView()
	ctx, cancel := a.interruptible(v)
	m := v.meter(what, 0)
	err := f(ctx, m)
	m.end(err == nil)
	cancel()
	v.close()
	return err
}

func (a *app) ntkDriftCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "drift [network.yaml]",
		Short: "Train a network of finite width and measure how far its kernel moves",
		Long: `Trains one network of the model wide, or several, and measures how far the
tangent kernel, each weight and the outputs move from what is linear in the
parameters. It is ` + "`breakeven run --model wide --probe loss,drift --loss mse`" + `: the
runs are stored, and lists of values and --seeds are several of them.

` + layersHelp,
		Example: `  breakeven ntk drift --network 'dense;tanh;dense' --width 32,256 --train 64 --batch 64 --steps 20 --every 10 --lr 0.5
  breakeven ntk drift network.yaml --law gaussian,orthogonal --width 64 --train 64 --batch 64 --seeds 2 --steps 5`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt),
	}
	flags := wideFlags(c, "loss", "method", "lr", "momentum", "batch", "epochs", "steps", "every", "until", "seed", "probes", "measure.examples")
	a.storeFlag(c)
	a.dataFlag(c)
	a.memoryFlag(c)
	seeds := seedsFlag(c)
	again := c.Flags().Bool("again", false, "begin those runs anew that are there")
	a.jsonFlag(c)
	a.quietFlag(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		base := run.Default()
		base.Model, base.Loss, base.Probes = model.WideName, "mse", []string{"loss", "drift"}
		base.Measure.L, base.Measure.M = 2, 1 // samples that these probes do not draw
		specs, err := a.readSpecs(base, args, flags, *seeds)
		if err != nil {
			return err
		}
		return a.runSeveral(specs, *again, false)
	}
	return c
}
