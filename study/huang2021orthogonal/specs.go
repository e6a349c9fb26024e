package huang2021orthogonal

import (
	"slices"
	"strconv"

	"breakeven/run"
	"breakeven/study"
)

var scales = []study.Scale{
	{Name: study.Test, Trials: test, Doc: "Seconds. Tiny networks: every part is there, and nothing is shown."},
	{Name: study.Demo, Trials: demo, Doc: "Under two minutes on two cores, on images that are in the program. Kernels up to width 1,024, training of 128 images beside its " +
		"closed form, steps to an accuracy of 0.5 of 50 and of 10 layers of width 100 at two learning rates, five seeds, and the spread of kernels. It cuts: change in training, " +
		"convolutions, noise and curvature."},
	{Name: study.Small, Trials: small, Doc: "Under 15 minutes on two cores, with CIFAR-10. It cuts: widths above 2,048 and 16 networks of 32 (Figure 1); Fashion-MNIST, widths above 1,024 and 3 seeds of 15 (2); " +
		"1,000 of 10,000 steps, L = 3 alone and 3 seeds of 30 (3); L = 25, 50 and 100 at width 200 and L = 50 at 400, of 50 to 200 at 400 to 1,600, one to three of 16 learning rates, at most 80 steps " +
		"and 3 seeds of 20 (4)."},
	{Name: study.Paper, Trials: full, Doc: "About a week on two cores: widths up to 4,096, 32 networks, 15, 30 and 20 seeds, 10,000 steps, 50 to 200 layers of width 400 to 1,600 at the " +
		"learning rates of the paper. It cuts: the curves of stochastic gradient descent of the supplement."},
}

// wide is a spec of the model with declared fields.
func wide(kind string, pairs ...string) run.Spec {
	s := run.Default()
	s.Kind, s.Model = kind, model
	return with(s, pairs...)
}

// each returns the spec with each value of a declared field.
func each(specs []run.Spec, name string, values ...string) []run.Spec {
	var all []run.Spec
	for _, s := range specs {
		for _, v := range values {
			all = append(all, with(s, name, v))
		}
	}
	return all
}

// seeds returns each spec with the seeds 0 … n−1.
func seeds(n int, specs []run.Spec) []run.Spec {
	var all []run.Spec
	for _, s := range specs {
		for seed := range n {
			s.Seed = uint64(seed)
			all = append(all, s)
		}
	}
	return all
}

// both returns the spec with normal and with orthogonal weights.
func both(s run.Spec) []run.Spec { return each([]run.Spec{s}, "law", "gaussian", "orthogonal") }

// widths are powers of two.
func widths(from, to int) []string {
	var list []string
	for n := from; n <= to; n *= 2 {
		list = append(list, strconv.Itoa(n))
	}
	return list
}

// kernelsOf is Figure 1: one hidden layer of ReLU, σ_w = 1.5 and σ_b = 0.1, on normal inputs.
func kernelsOf(inputs, nets string, widths []string) []study.Trial {
	s := wide("kernel", "repeats", "1", "weight_variance", "2.25", "bias_variance", "0.01", "normal_inputs", inputs, "nets", nets)
	return study.Trials(each(both(s), "width", widths...), "1")
}

// convolutionsOf is the theorem for convolutional networks.
func convolutionsOf(nets, examples string, widths []string) []study.Trial {
	s := wide("kernel", "network", `"conv 3x3/2 same; relu; conv 3x3/2 same; relu; flatten; dense"`, "bias_variance", "0.1", "nets", nets, "kernel_examples", examples)
	s.Preprocess = "unit"
	return study.Trials(each(each([]run.Spec{s}, "law", laws...), "width", widths...), "cnn")
}

// spreadOf draws critical tanh networks of some depths.
func spreadOf(nets, width string, depths ...string) []study.Trial {
	s := wide("kernel", "network", `"n*(dense; tanh); dense"`, "width", width, "weight_variance", "1.05", "bias_variance", "2.01e-05", "normal_inputs", "64", "kernel_examples", "10", "nets", nets)
	return study.Trials(each(both(s), "repeats", depths...), "spread")
}

// trained is a spec that trains, and measures the loss and no covariance.
func trained(pairs ...string) run.Spec {
	s := wide("descent", pairs...)
	s.Loss, s.Method, s.Probes = "mse", "sgd", []string{"loss"}
	s.Measure.L, s.Measure.M = 2, 1
	return s
}

// driftOf is Figure 2: three hidden layers of erf, whose change in training is measured.
func driftOf(examples, steps, count int, widths []string) []study.Trial {
	s := trained("network", `"n*(dense; erf); dense"`, "weight_variance", "2.25", "bias_variance", "0.01")
	s.Train, s.Valid, s.Batch, s.LR = examples, 64, examples, 1
	s.Epochs, s.Steps, s.Every, s.Measure.Examples = 0, steps, steps, examples
	s.Probes = []string{"loss", "drift"}
	return study.Trials(seeds(count, each(both(s), "width", widths...)), "2")
}

// regimeOf is Figure 3: gradient descent on all examples, with standard parameters, beside the
// closed form. The paper's loss sums over ten classes, ours is their mean: η is ten times its.
func regimeOf(s run.Spec, hidden, width, bias string, lr float64, steps, every, count int) []study.Trial {
	s = with(s, "network", `"n*(dense; tanh); dense"`, "repeats", hidden, "width", width, "parameters", "standard", "weight_variance", "1.5", "bias_variance", bias)
	s.Preprocess, s.Batch, s.LR, s.Epochs, s.Steps, s.Every, s.Measure.Examples = "unit", s.Train, lr, 0, steps, every, s.Train
	limit := wide("limit")
	limit.More, limit.Loss = s.More, "mse"
	limit.Data, limit.Train, limit.Valid, limit.Preprocess = s.Data, s.Train, s.Valid, s.Preprocess
	limit.LR, limit.Epochs, limit.Steps, limit.Every = lr, 0, steps, max(1, every/2)
	return study.Trials(append([]run.Spec{limit}, seeds(count, both(s))...), "3")
}

// speedOf is Figure 4: critical, nearly linear tanh networks until an accuracy.
func speedOf(s run.Spec, hidden, width string, until float64, most, count int, lr ...float64) []study.Trial {
	s = with(s, "network", `"n*(dense; tanh); dense"`, "repeats", hidden, "width", width, "parameters", "standard", "weight_variance", "1.05", "bias_variance", "2.01e-05")
	s.Loss, s.Preprocess, s.Until, s.Epochs, s.Steps, s.Every = "cross-entropy", "unit", until, 0, most, 1
	var list []run.Spec
	for _, eta := range lr {
		s.LR = eta
		list = append(list, seeds(count, both(s))...)
	}
	return study.Trials(list, "4")
}

// surfaceOf measures noise and curvature of networks of ten layers.
func surfaceOf(width string, epochs float64, every, count int, lr ...float64) []study.Trial {
	s := trained("network", `"n*(dense; tanh); dense"`, "repeats", "9", "width", width, "parameters", "standard", "weight_variance", "1.05", "bias_variance", "2.01e-05")
	s.Loss, s.Probes, s.Batch, s.Epochs, s.Every = "cross-entropy", []string{"loss", "k", "h", "stability"}, 64, epochs, every
	s.Measure = run.Measure{L: 25, M: 64, Examples: 256, PerExample: 128, Tolerance: 0.01}
	var list []run.Spec
	for _, eta := range lr {
		s.LR = eta
		list = append(list, seeds(count, both(s))...)
	}
	return study.Trials(list, "surface")
}

// images is the sample inside the program, cifar the first images of CIFAR-10.
func images(train, valid, batch, measured int) run.Spec {
	s := trained()
	s.Train, s.Valid, s.Batch, s.Measure.Examples = train, valid, batch, measured
	return s
}

func cifar(train, valid, batch, measured int) run.Spec {
	s := images(train, valid, batch, measured)
	s.Data = "cifar10"
	return s
}

func test() []study.Trial {
	return slices.Concat(
		kernelsOf("12", "2", widths(8, 32)),
		regimeOf(images(24, 12, 24, 24), "2", "16", "0.01", 0.05, 4, 2, 2),
		speedOf(images(200, 20, 50, 50), "4", "16", 0.25, 3, 1, 0.05),
		driftOf(16, 2, 1, widths(8, 16)),
		convolutionsOf("2", "3", widths(4, 16)),
		spreadOf("3", "16", "1", "2", "4"),
		surfaceOf("12", 0.02, 1, 1, 0.1),
	)
}

func demo() []study.Trial {
	sgd := images(5000, 1000, 250, 250)
	return slices.Concat(
		kernelsOf("256", "16", widths(8, 1024)),
		regimeOf(images(128, 128, 128, 128), "2", "256", "0.01", 0.02, 200, 20, 3),
		speedOf(sgd, "49", "100", 0.5, 80, 5, 0.01, 0.03),
		speedOf(sgd, "9", "100", 0.5, 80, 5, 0.01, 0.03),
		spreadOf("16", "64", "2", "4", "8", "16", "32"),
	)
}

func small() []study.Trial {
	sgd, rates := cifar(45000, 100, 1000, 1000), []float64{0.00631, 0.0158, 0.0398} // with none held out the whole test set would be evaluated after each step
	return slices.Concat(
		kernelsOf("1024", "16", widths(8, 2048)),
		driftOf(64, 100, 3, widths(16, 1024)),
		regimeOf(cifar(256, 256, 256, 256), "2", "400", "0.01", 0.01, 1000, 50, 3),
		speedOf(sgd, "49", "400", 0.25, 80, 3, rates[1:]...),
		speedOf(sgd, "24", "200", 0.25, 80, 3, rates[1:]...),
		speedOf(sgd, "49", "200", 0.25, 80, 3, rates...),
		speedOf(sgd, "99", "200", 0.25, 80, 3, rates[0]),
		convolutionsOf("40", "10", widths(8, 256)),
		spreadOf("32", "64", "2", "4", "8", "16", "32", "64"),
		spreadOf("32", "256", "2", "4", "8", "16", "32", "64"),
		surfaceOf("100", 3, 9, 4, 0.01, 0.1),
	)
}

func full() []study.Trial {
	rates := []float64{0.1, 0.0794, 0.0631, 0.0501, 0.0398, 0.0316, 0.0251, 0.02, 0.0158, 0.0126, 0.01, 0.00794, 0.00631, 0.00501, 0.00398, 0.00316}
	sgd := cifar(50000, 0, 1000, 1000)
	list := slices.Concat(
		kernelsOf("1024", "32", widths(8, 4096)),
		driftOf(64, 1000, 15, widths(16, 4096)),
		regimeOf(cifar(256, 256, 256, 256), "2", "400", "0.01", 0.01, 10000, 100, 30),
		regimeOf(cifar(256, 256, 256, 256), "6", "800", "0.1", 0.001, 10000, 100, 30),
		convolutionsOf("32", "20", widths(8, 256)),
		spreadOf("128", "64", "2", "4", "8", "16", "32", "64", "128"),
		spreadOf("128", "256", "2", "4", "8", "16", "32", "64", "128"),
		surfaceOf("400", 10, 40, 6, 0.01, 0.03, 0.1),
	)
	for _, net := range [][2]string{{"49", "400"}, {"49", "800"}, {"49", "1600"}, {"99", "400"}, {"199", "400"}} {
		list = append(list, speedOf(sgd, net[0], net[1], 0.25, 1000, 20, rates...)...)
	}
	return list
}
