package nntest

import (
	"fmt"
	"math"
	"testing"

	"breakeven/nn"
)

// The derivatives of hyper-dual numbers for a simple function: f(x, y) = x³y at (2, 5)
// along a = (1, 0) and b = (0, 1), and along a = b.
func TestHyper(t *testing.T) {
	cube := func(x, y hyper) hyper { return x.times(x).times(x).times(y) }
	if got, want := cube(hyper{v: 2, a: 1}, hyper{v: 5, b: 1}), (hyper{40, 60, 8, 12}); got != want {
		t.Errorf("mixed derivative: %+v, want %+v", got, want)
	}
	if got, want := cube(hyper{v: 2, a: 1, b: 1}, constant(5)), (hyper{40, 60, 60, 60}); got != want {
		t.Errorf("second derivative: %+v, want %+v", got, want)
	}
	x := hyper{v: 0.7, a: 1, b: 1}
	near := func(what string, got hyper, f, first, second float64) {
		t.Helper()
		for k, d := range []float64{got.v - f, got.a - first, got.b - first, got.ab - second} {
			if math.Abs(d) > 1e-14 {
				t.Errorf("%s: derivative %d is off by %v", what, k, d)
			}
		}
	}
	near("log exp", x.exp().log(), 0.7, 1, 0)
	near("exp", x.exp(), math.Exp(0.7), math.Exp(0.7), math.Exp(0.7))
	th, sech2 := math.Tanh(0.7), 1/(math.Cosh(0.7)*math.Cosh(0.7))
	near("tanh", x.tanh(), th, sech2, -2*th*sech2)
	sig := 1 / (1 + math.Exp(-0.7))
	near("sigmoid", x.sigmoid(), sig, sig*(1-sig), sig*(1-sig)*(1-2*sig))
	near("rsqrt", x.rsqrt(), math.Pow(0.7, -0.5), -0.5*math.Pow(0.7, -1.5), 0.75*math.Pow(0.7, -2.5))
	slope := 2 / math.SqrtPi * math.Exp(-0.49)
	near("erf", x.erf(), math.Erf(0.7), slope, -1.4*slope)
}

// block makes a network around a residual block of He et al. 2015: convolution,
// batch norm, ReLU, convolution, batch norm, shortcut, sum, ReLU; the last two
// work in place.
func block(stride int, shortcut func(g *graph, x int) int) variant {
	g := newGraph(nn.Shape{C: 2, H: 5, W: 5})
	x := g.add("relu0", nn.ReLU{}, g.add("bn0", nn.BatchNorm{}, g.add("conv0", nn.Conv2D{Filters: 3, K: 3, Pad: 1, NoBias: true}, 0)))
	y := g.add("conv1", nn.Conv2D{Filters: 3 * stride, K: 3, Stride: stride, Pad: 1, NoBias: true}, x)
	y = g.add("relu1", nn.ReLU{}, g.add("bn1", nn.BatchNorm{}, y))
	y = g.add("conv2", nn.Conv2D{Filters: 3 * stride, K: 3, Pad: 1, NoBias: true}, y)
	y = g.add("bn2", nn.BatchNorm{}, y)
	y = g.add("relu2", nn.ReLU{}, g.add("add", nn.Residual{}, y, shortcut(g, x)))
	g.add("fc", nn.Linear{Units: classes}, g.add("pool", nn.AvgPool{}, y))
	return variant{graph: g, loss: nn.CrossEntropy{}, largest: 19}
}

func TestResidualBlocks(t *testing.T) {
	t.Run("identity", func(t *testing.T) {
		testNetwork(t, block(1, func(_ *graph, x int) int { return x }))
	})
	t.Run("projection", func(t *testing.T) {
		testNetwork(t, block(2, func(g *graph, x int) int {
			x = g.add("shortcut.0", nn.Conv2D{Filters: 6, K: 1, Stride: 2, NoBias: true}, x)
			return g.add("shortcut.1", nn.BatchNorm{}, x)
		}))
	})
	t.Run("subsample", func(t *testing.T) {
		testNetwork(t, block(2, func(g *graph, x int) int {
			return g.add("shortcut", nn.Subsample{Stride: 2, Channels: 6}, x)
		}))
	})
}

// A small network of a convolution, max-pooling and dense layers whose ReLUs all
// work in place, as in the papers' CNN.
func TestPlainBlocks(t *testing.T) {
	g := newGraph(nn.Shape{C: 2, H: 6, W: 6})
	x := g.add("relu1", nn.ReLU{}, g.add("conv1", nn.Conv2D{Filters: 3, K: 3, Pad: 1}, 0))
	x = g.add("relu2", nn.ReLU{}, g.add("conv2", nn.Conv2D{Filters: 4, K: 3, Pad: 1}, x))
	x = g.add("flatten", nn.Flatten{}, g.add("pool", nn.MaxPool{K: 2}, x))
	x = g.add("relu3", nn.ReLU{}, g.add("fc1", nn.Linear{Units: 8}, x))
	g.add("fc2", nn.Linear{Units: classes}, x)
	testNetwork(t, variant{graph: g, loss: nn.MSE{}, largest: 35})
}

func TestBinaryCrossEntropy(t *testing.T) {
	g := newGraph(nn.Vec(5))
	g.add("fc2", nn.Linear{Units: classes}, g.add("tanh", nn.Tanh{}, g.add("fc1", nn.Linear{Units: 6}, 0)))
	testNetwork(t, variant{graph: g, loss: nn.BinaryCrossEntropy{}, largest: 19})
}

// A node on which no output depends changes nothing.
func TestDeadEnd(t *testing.T) {
	g := newGraph(nn.Vec(5))
	x := g.add("tanh", nn.Tanh{}, g.add("fc1", nn.Linear{Units: 6}, 0))
	g.add("dead.relu", nn.ReLU{}, g.add("dead", nn.Linear{Units: 3}, x))
	g.add("fc2", nn.Linear{Units: classes}, x)
	testNetwork(t, variant{graph: g, loss: nn.CrossEntropy{}, largest: 19})
}

// Two inputs, and three outputs with losses of their own, of which one is read by
// operations that come later, one works in the place of what it reads and one is a
// sequence. Batches have targets for all outputs.
func TestSeveralEnds(t *testing.T) {
	g := newGraph(nn.Vec(5))
	seq := g.input(nn.Input{Name: "sequence", Shape: nn.Seq(4, 3)})
	x := g.add("tanh", nn.Tanh{}, g.add("fc1", nn.Linear{Units: 6}, 0))
	middle := g.add("fc2", nn.Linear{Units: 6}, x)
	g.output("middle", middle)
	g.output("last", g.add("relu", nn.ReLU{}, g.add("sum", nn.Residual{}, g.add("fc3", nn.Linear{Units: 6}, middle), middle)))
	g.output("steps", g.add("fc5", nn.Linear{Units: 3}, g.add("seqtanh", nn.Tanh{}, g.add("fc4", nn.Linear{Units: 5}, seq))))
	losses := map[string]nn.Loss{"last": nn.MSE{}, "steps": nn.BinaryCrossEntropy{}}
	testNetwork(t, variant{graph: g, losses: losses, largest: 19})
}

// An output without a target has no loss, but it has tangents and adjoints.
func TestOutputWithoutTarget(t *testing.T) {
	g := newGraph(nn.Vec(5))
	x := g.add("tanh", nn.Tanh{}, g.add("fc1", nn.Linear{Units: 6}, 0))
	g.output("main", g.add("fc2", nn.Linear{Units: classes}, x))
	g.output("other", g.add("fc3", nn.Linear{Units: 2}, x))
	testNetwork(t, variant{graph: g, targets: 1, largest: 19})
}

// Operations that share parameters, two or three at a time, all of them or some, on
// vectors, images and sequences, and one on which no output depends.
func TestSharing(t *testing.T) {
	g := newGraph(nn.Vec(5))
	x := g.add("tanh1", nn.Tanh{}, g.add("fc1", nn.Linear{Units: 5}, 0))
	both := map[string]string{"weight": "fc1.weight", "bias": "fc1.bias"}
	x = g.add("tanh2", nn.Tanh{}, g.sharing("fc2", nn.Linear{Units: 5}, both, x))
	dead := g.sharing("dead", nn.Linear{Units: 5}, map[string]string{"weight": "fc1.weight"}, 0)
	g.add("deadtanh", nn.Tanh{}, dead)
	x = g.sharing("fc3", nn.Linear{Units: 5}, map[string]string{"bias": "dead.bias"}, x)
	g.add("fc4", nn.Linear{Units: classes}, x)
	t.Run("dense", func(t *testing.T) { testNetwork(t, variant{graph: g, largest: 19}) })

	g = newGraph(nn.Shape{C: 3, H: 5, W: 4})
	conv := nn.Conv2D{Filters: 3, K: 3, Pad: 1}
	x = g.add("relu1", nn.ReLU{}, g.add("conv1", conv, 0))
	x = g.add("bn1", nn.BatchNorm{}, g.sharing("conv2", conv, map[string]string{"weight": "conv1.weight"}, x))
	x = g.sharing("bn2", nn.BatchNorm{}, map[string]string{"weight": "bn1.weight", "bias": "conv2.bias"}, g.add("tanh", nn.Tanh{}, x))
	x = g.sharing("conv3", conv, map[string]string{"weight": "conv1.weight", "bias": "conv1.bias"}, x)
	g.add("fc", nn.Linear{Units: classes}, g.add("pool", nn.AvgPool{}, x))
	t.Run("images", func(t *testing.T) { testNetwork(t, variant{graph: g, largest: 19}) })

	g = newGraph(nn.Seq(3, 4))
	vec := g.input(nn.Input{Name: "vector", Shape: nn.Vec(4)})
	g.output("steps", g.add("fc2", nn.Linear{Units: 4}, g.add("tanh", nn.Tanh{}, g.add("fc1", nn.Linear{Units: 4}, 0))))
	g.output("vector", g.sharing("fc3", nn.Linear{Units: 4}, map[string]string{"weight": "fc1.weight", "bias": "fc2.bias"}, vec))
	t.Run("sequences", func(t *testing.T) { testNetwork(t, variant{graph: g, largest: 19}) })
}

// Gates of one number for each channel, of an image and of what depends on it, as in squeeze and excitation.
func TestGates(t *testing.T) {
	g := newGraph(nn.Shape{C: 3, H: 3, W: 2})
	x := g.add("conv", nn.Conv2D{Filters: 3, K: 3, Pad: 1}, 0)
	gate := g.add("sigmoid", nn.Sigmoid{}, g.add("squeeze", nn.Conv2D{Filters: 3, K: 1}, g.add("mean", nn.AvgPool{}, x)))
	image := g.add("image", nn.Multiply{}, 0, gate)
	constant := g.add("constant", nn.Multiply{}, x, g.add("pixel", nn.AvgPool{}, 0))
	all := g.add("concat", nn.Concat{}, g.add("gates", nn.Multiply{}, x, gate), image, constant)
	g.add("fc", nn.Linear{Units: classes}, g.add("flatten", nn.Flatten{}, g.add("tanh", nn.Tanh{}, all)))
	testNetwork(t, variant{graph: g, largest: 19})
}

// Two LSTMs, the second of which begins at the last states of the first, as in a
// translator. Some states are read before the end, some are outputs, one of the top
// layer's is not read at all.
func TestStates(t *testing.T) {
	for name, op := range map[string]nn.LSTM{
		"two layers": {Hidden: 3, Layers: 2}, "both directions": {Hidden: 2, Bidirectional: true}, "both, two layers": {Hidden: 2, Layers: 2, Bidirectional: true},
	} {
		t.Run(name, func(t *testing.T) { testStates(t, op) })
	}
}

func testStates(t *testing.T, op nn.LSTM) {
	g := newGraph(nn.Seq(4, 3))
	other := g.input(nn.Input{Name: "other", Shape: nn.Seq(3, 2)})
	first := g.add("encoder", op, 0)
	var last [2][]int
	layers := max(1, op.Layers)
	if op.Bidirectional {
		layers *= 2
	}
	for layer := range layers {
		for k, cells := range []bool{false, true} {
			at := g.state(first, layer, cells)
			last[k] = append(last[k], g.add(fmt.Sprintf("last%d%v", layer, cells), nn.Step{At: -1}, at))
		}
	}
	h, c := g.add("h", nn.Concat{}, last[0]...), g.add("c", nn.Concat{}, last[1]...)
	second := g.add("decoder", op, other, h, c)
	g.output("steps", g.add("out", nn.Linear{Units: classes}, second))
	g.output("cells", g.state(second, 0, true))
	g.output("mean", g.add("fc", nn.Linear{Units: classes}, g.add("meanh", nn.MeanSteps{}, g.state(second, 0, false))))
	losses := map[string]nn.Loss{"cells": nn.MSE{}}
	testNetwork(t, variant{graph: g, losses: losses, largest: 19})
}

// The top sequence of an LSTM is not read, only the final cells below it; of one of two
// directions only what one of them ends with.
func TestCellsAlone(t *testing.T) {
	for _, op := range []nn.LSTM{{Hidden: 4, Layers: 2}, {Hidden: 2, Bidirectional: true}} {
		g := newGraph(nn.Seq(3, 2))
		lstm := g.add("lstm", op, g.add("fc1", nn.Linear{Units: 3}, 0))
		g.output("class", g.add("fc2", nn.Linear{Units: classes}, g.add("step", nn.Step{At: 1}, g.state(lstm, 1, true))))
		testNetwork(t, variant{graph: g, largest: 19})
	}
}

// An LSTM whose gradient is smaller than its output, so that gradients of examples stay
// in place of its adjoints in plans without tangents.
func TestLongSequence(t *testing.T) {
	g := newGraph(nn.Seq(17, 1))
	g.add("fc", nn.Linear{Units: classes}, g.add("last", nn.Step{At: -1}, g.add("lstm", nn.LSTM{Hidden: 1}, 0)))
	testNetwork(t, variant{graph: g, largest: 19})
}

// Constant states, which depend on no parameter, and weights that layers share.
func TestGivenStates(t *testing.T) {
	g := newGraph(nn.Seq(3, 2))
	h, c := g.input(nn.Input{Name: "h", Shape: nn.Vec(4)}), g.input(nn.Input{Name: "c", Shape: nn.Vec(4)})
	share := map[string]string{"weight_hh_l1": "lstm.weight_hh_l0", "bias_ih_l0": "lstm.bias_hh_l1"}
	y := g.add("lstm", nn.LSTM{Hidden: 2, Layers: 2}, 0, h, c)
	z := g.sharing("again", nn.LSTM{Hidden: 2, Layers: 2}, share, y, h, g.add("fc1", nn.Linear{Units: 4}, c))
	g.output("class", g.add("fc2", nn.Linear{Units: classes}, g.add("mean", nn.MeanSteps{}, z)))
	testNetwork(t, variant{graph: g, largest: 19})
}
