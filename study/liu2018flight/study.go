package liu2018flight

import (
	"slices"

	"breakeven/run"
	"breakeven/study"
)

// Study is the entry of the catalogue.
var Study = study.Study{
	Name:  "liu2018flight",
	Title: "Predicting Aircraft Trajectories: A Deep Generative Convolutional Recurrent Neural Networks Approach",
	Paper: "Liu and Hansen, 2018 (arXiv 1812.11670)",
	Doc: "Trains the network on twenty real flights, with states on their tracks and with states that drift off them; says how far off predicted tracks are, " +
		"and how curvature and noise of the loss move with the learning rate, measured against the bound of stability of the method.",
	Claims: []study.Claim{
		{Text: "A network that reads the filed plan, the first forty minutes of a flight and the weather ahead predicts the rest of its track, as a density. " +
			"Published: a mean horizontal error of 49.6 nmi on 336 flights from Houston to Boston, for 1,342 to learn from."},
		{Text: "The loss of single steps is what such a network learns from; the track is predicted from its own predictions, step by step."},
		{Text: "Asked here, not there: larger learning rates keep the curvature λ_H¹ and the gradient noise λ_K¹ smaller along this training, too (the break-even point, Jastrzebski et al. 2020)."},
	},
	Kinds:  []string{"descent"},
	Scales: scales,
	Prefers: func(specs []run.Spec) bool {
		return !slices.ContainsFunc(specs, func(s run.Spec) bool { return s.Model != "deeptp" })
	},
	Analyze: analysis,
}
