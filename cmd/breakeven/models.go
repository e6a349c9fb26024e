package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"breakeven/model"
	"breakeven/nn"
	"breakeven/probe"
	"breakeven/run"

	"github.com/spf13/cobra"
)

// A modelJSON describes a model.
type modelJSON struct {
	Name    string      `json:"name"`
	Doc     string      `json:"doc"`
	CIFAR   int         `json:"parameters_3x32x32"`
	Fashion int         `json:"parameters_1x28x28"`
	Words   int         `json:"parameters_80_words"`
	Cora    int         `json:"parameters_cora"`
	Flights int         `json:"parameters_flights"`
	Fields  []fieldJSON `json:"fields"`
}

// A fieldJSON describes a setting that a model or a kind declares.
type fieldJSON struct {
	Name    string `json:"name"`
	Default any    `json:"default"`
	Doc     string `json:"doc"`
}

// A sample is what models are described on.
type sample struct {
	reads   model.Content
	name    string
	in      []nn.Input
	outputs int
}

// samples are images, texts of 80 of 20,000 words, the graph Cora, and flights with plan and
// weather. Of several for one content the first shows a model's tensors.
var samples = []sample{
	{model.Numbers, "3×32×32", []nn.Input{{Shape: nn.Shape{C: 3, H: 32, W: 32}}}, 10},
	{model.Numbers, "1×28×28", []nn.Input{{Shape: nn.Shape{C: 1, H: 28, W: 28}}}, 10},
	{model.Tokens, "80 words", []nn.Input{{Name: "tokens", Shape: nn.Seq(80, 1), Below: 20000}}, 2},
	{model.Graphs, "Cora", []nn.Input{{Name: "features", Shape: nn.Vec(1433), Sparse: true}}, 7},
	{model.Tracks, "flights", []nn.Input{
		{Name: model.StateInput, Shape: nn.Seq(100, 6)}, {Name: model.PlanInput, Shape: nn.Seq(16, 2)},
		{Name: model.CubeInput, Shape: nn.Shape{T: 100, C: 4, H: 20, W: 20}},
	}, 45},
}

// network returns the default network of a model on the sample.
func (on sample) network(m model.Model) (*nn.Network, error) {
	s := run.Default()
	s.Model = m.Name
	return model.Of(s, on.in[0], on.outputs, on.in[1:]...)
}

func describeModel(m model.Model) (modelJSON, error) {
	j := modelJSON{Name: m.Name, Doc: m.Doc, Fields: describeFields(m.Fields)}
	if m.File {
		return j, nil
	}
	for k, count := range []*int{&j.CIFAR, &j.Fashion, &j.Words, &j.Cora, &j.Flights} {
		if samples[k].reads != m.Reads || samples[k].in[0].Shape.H < m.MinSide {
			continue
		}
		net, err := samples[k].network(m)
		if err != nil {
			return j, err
		}
		*count = net.Dim()
	}
	return j, nil
}

func countOrDash(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

func describeFields(fields []run.Field) []fieldJSON {
	list := []fieldJSON{}
	for _, f := range fields {
		list = append(list, fieldJSON{f.Name, f.Default, f.Doc})
	}
	return list
}

// writeFields prints fields, one in a line.
func writeFields(w io.Writer, fields []run.Field) {
	for _, f := range fields {
		fmt.Fprintf(w, "  --%s (%s): %s\n", f.FlagName(), f.DefaultText(), f.Doc)
	}
}

func (a *app) modelsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "models [MODEL]",
		GroupID: "know",
		Short:   "List the networks, or the parameters of one",
		Long: `Lists the networks, with the number of their parameters on images like those
of CIFAR-10 (3×32×32) and of Fashion-MNIST (1×28×28), in ten classes, on texts
of 80 of 20,000 words, in two, on the graph Cora, in seven, or on flights with
plan and weather. Their parameters have PyTorch's names and layouts.

With the name of a network it lists the settings that are its own, and the name
and the shape of each parameter on images of 3×32×32, such texts, Cora or
flights. A file in ONNX, such as net.onnx, is a network, too.`,
		Example: "  breakeven models\n  breakeven models mlp\n  breakeven models --json",
		Args:    cobra.MaximumNArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return model.Names(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.printModel(args[0])
			}
			var list []modelJSON
			t := &table{head: []string{"model", "3×32×32", "1×28×28", "80 words", "Cora", "flights", "what"}}
			for _, m := range model.All {
				j, err := describeModel(m)
				if err != nil {
					return err
				}
				list = append(list, j)
				t.add(j.Name, countOrDash(j.CIFAR), countOrDash(j.Fashion), countOrDash(j.Words), countOrDash(j.Cora), countOrDash(j.Flights), j.Doc)
			}
			if a.json {
				return printJSON(a.stdout, list)
			}
			return t.write(a.stdout)
		},
	}
	a.jsonFlag(c)
	return c
}

// printModel prints the settings and the parameters of a model.
func (a *app) printModel(name string) error {
	m, ok := model.Lookup(name)
	if !ok {
		hint := ""
		if near, ok := run.Nearest(name, model.Names()); ok {
			hint = fmt.Sprintf(" (did you mean %q?)", near)
		}
		return usagef("unknown model %q%s; see: breakeven models", name, hint)
	}
	type tensorJSON struct {
		Name     string `json:"name"`
		Shape    []int  `json:"shape"`
		Constant bool   `json:"constant,omitempty"`
	}
	about, err := describeModel(m)
	if err != nil {
		return err
	}
	j := struct {
		modelJSON
		Parameters []tensorJSON `json:"parameters"`
	}{modelJSON: about}
	shape, describe := "shape", func() (*nn.Network, error) { return model.Described(name) }
	if !m.File {
		on := samples[slices.IndexFunc(samples, func(on sample) bool { return on.reads == m.Reads })]
		shape, describe = "shape on "+on.name, func() (*nn.Network, error) { return on.network(m) }
	}
	net, err := describe()
	if err != nil {
		return err
	}
	tensors := &table{head: []string{"parameter", shape}}
	for _, p := range slices.Concat(net.Params(), net.Buffers()) {
		j.Parameters = append(j.Parameters, tensorJSON{p.Name, p.Shape, p.Frozen})
		size := strings.Trim(strings.ReplaceAll(fmt.Sprint(p.Shape), " ", "×"), "[]")
		if p.Frozen {
			size += ", constant"
		}
		tensors.add(p.Name, size)
	}
	if a.json {
		return printJSON(a.stdout, j)
	}
	fmt.Fprintf(a.stdout, "%s: %s\n", m.Name, m.Doc)
	writeFields(a.stdout, m.Fields)
	fmt.Fprintln(a.stdout)
	return tensors.write(a.stdout)
}

// A probeJSON describes a probe.
type probeJSON struct {
	Name    string   `json:"name"`
	Doc     string   `json:"doc"`
	Keys    []string `json:"keys"`
	Cost    float64  `json:"cost"` // in gradients of the measurement set
	Default bool     `json:"default"`
}

func (a *app) probesCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "probes",
		GroupID: "know",
		Short:   "List the probes: what can be measured, and at what cost",
		Long: `Lists the probes for ` + "`breakeven run --probe`" + `, with the keys that each of them
makes and about what it costs, in gradients of the measurement set, with the
default sample sizes on 45,000 examples. Those with a star are measured when no
probe is named.`,
		Example: "  breakeven probes\n  breakeven probes --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			var list []probeJSON
			t := &table{head: []string{"probe", "", "cost", "what", "keys"}}
			sizes := probe.SizesOf(run.Default(), 45000, 5000)
			for _, p := range probe.All {
				cost := math.Round(100*p.Cost(sizes)) / 100
				list = append(list, probeJSON{p.Name, p.Doc, p.KeyNames(), cost, p.Default})
				t.add(p.Name, either(p.Default, "*", ""), num(cost), p.Doc, listText(p.KeyNames()))
			}
			if a.json {
				return printJSON(a.stdout, list)
			}
			return t.write(a.stdout)
		},
	}
	a.jsonFlag(c)
	return c
}
