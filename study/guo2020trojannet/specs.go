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
		Doc: "Two hours on two cores, no run more than a quarter of an hour. CIFAR-10, CIFAR-100, traffic signs and Fashion-MNIST, which stands in place of SVHN, on a small " +
			"residual network with group norm: each alone, the six pairs and all four in one set of weights, with and without permutation. Parts of the sets serve, too. " +
			"It cuts: SVHN, all depths but 8, batch norm, all but 2,000 steps, the carrier's own curvature, and all seeds but two."},
	{Name: study.Paper, Trials: func() []study.Trial { return trials(paper()) },
		Doc: "Months on two cores: ResNet-50 with group norm for 150 epochs of CIFAR-10, CIFAR-100, SVHN and traffic signs: each alone, the six pairs and all four, with and " +
			"without permutation; and with batch norm CIFAR-10 and SVHN. It cuts: the further images of SVHN that are called extra, the augmentation of traffic signs by rotation, " +
			"shear and contrast, and all seeds but one."},
}

// A plan is the groups of tasks that networks with the training of a spec are trained on.
type plan struct {
	spec   run.Spec
	groups [][]string // the data of the carrier, then of what is hidden in it; one: a network alone
	seeds  int
}

// adam is the paper's training: Adam, batches of 100, a tenth of the rate after half of all epochs
// and after three quarters.
func adam() run.Spec {
	s := run.Default()
	s.Method, s.LR, s.Schedule, s.Batch = "adam", 0.001, "step", 100
	s.Probes = []string{"loss", "k", "h", "carrier", "otherkeys"}
	s.Measure.Examples, s.Measure.L, s.Measure.M = 500, 10, 64
	return s
}

// halves are the first five and the last five classes of the sample of Fashion-MNIST, alone and
// together.
var halves = [][]string{{"fashion-mnist-sample:0-4"}, {"fashion-mnist-sample:5-9"}, {"fashion-mnist-sample:0-4", "fashion-mnist-sample:5-9"}}

func demo() []plan {
	s := adam()
	s.Model, s.Epochs = "mlp", 8
	return []plan{{s, halves, 4}}
}

func test() []plan {
	s := adam().With("hidden", "[8]")
	s.Model, s.Epochs, s.Steps, s.Every = "mlp", 0, 4, 2
	s.Measure.Examples, s.Measure.L, s.Measure.M = 60, 4, 10
	return []plan{{s, halves, 2}}
}

// small counts steps and not epochs, which end with the smallest set: all networks see as many
// images of a task. The carrier's own curvature is left out, since it takes as long as that of all.
func small() []plan {
	s := without(residual("resnet32", "group").With("depth", "8"), "carrier")
	s.Epochs, s.Steps, s.Every = 0, 2000, 1000
	return []plan{{s, sharing("cifar10", "cifar100", "gtsrb", "fashion-mnist"), 2}}
}

func paper() []plan {
	s, batch := residual("resnet50", "group"), residual("resnet50", "batch")
	s.Epochs, batch.Epochs = 150, 150
	return []plan{
		{s, sharing("cifar10", "cifar100", "svhn", "gtsrb"), 1},
		{batch, [][]string{{"cifar10"}, {"svhn"}, {"cifar10", "svhn"}}, 1},
	}
}

// residual is a spec of a residual network on augmented images.
func residual(model, norm string) run.Spec {
	s := adam()
	if norm != "batch" {
		s = s.With("norm_layer", norm)
	}
	s.Model, s.Preprocess, s.Augment = model, "channel", true
	return s
}

// sharing returns each of the sets alone, all pairs and, of more than two, all together. A carrier
// stands before what is hidden in it.
func sharing(sets ...string) (groups [][]string) {
	for _, a := range sets {
		groups = append(groups, []string{a})
	}
	for i, a := range sets {
		for _, b := range sets[i+1:] {
			groups = append(groups, []string{a, b})
		}
	}
	if len(sets) > 2 {
		groups = append(groups, sets)
	}
	return groups
}

// trials returns a trial for each group of one task, and for each other one with and without
// permutation: all of a seed, then those of the next one.
func trials(plans []plan) (all []study.Trial) {
	for _, p := range plans {
		for seed := range p.seeds {
			for _, group := range p.groups {
				for _, s := range waysOf(p.spec, group) {
					s.Seed = uint64(seed)
					all = append(all, study.Trial{Spec: s})
				}
			}
		}
	}
	return all
}

// waysOf returns the specs of a group. Other keys are tried where there are keys, and a carrier by
// itself is measured where it carries others.
func waysOf(s run.Spec, group []string) []run.Spec {
	s = on(s, group[0])
	keyless := without(s, "otherkeys")
	if len(group) == 1 {
		return []run.Spec{without(keyless, "carrier")}
	}
	secrets := `["` + strings.Join(group[1:], `", "`) + `"]`
	return []run.Spec{
		s.With("secrets", secrets).With("secret_order", "seed"),
		keyless.With("secrets", secrets).With("secret_order", "plain"),
	}
}

// without returns the spec without a probe.
func without(s run.Spec, probe string) run.Spec {
	s.Probes = slices.DeleteFunc(slices.Clone(s.Probes), func(name string) bool { return name == probe })
	return s
}

// on returns the spec for data such as cifar10 or cifar10:0-4.
func on(s run.Spec, data string) run.Spec {
	name, classes, some := strings.Cut(data, ":")
	if s.Data = name; some {
		s = s.With("data_classes", `"`+classes+`"`)
	}
	return s
}
