package nn_test

import (
	"slices"
	"testing"

	"breakeven/nn"
	"breakeven/rng"
)

// The memory of cotangents is used again, and batch norms make theirs in place. The
// gradients have the bits of those from kept adjoints, and need less memory.
func TestCotangents(t *testing.T) {
	net, x := nn.NewNetwork(nn.Shape{C: 3, H: 6, W: 5})
	x = net.Add("conv1", nn.Conv2D{Filters: 16, K: 3, Pad: 1, NoBias: true}, x)
	x = net.Add("bn1", nn.BatchNorm{}, x)
	short := net.Add("relu1", nn.ReLU{}, x)
	x = net.Add("conv2", nn.Conv2D{Filters: 16, K: 3, Pad: 1, NoBias: true}, short)
	x = net.Add("bn2", nn.BatchNorm{}, x)
	x = net.Add("add", nn.Residual{}, x, short)
	x = net.Add("relu2", nn.ReLU{}, x)
	x = net.Add("bn3", nn.BatchNorm{}, x) // reads a ReLU in place
	x = net.Add("pool", nn.AvgPool{}, x)
	net.Add("fc", nn.Linear{Units: 4}, x)

	const n = 21
	r := rng.New(1, "nn/inplace")
	images, labels := make([]float32, n*net.Input.Size()), make([]int32, n)
	for i := range images {
		images[i] = float32(r.NormFloat64())
	}
	for i := range labels {
		labels[i] = int32(r.IntN(4))
	}
	theta := net.InitialParams(nn.Glorot, 1)
	gradient := func(s nn.Settings) []float32 {
		p := net.Compile(s)
		p.SetParams(theta)
		p.Forward(nn.Labelled(images, labels))
		g, pass := make([]float32, net.Dim()), p.Gradient
		if s.Adjoints {
			pass = p.Adjoints
		}
		pass(g, 1, false)
		pass(g, 0.5, true)
		return g
	}
	keeps, reuses := nn.Settings{Batch: n, Adjoints: true}, nn.Settings{Batch: n}
	want, got := gradient(keeps), gradient(reuses)
	if !slices.Equal(got, want) {
		t.Error("gradients differ from those with adjoints kept")
	}
	if a, b := net.Memory(reuses), net.Memory(keeps); a >= b {
		t.Errorf("a plan takes %d bytes, one that keeps adjoints %d", a, b)
	}
}
