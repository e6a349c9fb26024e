package guo2020trojannet

import (
	"slices"

	"breakeven/run"
	"breakeven/study"
)

// Study is the entry of the catalogue.
var Study = study.Study{
	Name:  "guo2020trojannet",
	Title: "On Hiding Neural Networks Inside Neural Networks",
	Paper: "Guo, Wu and Weinberger, 2020 (arXiv 2002.10078)",
	Doc: "Trains a network that carries a secret one in an order of the same weights, both alone, and both in the same weights without an order; tries other keys, " +
		"and measures curvature and gradient noise along all of them.",
	Claims: []study.Claim{
		{Text: "A network with one set of weights for several tasks, each with a permutation of its own, is about as accurate on each as a network that is trained on that task alone."},
		{Text: "Without the key the secret network cannot be told from noise: another permutation gives what chance gives."},
		{Text: "To decide whether some permutation of a network's weights solves a task is NP-complete."},
	},
	Kinds:  []string{"descent"},
	Scales: scales,
	Prefers: func(specs []run.Spec) bool {
		return slices.ContainsFunc(specs, func(s run.Spec) bool { return s.Text("secrets") != "" })
	},
	Analyze: analysis,
}
