package izadi2020natural

import (
	"slices"

	"breakeven/run"
	"breakeven/study"
)

// Study is the entry of the catalogue.
var Study = study.Study{
	Name:  "izadi2020natural",
	Title: "Optimization of Graph Neural Networks with Natural Gradient Descent",
	Paper: "Izadi, Fang, Stevenson and Lin, IEEE BigData 2020 (arXiv 2008.09624)",
	Doc: "Trains graph convolution networks with Adam and SGD, with Kronecker factors in front of them, with predicted labels of unlabelled nodes, and " +
		"with both, over several seeds; says which of the two makes the difference, and compares the factors with their step lengths alone.",
	Claims: []study.Claim{
		{Text: "Natural gradient with Kronecker factors trains graph convolution networks to a higher test accuracy than Adam."},
		{Text: "With factors SGD trains as well as Adam, where without it is far behind after as many epochs."},
		{Text: "Predicted labels of unlabelled nodes, with the weight (t/T)^γ in loss and factors, raise the accuracy further. Published: Cora 82.84 ± 0.87 % " +
			"and Citeseer 74.28 ± 0.67 % on the public split, Cora 90.16 ± 0.59 % and Citeseer 80.52 ± 0.14 % on the complete one."},
	},
	Kinds:  []string{"descent"},
	Scales: scales,
	Prefers: func(specs []run.Spec) bool {
		return !slices.ContainsFunc(specs, func(s run.Spec) bool { return s.Model != "gcn" }) &&
			slices.ContainsFunc(specs, func(s run.Spec) bool { return s.Text("precondition")+s.Text("gamma") != "" })
	},
	Analyze: analysis,
}
