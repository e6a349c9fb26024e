package jastrzebski2020breakeven

import (
	"slices"

	"breakeven/run"
	"breakeven/study"
)

// small has every network for a part of its early phase, measured on few examples. Of each the learning
// rates or batch sizes are such that one side is past break-even.
func small() []study.Trial {
	return slices.Concat(smallCNN(), smallNorm(), smallResNet(), smallLSTM(), smallMLP(), smallDenseNet(), smallBERT())
}

// brief cuts a spec to so many steps and measurements, on few examples.
func brief(s run.Spec, steps, measurements int) run.Spec {
	s.Epochs, s.Steps, s.Every = 0, steps, steps/measurements
	s.Measure = run.Measure{L: 16, M: 64, Examples: 256, PerExample: 128, Tolerance: 0.03}
	return s
}

// smallCNN has three seeds at two learning rates, and one at two batch sizes.
func smallCNN() []study.Trial {
	s := brief(cifar10("simplecnn", alongBoth), 720, 10)
	var trials []study.Trial
	for seed := range uint64(3) {
		s.Seed = seed
		trials = append(trials, study.Trials(rates(s, 0.02, 0.2), "1", "2", "3a", "4", "5a")...)
	}
	s.LR, s.Seed = 0.05, 0
	for _, of := range []struct{ batch, steps int }{{32, 1440}, {512, 90}} { // the epochs are one and the same
		s := brief(s, of.steps, 6)
		s.Batch = of.batch
		trials = append(trials, study.Trial{Spec: s, Figures: []string{"3a", "4"}})
	}
	return trials
}

func smallNorm() []study.Trial {
	return study.Trials(rates(brief(cifar10("simplecnn-bn", withNorm), 300, 6), 0.001, 0.1), "5a", "5b")
}

func smallResNet() []study.Trial {
	return study.Trials(rates(brief(cifar10("resnet32", withNorm), 120, 4), 0.01, 0.1), "3b", "4")
}

func smallLSTM() []study.Trial {
	trials := study.Trials(rates(brief(imdb(), 600, 6), 0.3, 1), "3c")
	s := brief(imdb(), 1200, 6)
	s.LR, s.Batch = 1, 32
	return append(trials, study.Trial{Spec: s, Figures: []string{"3c"}})
}

// smallMLP takes the images of the program, three seeds, and beside them the full batch of 1,000 of them.
func smallMLP() (trials []study.Trial) {
	s := brief(fashion("fashion-mnist-sample"), 1380, 20)
	s.Probes = today
	for seed := range uint64(3) {
		s.Seed = seed
		trials = append(trials, study.Trials(rates(s, 0.02, 0.1))...)
	}
	s.Train, s.Batch, s.Seed, s.LR, s.Measure.Examples, s.Measure.L = 1000, 1000, 0, 0.1, 1000, 15
	return append(trials, study.Trial{Spec: s})
}

// smallDenseNet has three dense blocks of two layers, and the images of CIFAR-10.
func smallDenseNet() []study.Trial {
	s := cifar10("densenet121", withNorm)
	s = brief(s.With("growth", "12").With("dense_layers", "[2, 2, 2]"), 400, 8)
	s.Augment, s.Batch = false, 32
	return study.Trials(rates(s, 0.01, 0.1))
}

// smallBERT has two layers with 128 hidden numbers, and pairs of sentences about pictures.
func smallBERT() []study.Trial {
	s := brief(pairs("sick", "40"), 120, 4)
	s = s.With("bert_size", "tiny")
	s.Measure = run.Measure{L: 8, M: 32, Examples: 128, PerExample: 32, Tolerance: 0.03}
	return study.Trials(rates(s, 0.01, 0.1))
}
