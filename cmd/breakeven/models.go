package main

import (
	"fmt"

	"breakeven/model"
	"breakeven/nn"
	"breakeven/probe"

	"github.com/spf13/cobra"
)

// A modelJSON describes a model.
type modelJSON struct {
	Name    string `json:"name"`
	Doc     string `json:"doc"`
	CIFAR   int    `json:"parameters_3x32x32"`
	Fashion int    `json:"parameters_1x28x28"`
}

func (a *app) modelsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "models",
		GroupID: "know",
		Short:   "List the networks",
		Long: `Lists the networks, with the number of their parameters on images like those
of CIFAR-10 (3×32×32) and of Fashion-MNIST (1×28×28), in ten classes. Their
parameters have PyTorch's names and layouts.`,
		Example: "  breakeven models\n  breakeven models --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			var list []modelJSON
			t := &table{head: []string{"model", "3×32×32", "1×28×28", "what"}}
			for _, m := range model.All {
				j := modelJSON{m.Name, m.Doc, m.New(nn.Shape{C: 3, H: 32, W: 32}, 10).Dim(), m.New(nn.Shape{C: 1, H: 28, W: 28}, 10).Dim()}
				list = append(list, j)
				t.add(j.Name, fmt.Sprint(j.CIFAR), fmt.Sprint(j.Fashion), j.Doc)
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
makes and about what it costs, in gradients of the measurement set. Those with
a star are measured when no probe is named.`,
		Example: "  breakeven probes\n  breakeven probes --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			var list []probeJSON
			t := &table{head: []string{"probe", "", "cost", "what", "keys"}}
			for _, p := range probe.All {
				list = append(list, probeJSON{p.Name, p.Doc, p.Keys, p.Cost, p.Default})
				t.add(p.Name, either(p.Default, "*", ""), fmt.Sprint(p.Cost), p.Doc, listText(p.Keys))
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
