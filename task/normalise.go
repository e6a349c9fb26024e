package task

import (
	"fmt"
	"math"

	"breakeven/data"
	"breakeven/nn"
	"breakeven/run"
)

// The fields of tasks whose inputs are numbers.
var (
	mean = run.Field{Name: "mean", Default: []float64(nil), Check: checkNormal,
		Doc: "of each channel of images, whose pixels lie in [0,1], in place of the usual ones of preprocess channel; of each channel or feature of your own data"}
	std = run.Field{Name: "std", Default: []float64(nil), Check: checkNormal,
		Doc: "deviations that go with mean: inputs become (x − mean)/std"}
)

// checkNormal says what is wrong with mean or std.
func checkNormal(f run.Field, s run.Spec, _ run.Known) string {
	own, least, other := f.Floats(s), math.Inf(-1), run.Field{Name: "std", Default: f.Default}
	if f.Name == "std" {
		least, other.Name = 0, "mean"
	}
	for _, x := range own {
		if !(x > least) || math.IsInf(x, 0) {
			return fmt.Sprintf("must be finite numbers, those of std positive, not %v", x)
		}
	}
	switch {
	case len(own) == 0 || s.Check([]run.Field{other}) != nil: // the other's fault is its own
		return ""
	case f.Name == "std" && len(other.Floats(s)) > 0: // mean says it of both
		return ""
	case len(own) != len(other.Floats(s)):
		return fmt.Sprintf("is of length %d, and %s of length %d; give mean and std, one number of each for each channel", len(own), other.Name, len(other.Floats(s)))
	case !run.IsFile(s.Data) && s.Preprocess != "channel":
		return fmt.Sprintf("belongs to preprocess channel, not to %s", s.Preprocess)
	}
	return ""
}

// transform returns the preprocessing of images.
func transform(s run.Spec, train *data.Set) (*data.Transform, error) {
	if m := mean.Floats(s); len(m) > 0 {
		return data.NewChannels(train, m, std.Floats(s))
	}
	return data.NewTransform(s.Preprocess, train)
}

// normalise makes (x − mean)/std of the inputs of each batch, if s has these, evaluated in
// float64 and rounded once.
func normalise(s run.Spec, in nn.Input, batches ...nn.Batch) error {
	m, d := mean.Floats(s), std.Floats(s)
	switch {
	case len(m) == 0:
		return nil
	case in.Below > 0:
		return fmt.Errorf("mean: the inputs are tokens, which have no mean: leave mean and std out")
	case len(m) != in.Shape.C:
		return fmt.Errorf("mean: %d means and deviations for inputs of %d channels or features: give one of each for each", len(m), in.Shape.C)
	}
	plane := in.Shape.H * in.Shape.W
	for _, b := range batches {
		for _, v := range b.In {
			for i, x := range v.F {
				c := i / plane % len(m)
				v.F[i] = float32((float64(x) - m[c]) / d[c])
			}
		}
	}
	return nil
}
