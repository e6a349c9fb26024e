package jastrzebski2020breakeven

import (
	"breakeven/run"
	"breakeven/study"
)

// usualMeasure is how the paper measures, as far as it is known.
var usualMeasure = run.Measure{L: 25, M: 128, Examples: 2250, PerExample: 256, Tolerance: 0.01}

// cifar10 is what all of the paper's runs on CIFAR-10 share.
func cifar10(model string, probes []string) run.Spec {
	s := run.Default()
	s.Data, s.Train, s.Valid, s.Preprocess, s.Augment = "cifar10", 45000, 5000, "paper", true
	s.Model, s.Method, s.Batch, s.Epochs, s.Probes = model, "sgd", 128, 200, probes
	s.Measure = usualMeasure
	return s
}

// imdb is the LSTM of Keras's example.
func imdb() run.Spec {
	s := run.Default()
	s.Data, s.Model, s.Method, s.Batch, s.Epochs, s.Probes = "imdb", "lstm", "sgd", 128, 50, alongBoth
	s.Measure = usualMeasure
	return s
}

// fashion is the multilayer perceptron, whose inputs lie in [0,1].
func fashion(data string) run.Spec {
	s := run.Default()
	s.Data, s.Preprocess, s.Model, s.Method, s.Batch, s.Epochs, s.Probes = data, "unit", "mlp", "sgd", 128, 200, alongBoth
	s.Measure = usualMeasure
	return s
}

// pairs is BERT on pairs of sentences of so many tokens.
func pairs(data, tokens string) run.Spec {
	s := run.Default()
	s.Data, s.Model, s.Method, s.Batch, s.Epochs, s.Probes = data, "bert", "sgd", 32, 20, []string{"loss", "k", "h", "stability"}
	return s.With("tokens", tokens)
}

// full is what the paper did. Sweeps over S are at η = 0.05, those over η at S = 128.
func full() []study.Trial {
	early := cifar10("simplecnn", alongBoth)
	early.Epochs, early.Every = 20, 45000/128/4
	trials := study.Trials(rates(early, 0.02, 0.2), "2")
	for _, net := range []struct {
		model, figure string
		probes        []string
	}{{"simplecnn", "3a", alongBoth}, {"resnet32", "3b", withNorm}} {
		s := cifar10(net.model, net.probes)
		if net.model == "resnet32" {
			s.WeightDecay = 0.0001
		}
		trials = append(trials, study.Trials(rates(s, 0.001, 0.01, 0.1), net.figure, "4")...)
		if net.model == "simplecnn" {
			trials[len(trials)-3].Figures = []string{"1", net.figure, "4"}
			trials[len(trials)-2].Figures = []string{"1", net.figure, "4", "5a"} // η = 0.01 beside batch norm
		}
		s.LR = 0.05
		trials = append(trials, study.Trials(batches(s, 8, 128, 1024), net.figure, "4")...)
	}
	group := cifar10("resnet32", alongBoth).With("norm_layer", "group") // examples are not coupled, and so there is Eq. 1
	group.WeightDecay = 0.0001
	trials = append(trials, study.Trials(rates(group, 0.01, 0.1), "3b")...)
	norm := cifar10("simplecnn-bn", withNorm)
	trials = append(trials, study.Trials(rates(norm, 0.001, 0.01, 0.1, 1), "5a", "5b")...)
	trials = append(trials, lstm()...)
	return append(trials, appendix()...)
}

// lstm sweeps η at S = 128, and S at η = 1.
func lstm() []study.Trial {
	large := imdb()
	large.LR = 1
	return study.Trials(append(rates(imdb(), 0.01, 0.1, 1), batches(large, 8, 1024)...), "3c")
}

// appendix has the networks of the paper's appendix. Its learning rates are not known, and these are ours.
func appendix() (trials []study.Trial) {
	for seed := range uint64(2) {
		s := fashion("fashion-mnist")
		s.Seed = seed
		trials = append(trials, study.Trials(rates(s, 0.001, 0.01, 0.1))...)
	}
	for seed := range uint64(2) {
		s := run.Default()
		s.Data, s.Model, s.Method, s.Batch, s.Epochs, s.Seed, s.Probes = "./imagenet", "densenet121", "sgd", 32, 10, seed, withNorm
		s.Measure = run.Measure{L: 25, M: 8, Examples: 256, PerExample: 8, Tolerance: 0.03}
		trials = append(trials, study.Trials(rates(s, 0.01, 0.1))...)
	}
	for seed := range uint64(3) {
		s := pairs("mnli", "40")
		s.Seed, s.Weights = seed, "bert-base-uncased/model.safetensors"
		s = s.With("pieces_path", `"bert-base-uncased/vocab.txt"`)
		s.Measure = run.Measure{L: 8, M: 32, Examples: 256, PerExample: 32, Tolerance: 0.03}
		trials = append(trials, study.Trials(rates(s, 0.001, 0.01))...)
	}
	return trials
}
