package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"breakeven/hierarchy"
	"breakeven/run"
	"breakeven/trial"

	"github.com/spf13/cobra"
)

func (a *app) hierarchyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "hierarchy",
		GroupID: "do",
		Short:   "Kernels of higher order: how the tangent kernel of a network moves",
		Long: `The neural tangent hierarchy of Huang and Yau (ICML 2020): the tangent kernel K²
of a network of finite width moves while it learns, by K³, which moves by K⁴, and
so on. Networks here are the paper's, x^(ℓ) = σ(W x^(ℓ−1))/√m with a smooth σ, in
float64.`,
		Example: "  breakeven hierarchy flow --points 4 --hidden-width 64,128 --networks 4\n  breakeven hierarchy kernels --points 4 -o kernels.npz",
	}
	c.AddCommand(a.hierarchyFlowCommand(), a.hierarchyKernelsCommand())
	return c
}

// hierarchyBase is the spec that files and flags of these commands change.
func hierarchyBase() run.Spec {
	s := run.Default()
	s.Kind = "hierarchy"
	return s
}

// hierarchyFlags gives c the flags of the kind's fields.
func hierarchyFlags(c *cobra.Command) *specFlags {
	names := []string{"data", "seed"}
	for _, k := range trial.Kinds {
		for _, f := range k.Fields {
			if k.Name == hierarchyBase().Kind {
				names = append(names, f.Name)
			}
		}
	}
	return addSpecFlags(c, names...)
}

func (a *app) hierarchyFlowCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "flow [experiment.yaml]",
		Short: "Compare the truncated hierarchy with exact gradient flow",
		Long: `Draws networks, integrates the hierarchy truncated at levels 2, 3, … and the
gradient flow of the same network, and says how far they are apart in f and K².
It is short for ` + "`breakeven run --kind hierarchy`" + `: runs are kept, resumed, shown and
reported as others are, and several values for a flag, or --seeds, are several runs.
What is to be done stands in a file, in flags, or in both; flags win:

    source: data
    data: fashion-mnist-sample
    classes: [0, 6]
    points: 16
    test_points: 100
    hidden_width: 256
    networks: 4
    flow_time: 64`,
		Example: "  breakeven hierarchy flow --points 4 --networks 4\n" +
			"  breakeven hierarchy flow --source data --classes 0,6 --points 8 --test-points 20 --hidden-width 32,64 --flow-time 16\n" +
			"  breakeven hierarchy flow --dry-run",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt),
	}
	flags := hierarchyFlags(c)
	a.dataFlag(c)
	a.storeFlag(c)
	a.memoryFlag(c)
	seeds := seedsFlag(c)
	again, dry := seriesFlags(c)
	a.jsonFlag(c)
	a.quietFlag(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		specs, err := a.readSpecs(hierarchyBase(), args, flags, *seeds)
		if err != nil {
			return err
		}
		if specs[0].Kind != "hierarchy" {
			return usagef("kind: %s; this command is for kind hierarchy, `breakeven run` for all", specs[0].Kind)
		}
		return a.runSpecs(specs, *again, *dry)
	}
	return c
}

func (a *app) hierarchyKernelsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "kernels [experiment.yaml]",
		Short: "Write the kernels K², K³, … of a network as npz",
		Long: `Draws one network, computes f and its kernels K^(2), K^(3), … up to --order (or
--level), and writes them as arrays K1, K2, … of an npz file, with the points as x
and x_test: K4[i, j, k, l] is K^(4) of point i and training points j, k, l. They are
written as they come and never whole in memory. Settings are those of
` + "`breakeven hierarchy flow`" + `.`,
		Example: "  breakeven hierarchy kernels --points 4 -o kernels.npz\n" +
			"  breakeven hierarchy kernels --source data --points 8 --order 3 -o kernels.npz --json",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt),
	}
	flags := hierarchyFlags(c)
	number := c.Flags().Int("network", 0, "which of the networks, from 0 on")
	output := c.Flags().StringP("output", "o", "kernels.npz", "file to write; -: standard output")
	a.dataFlag(c)
	a.memoryFlag(c)
	a.jsonFlag(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		specs, err := a.readSpecs(hierarchyBase(), args, flags, 1)
		switch {
		case err != nil:
			return err
		case len(specs) > 1:
			return usagef("%d settings are given, and the kernels of one are written", len(specs))
		case specs[0].Kind != "hierarchy":
			return usagef("kind: %s; this command is for kind hierarchy", specs[0].Kind)
		}
		return a.writeKernels(specs[0], *number, *output)
	}
	return c
}

// A kernelJSON is an array that was written.
type kernelJSON struct {
	Name  string  `json:"name"`
	Shape []int   `json:"shape"`
	Max   float64 `json:"max"`
}

// writeKernels writes the kernels of one network, and says what was written.
func (a *app) writeKernels(s run.Spec, number int, output string) error {
	v := a.newView()
	ctx, cancel := a.interruptible(v)
	defer cancel()
	defer v.close()
	file, err := trial.OpenKernels(ctx, s, trial.Env{DataDir: a.dataDir}, number)
	if err != nil {
		return err
	}
	if err := a.checkFitting(withGarbage(file.Memory()), file, withGarbage); err != nil {
		return err
	}
	var saved []hierarchy.Saved
	err = a.writeTo(output, func(w io.Writer) (err error) {
		saved, err = file.Write(ctx, w)
		return err
	})
	if err != nil && ctx.Err() != nil {
		return errors.New("stopped; nothing was written")
	}
	if err != nil || output == "-" {
		return err
	}
	if a.json {
		list := []kernelJSON{}
		for _, k := range saved {
			list = append(list, kernelJSON(k))
		}
		return printJSON(a.stdout, struct {
			File    string       `json:"file"`
			Kernels []kernelJSON `json:"kernels"`
		}{output, list})
	}
	t := &table{head: []string{"array", "shape", "largest magnitude"}}
	for _, k := range saved {
		t.add(k.Name, strings.Trim(strings.ReplaceAll(fmt.Sprint(k.Shape), " ", " × "), "[]"), fmt.Sprintf("%.4g", k.Max))
	}
	if err := t.write(a.stdout); err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout, output)
	return err
}
