package huang2020hierarchy

import (
	"fmt"
	"math"

	"breakeven/run"
	"breakeven/study"
)

// Scales are the trials of the study.
var scales = []study.Scale{
	{Name: study.Test, Trials: of(test), Doc: "Seconds. Few networks of small width: every part is there, and nothing is shown."},
	{Name: study.Demo, Trials: of(demo), Doc: "Under two minutes on two cores. 48 networks of each width from 32 to 512, two hidden layers of tanh, " +
		"four points on a sphere; and 16 images of Fashion-MNIST, which are in the program. It cuts: depths, numbers of points and dimensions but one; " +
		"orthogonal weights."},
	{Name: study.Small, Trials: of(small), Doc: "Under 15 minutes on two cores. 64 networks of each width from 32 to 1,024, of one, two and three hidden " +
		"layers, with Gaussian and orthogonal weights; several numbers of points, dimensions and rates of gradient descent; and 32 images of Fashion-MNIST at four widths. It cuts: " +
		"widths above 1,024, K⁵ above 256, K⁶ above 128, more than 32 points, activations but tanh."},
	{Name: study.Paper, Trials: of(full), Doc: "About a day on two cores. As small, with widths to 4,096, 64 networks of each, four activations, up to 32 points, " +
		"and images of CIFAR-10. The paper itself has no experiments."},
}

// sphere is a trial on points of a sphere.
func sphere(points, dimension, layers, networks int) run.Spec {
	s := run.Default()
	s.Kind = kind
	set(&s, "points", points)
	set(&s, "dimension", dimension)
	set(&s, "hidden_layers", layers)
	set(&s, "networks", networks)
	set(&s, "times", 10)
	set(&s, "flow_time", 4)
	return s
}

// pictures is a trial on images of two classes that are hard to tell apart, to a time at
// which the network has learned.
func pictures(data string, a, b, points, tests, networks int, time string) run.Spec {
	s := run.Default()
	s.Kind, s.Data = kind, data
	set(&s, "source", "data")
	set(&s, "classes", fmt.Sprintf("[%d, %d]", a, b))
	set(&s, "points", points)
	set(&s, "test_points", tests)
	set(&s, "networks", networks)
	set(&s, "flow_time", time)
	set(&s, "times", 12)
	return s
}

// set puts the canonical text of a value of the kind's own field into a spec. Those at
// their defaults are left out.
func set(s *run.Spec, field string, value any) {
	text := fmt.Sprint(value)
	if text == defaults[field] {
		text = "" // it is left out
	}
	*s = s.With(field, text)
}

// defaults are those of the kind's fields that trials here set; a test compares them.
var defaults = map[string]string{
	"points": "8", "dimension": "8", "hidden_layers": "2", "networks": "1", "times": "8", "order": "0", "flow_time": "1", "source": "sphere",
	"classes": "[0, 1]", "test_points": "0", "hidden_width": "64", "draw": "gaussian", "nonlinearity": "tanh", "level": "4", "rate": "0",
}

// widths returns the spec with each width, and with an order of the kernels up to 6 that takes
// about most operations for each network, if it is above the level.
func widths(most float64, s run.Spec, list ...int) []run.Spec {
	specs := make([]run.Spec, len(list))
	n := float64(number(s, "points"))
	for i, m := range list {
		specs[i] = s
		set(&specs[i], "hidden_width", m)
		for r := 6; r > 4; r-- {
			if math.Pow(n, float64(r-1))*math.Ldexp(float64(m*m), r-2) <= most {
				set(&specs[i], "order", r)
				break
			}
		}
	}
	return specs
}

// Operations for kernels of higher order: as many as the rest of a trial takes, and so many
// that K⁵ is measured up to width 512.
const (
	few  = 3e8
	many = 1e10
)

// with returns the spec with another value of a field.
func with(s run.Spec, field string, value any) run.Spec {
	set(&s, field, value)
	return s
}

func test() []run.Spec {
	specs := widths(few, sphere(3, 3, 2, 4), 16, 32)
	specs = append(specs, widths(few, with(sphere(3, 3, 2, 4), "draw", "orthogonal"), 16, 32)...)
	return append(specs, widths(few, with(pictures(sample, 0, 6, 4, 6, 2, "4"), "rate", 0.05), 16)...)
}

// sample is the data set inside the program.
const sample = "fashion-mnist-sample"

func demo() []run.Spec {
	specs := widths(few, sphere(4, 6, 2, 48), 32, 64, 128, 256, 512)
	return append(specs, widths(few, pictures(sample, 0, 6, 16, 100, 4, "256"), 64, 256)...)
}

func small() []run.Spec {
	list := []int{32, 64, 128, 256, 512, 1024}
	base := sphere(4, 6, 2, 64)
	specs := widths(few, base, list...)
	for _, layers := range []int{1, 3} {
		specs = append(specs, widths(few, sphere(4, 6, layers, 64), list[:5]...)...)
	}
	specs = append(specs, widths(few, with(base, "draw", "orthogonal"), list[:5]...)...)
	for _, n := range []int{2, 8, 12} {
		specs = append(specs, widths(few, sphere(n, 6, 2, 64), 256)...)
	}
	for _, d := range []int{3, 12, 48} {
		specs = append(specs, widths(few, sphere(4, d, 2, 64), 256)...)
	}
	for _, rate := range []float64{0.05, 0.1, 0.2, 0.4} {
		specs = append(specs, widths(few, with(base, "rate", rate), 128)...)
	}
	return append(specs, widths(few, pictures(sample, 0, 6, 32, 180, 8, "256"), 64, 128, 256, 512)...)
}

func full() []run.Spec {
	list := []int{32, 64, 128, 256, 512, 1024, 2048, 4096}
	var specs []run.Spec
	for _, layers := range []int{1, 2, 3, 4} {
		for _, draw := range []string{"gaussian", "orthogonal"} {
			specs = append(specs, widths(many, with(sphere(8, 16, layers, 64), "draw", draw), list...)...)
		}
	}
	for _, activation := range []string{"erf", "softplus", "gelu"} {
		specs = append(specs, widths(many, with(sphere(8, 16, 2, 64), "nonlinearity", activation), list[:6]...)...)
	}
	for _, n := range []int{2, 4, 16, 32} {
		specs = append(specs, widths(many, sphere(n, 16, 2, 32), 256, 1024)...)
	}
	for _, d := range []int{4, 64, 256} {
		specs = append(specs, widths(many, sphere(8, d, 2, 32), 256, 1024)...)
	}
	return append(specs, widths(many, pictures("cifar10", 3, 5, 32, 1000, 16, "1024"), 64, 256, 1024, 4096)...)
}

// of returns the trials of a list of specs.
func of(specs func() []run.Spec) func() []study.Trial {
	return func() []study.Trial { return study.Trials(specs()) }
}
