package predict

import (
	"fmt"
	"strings"

	"breakeven/data/table"
	"breakeven/flight/features"
	"breakeven/flight/match"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// Released reads the network that Liu and Hansen have released, and the constants that scale its
// numbers, from npz files. Together they hold the tensors that [model.ReleasedDeepTP] names, and
// track_mean, track_std, fp_mean, fp_std, feature_mean and feature_std.
func Released(files ...string) (*Net, error) {
	a := arrays{names: strings.Join(files, ", "), at: map[string]*table.File{}}
	for _, name := range files {
		f, err := table.Open(name, nil)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		for _, c := range f.Columns() {
			a.at[c.Name] = f
		}
	}
	n := &Net{
		Spec:     run.Spec{Model: Model},
		Mixture:  nn.MixtureDensity{Components: 3, Blocks: []int{3, 2}},
		Features: features.Options{Forward: true},
		Plan:     true,
		Official: true,
	}
	if err := n.releasedConstants(&a); err != nil {
		return nil, err
	}
	whole, err := model.Of(n.Spec, nn.Input{Name: model.StateInput, Shape: nn.Seq(1, features.Inputs)}, n.Mixture.Outputs(),
		nn.Input{Name: model.PlanInput, Shape: nn.Seq(1, features.Points)},
		nn.Input{Name: model.CubeInput, Shape: nn.Shape{T: 1, C: match.Channels, H: match.Rows, W: match.Cols}})
	if err != nil {
		return nil, err
	}
	var fault error
	theta, err := model.ReleasedDeepTP(whole, func(name string) ([]float32, bool) {
		x, err := read[float32](&a, name)
		if fault == nil {
			fault = err
		}
		return x, err == nil
	})
	if fault != nil {
		return nil, fault
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.names, err)
	}
	n.Tensor = Tensors(whole.Params(), theta)
	return n, nil
}

// releasedConstants reads means and standard deviations.
func (n *Net) releasedConstants(a *arrays) error {
	for _, c := range []struct {
		name      string
		mean, std []float64
	}{
		{"track", n.Scale.Mean[:], n.Scale.Std[:]},
		{"fp", n.Scale.PlanMean[:], n.Scale.PlanStd[:]},
	} {
		if err := a.moments(c.name, c.mean, c.std); err != nil {
			return err
		}
	}
	cells := make([]float64, 2*match.Size)
	mean, std := cells[:match.Size], cells[match.Size:]
	if err := a.moments("feature", mean, std); err != nil {
		return err
	}
	n.Cube = func(dst, cube []float32) {
		for i, x := range cube {
			x = float32((float64(x) - mean[i]) / std[i])
			if x != x { // unknown
				x = 0
			}
			dst[i%match.Channels*match.Rows*match.Cols+i/match.Channels] = x
		}
	}
	return nil
}

// arrays are those of several files.
type arrays struct {
	names string // of the files
	at    map[string]*table.File
}

// moments reads means and standard deviations.
func (a *arrays) moments(name string, mean, std []float64) error {
	for i, dst := range [][]float64{mean, std} {
		full := name + [...]string{"_mean", "_std"}[i]
		x, err := read[float64](a, full)
		if err != nil {
			return err
		}
		if len(x) != len(dst) {
			return fmt.Errorf("%s: array %s has %d numbers, not %d", a.names, full, len(x), len(dst))
		}
		copy(dst, x)
	}
	for _, x := range std {
		if !(x > 0) {
			return fmt.Errorf("%s: array %s_std has %v, which is no standard deviation", a.names, name, x)
		}
	}
	return nil
}

// read reads an array.
func read[T table.Element](a *arrays, name string) ([]T, error) {
	f, ok := a.at[name]
	if !ok {
		return nil, fmt.Errorf("%s: no array is called %q, which the released network or its constants have", a.names, name)
	}
	var x table.Array[T]
	err := f.Read(table.Field{Names: []string{name}, Into: &x})
	return x.Data, err
}
