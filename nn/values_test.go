package nn_test

import (
	"math"
	"slices"
	"testing"

	"breakeven/nn"
	"breakeven/rng"
)

// numbers returns lo, lo+1, … in float32.
func numbers(lo, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(lo + i)
	}
	return x
}

// apply returns the output of an operation on examples in PyTorch's layout.
func apply(t *testing.T, op nn.Op, in nn.Shape, x []float32) []float32 {
	t.Helper()
	net, node := nn.NewNetwork(in)
	net.Add("flatten", nn.Flatten{}, net.Add("op", op, node))
	p := net.Compile(nn.Settings{Batch: len(x) / in.Size()})
	p.SetParams(net.InitialParams(nn.Glorot, 0))
	p.Forward(nn.Labelled(x, make([]int32, len(x)/in.Size())))
	return p.Outputs()
}

func equal(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// Values that are known, or follow from PyTorch's documentation.
func TestValues(t *testing.T) {
	two := nn.Shape{C: 2, H: 2, W: 3}
	equal(t, "Flatten", apply(t, nn.Flatten{}, two, numbers(0, 24)), numbers(0, 24))
	equal(t, "Subsample (option A)",
		apply(t, nn.Subsample{Stride: 2, Channels: 4}, nn.Shape{C: 2, H: 3, W: 4}, numbers(1, 24)),
		[]float32{1, 3, 9, 11, 13, 15, 21, 23, 0, 0, 0, 0, 0, 0, 0, 0})
	equal(t, "MaxPool", apply(t, nn.MaxPool{K: 2}, nn.Shape{C: 2, H: 2, W: 2}, []float32{1, 4, 3, 2, -1, -2, -3, -4}), []float32{4, -1})
	equal(t, "MaxPool 3/2", apply(t, nn.MaxPool{K: 3, Stride: 2}, nn.Shape{C: 1, H: 5, W: 5}, numbers(0, 25)), []float32{12, 14, 22, 24})
	equal(t, "MaxPool 3/2, padding 1", apply(t, nn.MaxPool{K: 3, Stride: 2, Pad: 1}, nn.Shape{C: 1, H: 3, W: 4}, []float32{-9, -8, -7, -6, -5, -4, -3, -2, -1, -3, -5, -7}), []float32{-4, -2, -1, -2})
	equal(t, "AvgPool 2/2, padding 1", apply(t, nn.AvgPool{K: 2, Pad: 1}, nn.Shape{C: 1, H: 2, W: 2}, []float32{4, 8, 12, 16}), []float32{1, 2, 3, 4})
	equal(t, "AvgPool 2/2, padding 1, inside", apply(t, nn.AvgPool{K: 2, Pad: 1, Inside: true}, nn.Shape{C: 1, H: 2, W: 2}, []float32{4, 8, 12, 16}), []float32{4, 8, 12, 16})
	equal(t, "AvgPool 2/1", apply(t, nn.AvgPool{K: 2, Stride: 1}, nn.Shape{C: 1, H: 2, W: 3}, []float32{1, 2, 3, 5, 8, 7}), []float32{4, 5})
	equal(t, "global AvgPool", apply(t, nn.AvgPool{}, two, numbers(1, 12)), []float32{3.5, 9.5})
	equal(t, "ReLU", apply(t, nn.ReLU{}, nn.Vec(4), []float32{-1, 0, 2, -0.5}), []float32{0, 0, 2, 0})
	equal(t, "Tanh", apply(t, nn.Tanh{}, nn.Vec(3), []float32{0, 100, -100}), []float32{0, 1, -1})
	equal(t, "Erf", apply(t, nn.Erf{}, nn.Vec(3), []float32{0, 0.5, -10}), []float32{0, 0.5204999, -1})
}

// NaN passes through; no comparison hides it.
func TestNaN(t *testing.T) {
	nan := float32(math.NaN())
	for _, op := range []nn.Op{nn.ReLU{}, nn.Tanh{}, nn.Erf{}, nn.MaxPool{K: 2}, nn.MaxPool{K: 2, Stride: 1}, nn.AvgPool{}, nn.BatchNorm{}, nn.Conv2D{Filters: 1, K: 2}} {
		for at := range 4 {
			x := []float32{1, 2, 3, 4}
			x[at] = nan
			y := apply(t, op, nn.Shape{C: 1, H: 2, W: 2}, x)
			if !slices.ContainsFunc(y, func(v float32) bool { return v != v }) {
				t.Errorf("%T of %v is %v", op, x, y)
			}
		}
	}
	for at := range 9 {
		x := numbers(0, 9)
		x[at] = nan
		if y := apply(t, nn.MaxPool{K: 3}, nn.Shape{C: 1, H: 3, W: 3}, x); y[0] == y[0] {
			t.Errorf("3×3 maximum of %v is %v", x, y)
		}
	}
	for _, loss := range []nn.Loss{nn.CrossEntropy{}, nn.MSE{}} {
		net, x := nn.NewNetwork(nn.Vec(3))
		net.Add("relu", nn.ReLU{}, x)
		e := net.Compile(nn.Settings{Batch: 1, Loss: loss}).Forward(nn.Labelled([]float32{1, nan, 2}, []int32{0}))
		if e.Loss == e.Loss {
			t.Errorf("%s of not-a-number is %v", loss.Name(), e.Loss)
		}
	}
}

// image returns a network whose first node is a k×k image of parameters (on the input
// 1), and the function that puts a parameter vector in the order of the pixels, which
// is reversed.
func image(k int) (net *nn.Network, x nn.Node, one []float32, turn func(v []float32) []float32) {
	net, in := nn.NewNetwork(nn.Shape{C: 1, H: 1, W: 1})
	x = net.Add("image", nn.Conv2D{Filters: 1, K: k, Pad: k - 1, NoBias: true}, in)
	return net, x, []float32{1}, func(v []float32) []float32 {
		v = slices.Clone(v)
		slices.Reverse(v)
		return v
	}
}

// pull returns the adjoint of the image's pixels where those of the outputs are 1.
func pull(t *testing.T, k int, op nn.Op, pixels []float32) []float32 {
	t.Helper()
	net, x, one, turn := image(k)
	net.Add("flatten", nn.Flatten{}, net.Add("op", op, x))
	p := net.Compile(nn.Settings{Batch: 1})
	p.SetParams(turn(pixels))
	p.Forward(nn.Labelled(one, []int32{0}))
	u := make([]float32, net.Output().Size())
	for i := range u {
		u[i] = 1
	}
	g := make([]float32, net.Dim())
	p.JacTVec(g, u, false)
	return turn(g)
}

func TestMaxPoolGivesTiesToTheFirst(t *testing.T) {
	equal(t, "2/2, all equal", pull(t, 4, nn.MaxPool{K: 2}, make([]float32, 16)),
		[]float32{1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0})
	equal(t, "3/2, all equal", pull(t, 5, nn.MaxPool{K: 3, Stride: 2}, make([]float32, 25)),
		[]float32{
			1, 0, 1, 0, 0,
			0, 0, 0, 0, 0,
			1, 0, 1, 0, 0,
			0, 0, 0, 0, 0,
			0, 0, 0, 0, 0})
	equal(t, "2/2, first in row-major order", pull(t, 2, nn.MaxPool{K: 2}, []float32{1, 5, 5, 5}), []float32{0, 1, 0, 0})
	equal(t, "3/3, first in row-major order", pull(t, 3, nn.MaxPool{K: 3}, []float32{0, 1, 2, 0, 0, 2, 2, 2, 2}), []float32{0, 0, 1, 0, 0, 0, 0, 0, 0})
	equal(t, "shared maximum of overlapping windows", pull(t, 3, nn.MaxPool{K: 2, Stride: 1}, []float32{0, 0, 0, 0, 9, 0, 0, 0, 0}), []float32{0, 0, 0, 0, 4, 0, 0, 0, 0})
}

// ReLU'(0) = 0, in place (over the convolution) and not (over tanh).
func TestReLUAtZero(t *testing.T) {
	pixels := []float32{0, 1, -1, float32(math.Copysign(0, -1))}
	equal(t, "in place", pull(t, 2, nn.ReLU{}, pixels), []float32{0, 1, 0, 0})
	net, x, one, _ := image(1)
	net.Add("flatten", nn.Flatten{}, net.Add("relu", nn.ReLU{}, net.Add("tanh", nn.Tanh{}, x)))
	p := net.Compile(nn.Settings{Batch: 1})
	p.SetParams([]float32{0})
	p.Forward(nn.Labelled(one, []int32{0}))
	g := []float32{7}
	p.JacTVec(g, []float32{1}, false)
	equal(t, "not in place", g, []float32{0})
}

func TestBatchNormByHand(t *testing.T) {
	net, x := nn.NewNetwork(nn.Shape{C: 2, H: 1, W: 2})
	net.Add("flatten", nn.Flatten{}, net.Add("bn", nn.BatchNorm{}, x))
	p := net.Compile(nn.Settings{Batch: 2})
	p.SetParams([]float32{2, 1, 0.5, 0}) // γ, β
	// Channel 0: 1, 3, 5, 7: mean 4, variance 5. Channel 1: 10, 10, 10, 14: 11, 3.
	p.Forward(nn.Labelled([]float32{1, 3, 10, 10, 5, 7, 10, 14}, []int32{0, 0}))
	for i, want := range []float64{
		0.5 - 2*3/math.Sqrt(5+1e-5), 0.5 - 2/math.Sqrt(5+1e-5), -1 / math.Sqrt(3+1e-5), -1 / math.Sqrt(3+1e-5),
		0.5 + 2/math.Sqrt(5+1e-5), 0.5 + 2*3/math.Sqrt(5+1e-5), -1 / math.Sqrt(3+1e-5), 3 / math.Sqrt(3+1e-5),
	} {
		if got := p.Outputs()[i]; math.Abs(float64(got)-want) > 1e-6 {
			t.Errorf("output %d is %v, want %v", i, got, want)
		}
	}
	equal(t, "initial running statistics", p.State(), []float32{0, 0, 1, 1})
	p.UpdateState(0.1) // unbiased variances: 5·4/3 and 3·4/3
	p.UpdateState(0.1)
	for i, want := range []float64{4 * 0.19, 11 * 0.19, 0.81 + 0.19*20/3, 0.81 + 0.19*4} {
		if got := p.State()[i]; math.Abs(float64(got)-want) > 1e-6 {
			t.Errorf("running statistic %d is %v, want %v", i, got, want)
		}
	}

	q := net.Compile(nn.Settings{Batch: 1, Inference: true})
	q.SetParams([]float32{2, 1, 0.5, 0})
	copy(q.State(), []float32{3, 10, 4, 9})
	q.Forward(nn.Labelled([]float32{1, 3, 10, 13}, []int32{0}))
	for i, want := range []float64{-1.5, 0.5, 0, 1} {
		if got := q.Outputs()[i]; math.Abs(float64(got)-want) > 1e-5 {
			t.Errorf("inference: output %d is %v, want %v", i, got, want)
		}
	}
}

// A mean far from zero must not cancel the variance.
func TestBatchNormFarFromZero(t *testing.T) {
	r := rng.New(1, "far")
	x := make([]float32, 512)
	for i := range x {
		x[i] = 1000 + float32(r.NormFloat64())
	}
	y := apply(t, nn.BatchNorm{}, nn.Shape{C: 1, H: 16, W: 16}, x)
	var sum, squares float64
	for _, v := range y {
		sum += float64(v) / 512
		squares += float64(v) * float64(v) / 512
	}
	if math.Abs(sum) > 1e-4 || math.Abs(squares-1) > 1e-4 {
		t.Errorf("normalised to mean %v and mean square %v", sum, squares)
	}
}

func TestLosses(t *testing.T) {
	for _, c := range []struct {
		loss    nn.Loss
		z       []float32
		label   int32
		want    float64
		correct int
	}{
		{nn.CrossEntropy{}, []float32{0, 0, 0, 0}, 2, math.Log(4), 0}, // the first of equal outputs counts
		{nn.CrossEntropy{}, []float32{0, 0, 0, 0}, 0, math.Log(4), 1},
		{nn.CrossEntropy{}, []float32{1, 2, 3}, 2, math.Log(math.Exp(-2) + math.Exp(-1) + 1), 1},
		{nn.CrossEntropy{}, []float32{1000, 0}, 1, 1000, 0},
		{nn.CrossEntropy{}, []float32{-1000, -1000}, 0, math.Log(2), 1},
		{nn.MSE{}, []float32{1, 2, 3, 0}, 1, (1.0 + 1 + 9) / 4, 0},
		{nn.MSE{}, []float32{0, 1, 0}, 1, 0, 1},
	} {
		net, x := nn.NewNetwork(nn.Vec(len(c.z)))
		net.Add("id", nn.Flatten{}, x)
		p := net.Compile(nn.Settings{Batch: 2, Loss: c.loss})
		e := p.Forward(nn.Labelled(append(slices.Clone(c.z), c.z...), []int32{c.label, c.label}))
		if math.Abs(e.Loss-2*c.want) > 1e-9 || p.Metric(nn.Correct) != float64(2*c.correct) || e.Examples != 2 {
			t.Errorf("%s of %v, label %d, twice: %+v, want loss %v, correct %d", c.loss.Name(), c.z, c.label, e, 2*c.want, 2*c.correct)
		}
		if l := p.Losses(); len(l) != 2 || l[0] != l[1] || math.Abs(l[0]-c.want) > 1e-9 {
			t.Errorf("%s of each example: %v, want %v", c.loss.Name(), l, c.want)
		}
	}
	for _, name := range []string{"cross-entropy", "mse"} {
		if l, ok := nn.LossByName(name); !ok || l.Name() != name {
			t.Errorf("LossByName(%q) = %v, %v", name, l, ok)
		}
	}
	if _, ok := nn.LossByName("hinge"); ok {
		t.Error("there is a loss named hinge")
	}
}
