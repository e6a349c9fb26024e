package curvature

import (
	"errors"
	"slices"
	"testing"

	"breakeven/nn"
	"breakeven/tensor"

	"gonum.org/v1/gonum/floats"
)

// A weight says how often an example counts: loss, gradient, products and the
// covariance of minibatches are those of a set with the examples repeated.
func TestWeightedSet(t *testing.T) {
	net := smooth(false)
	set := points(net, 4)
	set.Target[0].Weight = []float32{2, 1, 0, 1}
	set.Target[0].Labels[2] = nn.Ignored
	var x []float32
	var y []int32
	for _, i := range []int{0, 0, 1, 3} {
		x, y = slices.Concat(x, set.In[0].F[i*16:(i+1)*16]), append(y, set.Target[0].Labels[i])
	}
	repeated := nn.Labelled(x, y)
	metrics := []Metric{{Of: nn.Correct}}
	weighted := New(net, set, Settings{Chunk: 3, Metrics: metrics})
	plain := New(net, repeated, Settings{Chunk: 3, Metrics: metrics})
	for _, p := range []*Problem{weighted, plain} {
		if err := p.At(point(net)); err != nil {
			t.Fatal(err)
		}
	}
	closeTo(t, "loss", weighted.Loss(), plain.Loss(), 1e-12, 1)
	closeTo(t, "accuracy", weighted.Metric(0), plain.Metric(0), 1e-12, 1)
	closeTo(t, "loss elsewhere", must(weighted.LossAt(random(net.Dim(), "elsewhere"), 2)), must(plain.LossAt(random(net.Dim(), "elsewhere"), 3)), 1e-12, 1)
	close32 := func(what string, got, want []float32) {
		t.Helper()
		for i := range want {
			closeTo(t, what, float64(got[i]), float64(want[i]), 1e-5, float64(slices.Max(want)))
		}
	}
	close32("gradient", weighted.Gradient(), plain.Gradient())
	v, got, want := random(net.Dim(), "v"), make([]float32, net.Dim()), make([]float32, net.Dim())
	if err := errors.Join(weighted.Hessian().MulVecTo(got, v), plain.Hessian().MulVecTo(want, v)); err != nil {
		t.Fatal(err)
	}
	close32("Hv", got, want)
	// Of single examples the means are those of the set.
	each, along := make([]float64, set.N), 0.0
	for what, c := range map[string]struct {
		f    func([]float64, []float32) error
		want float64
	}{
		"curvatures": {weighted.Curvatures, tensor.Dot(v, want)}, "slopes": {weighted.Slopes, tensor.Dot(v, plain.Gradient())},
	} {
		if err := c.f(each, v); err != nil {
			t.Fatal(err)
		}
		closeTo(t, what, floats.Sum(each)/float64(set.N), c.want, 1e-4, 1)
	}
	single, err := weighted.ExampleCovariance(set)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range single.Inner {
		along += x / float64(set.N*set.N)
	}
	closeTo(t, "squared norm of the mean of single gradients", along, tensor.Dot(plain.Gradient(), plain.Gradient()), 1e-4, 1)
	closeTo(t, "curvature of a batch", must(weighted.BatchCurvature(set.Slice(0, 2), v)), must(plain.BatchCurvature(repeated.Slice(0, 3), v)), 1e-5, 1)
	k, err := weighted.Covariance([]Set{set.Slice(0, 2), set.Slice(2, 4)})
	if err != nil {
		t.Fatal(err)
	}
	other, err := plain.Covariance([]Set{repeated.Slice(0, 3), repeated.Slice(3, 4)})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range k.Inner {
		closeTo(t, "inner product", v, other.Inner[i], 1e-5, other.Inner[0])
	}
}
