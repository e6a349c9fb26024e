package curvature

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"breakeven/internal/testenv"
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/spectrum"
	"breakeven/tensor"
)

// smooth is a convolutional network without kinks and with few parameters, so
// that its matrices can be formed. With norm it has a batch norm.
func smooth(norm bool) *nn.Network {
	net, x := nn.NewNetwork(nn.Shape{C: 1, H: 4, W: 4})
	x = net.Add("conv", nn.Conv2D{Filters: 2, K: 3, Pad: 1}, x)
	if norm {
		x = net.Add("bn", nn.BatchNorm{}, x)
	}
	x = net.Add("tanh", nn.Tanh{}, x)
	x = net.Add("flatten", nn.Flatten{}, x)
	net.Add("fc", nn.Linear{Units: 3}, x)
	return net
}

// point returns random parameters.
func point(net *nn.Network) []float32 {
	r, theta := rng.New(1, "point"), make([]float32, net.Dim())
	for i := range theta {
		theta[i] = float32(0.3 * r.NormFloat64())
	}
	return theta
}

// must returns v, and panics if there is an error.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// random returns a random vector of length 1.
func random(dim int, name string) []float32 {
	r, v := rng.New(2, name), make([]float32, dim)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	tensor.Scale(v, float32(1/tensor.Norm(v)))
	return v
}

// points returns n random examples.
func points(net *nn.Network, n int) Set {
	r, classes := rng.New(3, "examples"), net.Output().Size()
	x, y := make([]float32, n*net.Input.Size()), make([]int32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	for i := range y {
		y[i] = int32(r.IntN(classes))
	}
	return nn.Labelled(x, y)
}

// at returns the problem of n examples at the random point.
func at(net *nn.Network, n int, s Settings) *Problem {
	s.Metrics = []Metric{{Of: nn.Correct}}
	p := New(net, points(net, n), s)
	p.At(point(net))
	return p
}

// dense forms the matrix of an operator, one product a column.
func dense(o spectrum.Operator) *mat.Dense {
	m := mat.NewDense(o.Dim(), o.Dim(), nil)
	e, col := make([]float32, o.Dim()), make([]float32, o.Dim())
	for j := range o.Dim() {
		clear(e)
		e[j] = 1
		o.MulVecTo(col, e)
		for i, v := range col {
			m.Set(i, j, float64(v))
		}
	}
	return m
}

// near fails unless two matrices agree to tol of the largest entry of want.
func near(t *testing.T, what string, got, want mat.Matrix, tol float64) {
	t.Helper()
	var d mat.Dense
	d.Sub(got, want)
	scale := math.Max(mat.Max(want), -mat.Min(want))
	if worst := math.Max(mat.Max(&d), -mat.Min(&d)); !(worst <= tol*scale) {
		t.Errorf("%s: the worst entry is off by %.2g, the largest is %.2g", what, worst, scale)
	}
}

// close fails unless two numbers agree to tol of scale.
func closeTo(t *testing.T, what string, got, want, tol, scale float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*math.Abs(scale)) {
		t.Errorf("%s is %.9g, want %.9g", what, got, want)
	}
}

func wide(x []float32) []float64 {
	w := make([]float64, len(x))
	for i, v := range x {
		w[i] = float64(v)
	}
	return w
}

// equalBits fails unless f gives the same numbers on any number of processors.
func equalBits(t *testing.T, f func() map[string]any) {
	t.Helper()
	var want map[string]any
	testenv.OnProcessors(t, func(when string) {
		t.Log(when)
		got := f()
		if want == nil {
			want = got
		}
		sameBits(t, got, want)
	})
}

// sameBits fails unless all named slices are equal to the bit.
func sameBits(t *testing.T, got, want map[string]any) {
	t.Helper()
	for name, w := range want {
		same := false
		switch w := w.(type) {
		case []float32:
			same = slices.Equal(got[name].([]float32), w)
		case []float64:
			same = slices.Equal(got[name].([]float64), w)
		}
		if !same {
			t.Errorf("%s has other bits", name)
		}
	}
}
