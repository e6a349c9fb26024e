package breakeven2020

import "breakeven/run"

// Demo returns the two runs of the demonstration, the small learning rate
// first: SimpleCNN on the embedded sample of Fashion-MNIST, on which both
// conjectures can be looked at in minutes. Only the learning rate differs.
// Probes is left to the caller.
func Demo() []run.Spec {
	s := run.Default()
	s.Data, s.Preprocess, s.Model, s.Method = "fashion-mnist-sample", "paper", "simplecnn", "sgd"
	s.Batch, s.Epochs = 32, 2
	s.Every = 34 // eleven measurements: the larger rate is past break-even before step 40
	// Smaller samples than the paper's 25 × 128 and 5 %: two minutes in all.
	s.Measure = run.Measure{L: 25, M: 64, Examples: 256, PerExample: 256, Tolerance: 0.01}
	return rates(s, 0.01, 0.1)
}

// CIFAR10 returns the two runs of the paper's main comparison, the small
// learning rate first: SimpleCNN on CIFAR-10, S = 128, with the paper's split,
// preprocessing and augmentation (Figs. 3 and 4). They go on past the 60 % line
// near which the maxima are expected. Probes is left to the caller.
func CIFAR10() []run.Spec {
	s := run.Default()
	s.Data, s.Train, s.Valid, s.Preprocess, s.Augment = "cifar10", 45000, 5000, "paper", true
	s.Model, s.Method, s.Batch = "simplecnn", "sgd", 128
	s.Epochs, s.Until = 40, 0.65
	s.Every = 45000 / 128 / 2 // half an epoch; the paper's code before measured once an epoch
	s.Measure = run.Measure{L: 25, M: 128, Examples: 1000, PerExample: 256, Tolerance: 0.01}
	return rates(s, 0.01, 0.1)
}

func rates(s run.Spec, lr ...float64) []run.Spec {
	specs := make([]run.Spec, len(lr))
	for i, eta := range lr {
		specs[i] = s
		specs[i].LR = eta
	}
	return specs
}

// AccuracyLine is the training accuracy whose first passing is marked to show
// that the effect is early. The paper draws it at 0.60 on CIFAR-10, and at 0.75
// on IMDB: about half way from chance to all correct (0.55 and 0.75). All data
// sets of the program have ten classes like CIFAR-10, so they get its line;
// of Fashion-MNIST the text at hand says nothing.
const AccuracyLine = 0.60
