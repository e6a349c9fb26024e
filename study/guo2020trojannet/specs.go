package guo2020trojannet

import (
	"slices"
	"strings"

	"breakeven/run"
	"breakeven/study"
)

var scales = []study.Scale{
	{Name: study.Test, Trials: func() []study.Trial { return trials(test()) },
		Doc: "Seconds. A narrow network for a few steps: every part is there, and nothing is shown."},
	{Name: study.Demo, Trials: func() []study.Trial { return trials(demo()) },
		Doc: "Under two minutes on two cores. The sample of Fashion-MNIST, which is in the program: classes 5 to 9 hidden in a dense network for 0 to 4, four seeds."},
	{Name: study.Small, Trials: func() []study.Trial { return trials(small()) },
		Doc: "Under half an hour on two cores. Half of the classes of CIFAR-10 hidden in a small residual network for the others, with group norm, on 4,000 images each. " +
			"It cuts: other data sets, most of the images, all depths but 8, and all seeds but one."},
	{Name: study.Paper, Trials: func() []study.Trial { return trials(paper()) },
		Doc: "Months on two cores: ResNet-50 for 300 epochs, CIFAR-10 and the whole of Fashion-MNIST in place of SVHN, either norm. It cuts: CIFAR-100 and GTSRB."},
}

// A pair is a carrier and what is hidden in it, trained in all ways that are compared.
type pair struct {
	spec    run.Spec   // the carrier alone
	secrets []string   // as texts
	alone   []run.Spec // the secret networks alone
	seeds   int
}

// adam is the paper's training: Adam, batches of 100, a tenth of the rate after half of all epochs
// and after three quarters.
func adam() run.Spec {
	s := run.Default()
	s.Method, s.LR, s.Schedule, s.Batch = "adam", 0.001, "step", 100
	s.Probes = []string{"loss", "k", "h", "otherkeys"}
	s.Measure.Examples, s.Measure.L, s.Measure.M = 500, 10, 64
	return s
}

// halves is a pair of the first five and the last five classes of a set of ten.
func halves(s run.Spec, seeds int) pair {
	return pair{
		spec: s.With("data_classes", `"0-4"`), secrets: []string{`"` + s.Data + `:5-9"`},
		alone: []run.Spec{s.With("data_classes", `"5-9"`)}, seeds: seeds,
	}
}

func demo() []pair {
	s := adam()
	s.Model, s.Epochs = "mlp", 8
	return []pair{halves(s, 4)}
}

func test() []pair {
	s := adam().With("hidden", "[8]")
	s.Model, s.Epochs, s.Steps, s.Every = "mlp", 0, 4, 2
	s.Measure.Examples, s.Measure.L, s.Measure.M = 60, 4, 10
	return []pair{halves(s, 2)}
}

func small() []pair {
	s := adam().With("depth", "8").With("norm_layer", "group")
	s.Data, s.Model, s.Preprocess, s.Augment, s.Train, s.Epochs, s.Every = "cifar10", "resnet32", "channel", true, 4000, 20, 200
	s.Probes = []string{"loss", "k", "otherkeys"}
	return []pair{halves(s, 1)}
}

func paper() (all []pair) {
	for _, norm := range []string{"batch", "group"} {
		s := adam()
		if norm != "batch" {
			s = s.With("norm_layer", norm)
		}
		s.Data, s.Model, s.Preprocess, s.Augment, s.Epochs = "cifar10", "resnet50", "channel", true, 300
		other := s
		other.Data = "fashion-mnist"
		all = append(all, pair{spec: s, secrets: []string{other.Data}, alone: []run.Spec{other}, seeds: 1})
	}
	return all
}

// trials returns, for each seed, the carrier alone, each secret network alone, and both together with
// and without permutation.
func trials(pairs []pair) (all []study.Trial) {
	for _, p := range pairs {
		hidden := p.spec.With("secrets", "["+strings.Join(p.secrets, ", ")+"]")
		specs := append([]run.Spec{p.spec}, p.alone...)
		for i := range specs {
			specs[i].Probes = slices.DeleteFunc(slices.Clone(specs[i].Probes), func(name string) bool { return name == "otherkeys" })
		}
		specs = append(specs, hidden.With("secret_order", "seed"), hidden.With("secret_order", "plain"))
		for _, s := range specs {
			for seed := range p.seeds {
				s.Seed = uint64(seed)
				all = append(all, study.Trial{Spec: s})
			}
		}
	}
	return all
}
