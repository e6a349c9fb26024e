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
	{Name: study.Small, Trials: small, Doc: "About 20 minutes on two cores. SimpleCNN and SimpleCNN-BN on CIFAR-10 with the paper's split, preprocessing, " +
		"augmentation and K. It cuts: the early phase only, at most 12 epochs of 200 and none past 65 % accuracy; H on 500 examples, not 2,250; " +
		"two learning rates of three, and two of four with batch norm; no ResNet-32."},
	{Name: study.Paper, Trials: full, Doc: "Several days on two cores. SimpleCNN, ResNet-32 and SimpleCNN-BN on CIFAR-10 for 200 epochs and LSTM on IMDB " +
		"for 50, measured once an epoch on 2,250 examples, one seed. It cuts: BERT and DenseNet; weight decay of ResNet-32. The grids of " +
		"LSTM are ours."},
	{Name: "factor", Trials: factor, Doc: "FACTORTIME. What the largest λ_K¹ depends on besides η and S: SimpleCNN on CIFAR-10 at " +
		"η = 0.1 for six epochs, K alone, three seeds. Each row varies one thing: augmentation of K, L, M, padding, initial weights, preprocessing, " +
		"augmentation of training, how often it is measured, and later epochs."},
}

var (
	standard = []string{"loss", "k", "h", "stability", "step", "predictions"} // batch sharpness would take a quarter of the time more
	withNorm = []string{"loss", "k", "h", "step", "bn"}
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

// cifar10 is what all of the paper's runs on CIFAR-10 share.
func cifar10(model string, probes []string) run.Spec {
	s := run.Default()
	s.Data, s.Train, s.Valid, s.Preprocess, s.Augment = "cifar10", 45000, 5000, "paper", true
	s.Model, s.Method, s.Batch, s.Epochs, s.Probes = model, "sgd", 128, 200, probes
	s.Measure = run.Measure{L: 25, M: 128, Examples: 2250, PerExample: 256, Tolerance: 0.01}
	return s
}

// small goes past the 60 % line, near which the maxima are expected, and ends
// there. It measures every half epoch.
func small() []study.Trial {
	cut := func(s run.Spec, epochs float64) run.Spec {
		s.Epochs, s.Until = epochs, 0.65
		s.Every = s.Train / s.Batch / 2
		s.Measure.Examples = 500
		return s
	}
	plain := cifar10("simplecnn", standard)
	trials := study.Trials(rates(cut(plain, 12), 0.01, 0.1), "1", "2", "3a", "4", "5a")
	plain.LR = 0.05
	for _, s := range batches(plain, 8, 128, 1024) {
		trials = append(trials, study.Trial{Spec: cut(s, 12), Figures: []string{"3a", "4"}})
	}
	norm := cut(cifar10("simplecnn-bn", withNorm), 3)
	return append(trials, study.Trials(rates(norm, 0.001, 0.1), "5a", "5b")...)
}

// full is what the paper did, as far as the networks are here. Sweeps over S are
// at η = 0.05, those over η at S = 128.
func full() []study.Trial {
	early := cifar10("simplecnn", standard)
	early.Epochs, early.Every = 20, 45000/128/4
	trials := study.Trials(rates(early, 0.02, 0.2), "2")
	for _, net := range []struct {
		model, figure string
		probes        []string
	}{{"simplecnn", "3a", standard}, {"resnet32", "3b", withNorm}} {
		s := cifar10(net.model, net.probes)
		trials = append(trials, study.Trials(rates(s, 0.001, 0.01, 0.1), net.figure, "4")...)
		if net.model == "simplecnn" {
			trials[len(trials)-3].Figures = []string{"1", net.figure, "4"}
			trials[len(trials)-2].Figures = []string{"1", net.figure, "4", "5a"} // η = 0.01 beside batch norm
		}
		s.LR = 0.05
		trials = append(trials, study.Trials(batches(s, 8, 128, 1024), net.figure, "4")...)
	}
	norm := cifar10("simplecnn-bn", withNorm)
	trials = append(trials, study.Trials(rates(norm, 0.001, 0.01, 0.1, 1), "5a", "5b")...)
	return append(trials, lstm()...)
}

// lstm sweeps η at S = 128, and S at η = 1.
func lstm() []study.Trial {
	s := run.Default()
	s.Data, s.Model, s.Method, s.Epochs, s.Probes = "imdb", "lstm", "sgd", 50, standard
	s.Measure = run.Measure{L: 25, M: 128, Examples: 2250, PerExample: 256, Tolerance: 0.01}
	large := s
	large.LR = 1
	return study.Trials(append(rates(s, 0.01, 0.1, 1), batches(large, 8, 1024)...), "3c")
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
