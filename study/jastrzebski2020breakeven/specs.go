package jastrzebski2020breakeven

import (
	"breakeven/run"
	"breakeven/study"
)

// Scales are the trials of the study. The standard ones test Eq. 1 and both
// conjectures; networks with batch norm have no gradients of single examples, and
// so no Eq. 1.
var scales = []study.Scale{
	{Name: study.Test, Trials: test, Doc: "Seconds. Tiny networks for a few steps: every part is there, and nothing is shown."},
	{Name: study.Demo, Trials: demo, Doc: "About a minute on two cores. SimpleCNN on 6,000 images of Fashion-MNIST, which are in the program, at " +
		"two learning rates, in batches of 32. Samples for K and H are a half and a ninth of the paper's."},
	{Name: study.Small, Trials: small, Doc: "About 15 minutes on two cores with AVX-512. Every network of the paper, for a part of its early phase and with few examples " +
		"for K and H: SimpleCNN, SimpleCNN-BN and ResNet-32 on CIFAR-10, LSTM on IMDB, the multilayer perceptron on 6,000 images of Fashion-MNIST with " +
		"three seeds and all that is measured today, and, as stand-ins, a DenseNet of 3 × 2 layers on CIFAR-10 and a BERT of two layers on pairs of sentences (SICK), " +
		"whose random weights SGD does not train in so few steps: it shows that everything can be measured. Networks whose data are not there are left out."},
	{Name: study.Paper, Trials: full, Doc: "Weeks on two cores. SimpleCNN, ResNet-32 and SimpleCNN-BN on CIFAR-10 for 200 epochs, LSTM on IMDB for 50, " +
		"the multilayer perceptron on Fashion-MNIST for 200 with two seeds, DenseNet-121 on ImageNet (folder ./imagenet) for 10 with two, and BERT-base on MNLI " +
		"(folder ./bert-base-uncased) for 20 with three. All are measured once an epoch. Networks whose files are not there are left out. " +
		"The grids of LSTM and of the last three are ours, and their K and H are of fewer examples."},
	{Name: "factor", Trials: factor, Doc: "About an hour and a half on two cores. What the largest λ_K¹ depends on besides η and S: SimpleCNN on CIFAR-10 at " +
		"η = 0.1 for six epochs, K alone, three seeds. Each row varies one thing: augmentation of K, L, M, padding, initial weights, preprocessing, " +
		"augmentation of training, how often it is measured, and later epochs."},
}

var (
	standard  = []string{"loss", "k", "h", "stability", "step", "predictions"} // batch sharpness would take a quarter of the time more
	alongBoth = []string{"loss", "k", "h", "stability", "stability_k", "step", "predictions"}
	today     = []string{"loss", "k", "noise", "h", "stability", "stability_k", "step", "oscillation", "critical", "sharpness", "gap", "predictions"}
	withNorm  = []string{"loss", "k", "h", "step", "bn"}
)

// demo compares two learning rates in a minute.
func demo() []study.Trial {
	s := run.Default()
	s.Data, s.Preprocess, s.Model, s.Method = "fashion-mnist-sample", "paper", "simplecnn", "sgd"
	s.Batch, s.Epochs, s.Probes = 32, 2, standard
	s.Every = 34 // eleven measurements: the larger rate is past break-even before step 40
	s.Measure = run.Measure{L: 25, M: 64, Examples: 256, PerExample: 256, Tolerance: 0.01}
	return study.Trials(rates(s, 0.01, 0.1), "1", "2", "3a", "4")
}

// test is like demo, with batch norm beside it, in seconds: at rates that learn something
// in four steps.
func test() []study.Trial {
	trials := demo()
	trials[0].Spec.LR, trials[1].Spec.LR = 0.1, 0.2
	norm := trials[1]
	norm.Spec.Model, norm.Spec.Probes, norm.Figures = "simplecnn-bn", withNorm, []string{"5a", "5b"}
	norm.Spec.More = map[string]string{"filters": "2"}
	trials[0].Spec.Model, trials[1].Spec.Model = "tiny", "tiny"
	trials = append(trials, norm)
	for i := range trials {
		s := &trials[i].Spec
		s.Steps, s.Epochs, s.Every, s.Valid = 4, 0, 2, 100
		s.Measure = run.Measure{L: 5, M: 32, Examples: 64, PerExample: 32, Tolerance: 0.05}
	}
	return trials
}

// rates returns the spec with each learning rate.
func rates(s run.Spec, lr ...float64) []run.Spec {
	specs := make([]run.Spec, len(lr))
	for i, eta := range lr {
		specs[i] = s
		specs[i].LR = eta
	}
	return specs
}

// batches returns the spec with each batch size.
func batches(s run.Spec, sizes ...int) []run.Spec {
	specs := make([]run.Spec, len(sizes))
	for i, S := range sizes {
		specs[i] = s
		specs[i].Batch = S
	}
	return specs
}

// AccuracyLine is the training accuracy whose first passing is marked to show
// that the effect is early. The paper draws it at 0.60 on CIFAR-10, and at 0.75
// on IMDB: about half way from chance to all correct (0.55 and 0.75). The images
// of the program have ten classes like CIFAR-10, so they get its line; of
// Fashion-MNIST the text at hand says nothing.
func AccuracyLine(s run.Spec) float64 {
	if s.Data == "imdb" {
		return 0.75
	}
	return 0.60
}
