package nn_test

import (
	"slices"
	"testing"

	"breakeven/nn"
	"breakeven/rng"
)

// A plan without tangents makes the adjoints of batch norms in place. Its
// gradients are those of a plan that keeps them, to the bit, and it needs less
// memory.
func TestAdjointsInPlace(t *testing.T) {
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
		p.Forward(images, labels)
		g := make([]float32, net.Dim())
		p.Gradient(g, 1, false)
		p.Gradient(g, 0.5, true)
		return g
	}
	keeps, reuses := nn.Settings{Batch: n, Tangents: true}, nn.Settings{Batch: n}
	want, got := gradient(keeps), gradient(reuses)
	if !slices.Equal(got, want) {
		t.Error("gradients with adjoints in place differ from those with adjoints kept")
	}
	twoTapes := func(s nn.Settings) int64 {
		s.Tapes = 2
		return net.Memory(s) - net.Memory(nn.Settings{Batch: s.Batch, Tangents: s.Tangents})
	}
	if a, b := twoTapes(reuses), twoTapes(keeps); a >= b {
		t.Errorf("a tape without tangents takes %d bytes, one with tangents %d", a, b)
	}
}
