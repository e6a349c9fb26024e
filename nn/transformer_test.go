package nn_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"breakeven/nn"
	"breakeven/nn/nntest"
)

// unseen is the bias of a key that is hidden.
var unseen = float32(math.Inf(-1))

func TestAttention(t *testing.T) {
	for _, c := range []struct {
		op nn.Attention
		in nn.Shape
	}{
		{nn.Attention{Heads: 1}, nn.Seq(2, 3)},
		{nn.Attention{Heads: 2, Dropout: 0.3}, nn.Seq(3, 2)},
		{nn.Attention{Heads: 2, Causal: true}, nn.Seq(3, 2)},
		{nn.Attention{Heads: 1, Bias: []float32{0.5, unseen, 0, 1, 2, -1, unseen, unseen, unseen}}, nn.Seq(3, 2)},
		{nn.Attention{Heads: 2, Bias: []float32{1, unseen, -1, 0.5, 0, 2, unseen, 0.3}, Causal: true}, nn.Seq(2, 2)},
	} {
		t.Run(fmt.Sprintf("%+v on %v", c.op, c.in), func(t *testing.T) { nntest.TestOp(t, c.op, c.in, c.in, c.in) })
	}
}

// A table has a bias for each relative position.
func TestAttentionWithTable(t *testing.T) {
	places := []int32{1, 0, 1, 2, 4, 5, 3, 4}
	for _, op := range []nn.Attention{
		{Heads: 2, Places: places, Table: []int{3, 2}, Dropout: 0.3},
		{Heads: 2, Places: places, Table: []int{3, 2}, Bias: []float32{0.5, unseen, 0, 1}},
		{Heads: 2, Places: places, Table: []int{3, 2}, Causal: true},
	} {
		in := nn.Seq(2, 4)
		t.Run(fmt.Sprintf("%+v", op), func(t *testing.T) { nntest.TestOp(t, op, in, in, in) })
	}
}

// Steps attend to those of their own window.
func TestAttentionInWindows(t *testing.T) {
	for _, op := range []nn.Attention{
		{Heads: 2, Window: 2, Dropout: 0.3},
		{Heads: 2, Window: 2, Places: []int32{1, 0, 1, 2, 4, 5, 3, 4}, Table: []int{3, 2}, Bias: []float32{0.5, 0, 0, 1, -1, unseen, 0.2, 0}},
		{Heads: 1, Window: 4, Bias: numbers(-1, 16)},
	} {
		in := nn.Seq(4, 2)
		t.Run(fmt.Sprintf("%+v", op), func(t *testing.T) { nntest.TestOp(t, op, in, in, in) })
	}
}

// A mask hides other keys of each example. Rows of finite biases have a softmax also where all keys are hidden.
func TestMaskedAttention(t *testing.T) {
	const low = -math.MaxFloat32
	lowest := slices.Repeat([]float32{low}, 9)
	for _, c := range []struct {
		name string
		op   nn.Attention
		mask nn.Shape
	}{
		{"lowest", nn.Attention{Heads: 1, Masked: lowest}, nn.Seq(3, 1)},
		{"causal", nn.Attention{Heads: 2, Bias: []float32{0, low, low, 0.5, 0, low, 0, 0, 0}, Masked: lowest, Dropout: 0.3}, nn.Seq(3, 1)},
		{"infinite", nn.Attention{Heads: 2, Causal: true, Masked: slices.Repeat([]float32{unseen}, 9)}, nn.Seq(3, 1)},
		{"pairs", nn.Attention{Heads: 1, Bias: numbers(-4, 9), Masked: []float32{unseen, -1, low, unseen, -2, low, unseen, unseen, unseen}}, nn.Seq(3, 3)},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := nn.Seq(3, 2)
			nntest.TestOp(t, c.op, in, in, in, c.mask)
		})
	}
}

// Keys may have other steps than queries, and one activation may be all three inputs.
func TestAttentionBetween(t *testing.T) {
	net := new(nn.Network)
	text, picture := net.AddInput(nn.Input{Name: "text", Shape: nn.Seq(4, 3)}), net.AddInput(nn.Input{Name: "picture", Shape: nn.Seq(2, 5)})
	x, m := net.Add("x", nn.Linear{Units: 4}, text), net.Add("m", nn.Linear{Units: 4}, picture)
	x = net.Add("self", nn.Attention{Heads: 2}, x, x, x)
	x = net.Add("cross", nn.Attention{Heads: 4}, x, m, m)
	net.Add("head", nn.Linear{Units: 4}, net.Add("mean", nn.MeanSteps{}, x))
	nntest.TestNetwork(t, net)
}

func TestPositions(t *testing.T) {
	for _, op := range []nn.Positions{{Most: 3}, {Most: 5}, {Most: 5, At: []int32{3, 1, 1}}} {
		t.Run(fmt.Sprint(op), func(t *testing.T) { nntest.TestOp(t, op, nn.Seq(3, 4)) })
	}
}

func TestPrepend(t *testing.T) { nntest.TestOp(t, nn.Prepend{}, nn.Seq(2, 3)) }

func TestScaledLayerNorm(t *testing.T) {
	nntest.TestOp(t, nn.LayerNorm{Eps: 0.1, Affine: true, NoBias: true}, nn.Seq(2, 3))
}

func TestAffineLayerNorm(t *testing.T) {
	for _, in := range []nn.Shape{nn.Vec(9), {C: 4, H: 2, W: 3}, nn.Seq(3, 5)} {
		t.Run(in.String(), func(t *testing.T) { nntest.TestOp(t, nn.LayerNorm{Eps: 0.1, Affine: true}, in) })
	}
}

func TestRMSNorm(t *testing.T) {
	for _, op := range []nn.RMSNorm{{Eps: 0.1}, {Eps: 0.1, NoWeight: true}, {Eps: 0.1, Group: 3}, {Eps: 0.1, NoWeight: true, Group: 3}} {
		for _, in := range []nn.Shape{nn.Vec(9), {C: 4, H: 2, W: 3}, nn.Seq(3, 5)} {
			if op.Group > 0 {
				in.C = 6
			}
			t.Run(fmt.Sprintf("%+v on %v", op, in), func(t *testing.T) { nntest.TestOp(t, op, in) })
		}
	}
}

func TestLayerScale(t *testing.T) {
	for _, in := range []nn.Shape{nn.Vec(9), {C: 4, H: 2, W: 3}, nn.Seq(3, 5)} {
		t.Run(in.String(), func(t *testing.T) { nntest.TestOp(t, nn.LayerScale{}, in) })
	}
}

// Layer norm of heads has the weights of one head.
func TestLayerNormOfHeads(t *testing.T) {
	for _, op := range []nn.LayerNorm{{Eps: 0.1, Group: 3}, {Eps: 0.1, Affine: true, Group: 3}, {Eps: 0.1, Affine: true, NoBias: true, Group: 2}} {
		t.Run(fmt.Sprintf("%+v", op), func(t *testing.T) { nntest.TestOp(t, op, nn.Seq(2, 6)) })
	}
}

func TestPick(t *testing.T) {
	for _, in := range []nn.Shape{nn.Vec(3), nn.Seq(2, 3), {C: 3, H: 2, W: 2}} {
		t.Run(in.String(), func(t *testing.T) { nntest.TestOp(t, nn.Pick{Channels: []int32{2, 0, 2, 1, 2}}, in) })
	}
}

func TestRotary(t *testing.T) {
	own, other := make([]float32, 3*4), make([]float32, 3*4)
	for k := range own {
		sin, cos := math.Sincos(float64(k/4) / float64(1+k%2))
		if own[k] = float32(cos); k%4 < 2 {
			sin = -sin
		}
		other[k] = float32(sin)
	}
	op := nn.Rotary{Pair: []int32{2, 3, 0, 1}, Own: own, Other: other}
	nntest.TestOp(t, op, nn.Seq(3, 8))
	op.Pair = []int32{3, 3, 3, 0} // any linear map
	nntest.TestOp(t, op, nn.Seq(3, 4))
}

// A dense layer with many weights on a short sequence makes its products for the whole batch.
func TestWideLinear(t *testing.T) {
	net := new(nn.Network)
	x := net.AddInput(nn.Input{Name: "steps", Shape: nn.Seq(2, 3)})
	x = net.Add("small", nn.Linear{Units: 181}, x)
	x = net.Add("wide", nn.Linear{Units: 183}, net.Add("tanh", nn.Tanh{}, x))
	x = net.Add("sum", nn.MeanSteps{}, net.Add("gelu", nn.GELU{}, x))
	net.Add("head", nn.Linear{Units: 2}, x)
	nntest.TestNetwork(t, net)
}

func TestTransformerPanics(t *testing.T) {
	for what, f := range map[string]func(net *nn.Network, x nn.Node){
		"attention of one input":    func(net *nn.Network, x nn.Node) { net.Add("a", nn.Attention{Heads: 2}, x) },
		"attention of no heads":     func(net *nn.Network, x nn.Node) { net.Add("a", nn.Attention{}, x, x, x) },
		"attention of uneven heads": func(net *nn.Network, x nn.Node) { net.Add("a", nn.Attention{Heads: 3}, x, x, x) },
		"attention of a vector": func(net *nn.Network, x nn.Node) {
			y := net.Add("last", nn.Step{At: -1}, x)
			net.Add("a", nn.Attention{Heads: 2}, y, y, y)
		},
		"attention that drops all": func(net *nn.Network, x nn.Node) { net.Add("a", nn.Attention{Heads: 2, Dropout: 1}, x, x, x) },
		"attention in windows of no divisor": func(net *nn.Network, x nn.Node) {
			net.Add("a", nn.Attention{Heads: 1, Window: 2}, x, x, x)
		},
		"attention with a bias of one window": func(net *nn.Network, x nn.Node) {
			net.Add("a", nn.Attention{Heads: 1, Window: 1, Bias: make([]float32, 1)}, x, x, x)
		},
		"attention with too few places": func(net *nn.Network, x nn.Node) {
			net.Add("a", nn.Attention{Heads: 1, Places: make([]int32, 8), Table: []int{1}}, x, x, x)
		},
		"attention with a place outside of its table": func(net *nn.Network, x nn.Node) {
			net.Add("a", nn.Attention{Heads: 1, Places: slices.Repeat([]int32{2}, 9), Table: []int{2}}, x, x, x)
		},
		"attention with a short bias": func(net *nn.Network, x nn.Node) {
			net.Add("a", nn.Attention{Heads: 2, Bias: make([]float32, 3)}, x, x, x)
		},
		"attention with a bias of NaN": func(net *nn.Network, x nn.Node) {
			net.Add("a", nn.Attention{Heads: 2, Bias: slices.Repeat([]float32{float32(math.NaN())}, 9)}, x, x, x)
		},
		"attention with a mask alone": func(net *nn.Network, x nn.Node) {
			net.Add("a", nn.Attention{Heads: 2}, x, x, x, net.Add("m", nn.Slice{To: 1}, x))
		},
		"attention without its mask": func(net *nn.Network, x nn.Node) {
			net.Add("a", nn.Attention{Heads: 2, Masked: make([]float32, 9)}, x, x, x)
		},
		"attention with a wide mask": func(net *nn.Network, x nn.Node) {
			net.Add("a", nn.Attention{Heads: 2, Masked: make([]float32, 9)}, x, x, x, x)
		},
		"attention with two biases": func(net *nn.Network, x nn.Node) {
			net.Add("a", nn.Attention{Heads: 2, Bias: make([]float32, 18), Masked: make([]float32, 9)}, x, x, x, net.Add("m", nn.Slice{To: 1}, x))
		},
		"attention with a learned mask": func(net *nn.Network, x nn.Node) {
			net.Add("a", nn.Attention{Heads: 2, Masked: make([]float32, 9)}, x, x, x, net.Add("m", nn.Linear{Units: 1}, x))
			net.Compile(nn.Settings{Batch: 1, Loss: nn.MSE{}})
		},
		"a mean with a learned mask": func(net *nn.Network, x nn.Node) {
			net.Add("mean", nn.MeanSteps{}, x, net.Add("m", nn.Linear{Units: 1}, x))
			net.Compile(nn.Settings{Batch: 1, Loss: nn.MSE{}})
		},
		"a bias of no weights":        func(net *nn.Network, x nn.Node) { net.Add("n", nn.LayerNorm{NoBias: true}, x) },
		"more steps than places":      func(net *nn.Network, x nn.Node) { net.Add("p", nn.Positions{Most: 2}, x) },
		"rows of fewer steps":         func(net *nn.Network, x nn.Node) { net.Add("p", nn.Positions{Most: 4, At: []int32{0, 1}}, x) },
		"rows that are not there":     func(net *nn.Network, x nn.Node) { net.Add("p", nn.Positions{Most: 4, At: []int32{0, 1, 4}}, x) },
		"pixels of a sequence":        func(net *nn.Network, x nn.Node) { net.Add("c", nn.PixelSteps{}, x) },
		"a raster of other numbers":   func(net *nn.Network, x nn.Node) { net.Add("r", nn.Raster{C: 4, H: 1, W: 4}, x) },
		"a raster of no pixels":       func(net *nn.Network, x nn.Node) { net.Add("r", nn.Raster{C: 4, H: -1, W: -3}, x) },
		"a window without pixels":     func(net *nn.Network, x nn.Node) { net.Add("m", nn.MaxWindows{H: 1, W: 1, Read: []nn.Window{{-1}}}, x) },
		"a transpose of a vector":     func(net *nn.Network, x nn.Node) { net.Add("t", nn.Transpose{}, net.Add("m", nn.MeanSteps{}, x)) },
		"a step that is not there":    func(net *nn.Network, x nn.Node) { net.Add("p", nn.PickSteps{At: []int32{3}}, x) },
		"no steps":                    func(net *nn.Network, x nn.Node) { net.Add("p", nn.PickSteps{}, x) },
		"a channel that is not there": func(net *nn.Network, x nn.Node) { net.Add("p", nn.Pick{Channels: []int32{4}}, x) },
		"no channels":                 func(net *nn.Network, x nn.Node) { net.Add("p", nn.Pick{}, x) },
		"rotary of uneven heads": func(net *nn.Network, x nn.Node) {
			net.Add("r", nn.Rotary{Pair: make([]int32, 3), Own: make([]float32, 9), Other: make([]float32, 9)}, x)
		},
		"rotary of too few steps": func(net *nn.Network, x nn.Node) {
			net.Add("r", nn.Rotary{Pair: make([]int32, 2), Own: make([]float32, 4), Other: make([]float32, 4)}, x)
		},
		"rotary beyond a head": func(net *nn.Network, x nn.Node) {
			net.Add("r", nn.Rotary{Pair: []int32{0, 2}, Own: make([]float32, 6), Other: make([]float32, 6)}, x)
		},
		"an ε below 0":                func(net *nn.Network, x nn.Node) { net.Add("n", nn.RMSNorm{Eps: -1}, x) },
		"groups of no divisor":        func(net *nn.Network, x nn.Node) { net.Add("n", nn.LayerNorm{Group: 3}, x) },
		"groups below 0":              func(net *nn.Network, x nn.Node) { net.Add("n", nn.RMSNorm{Group: -1}, x) },
		"groups of whole layer norm":  func(net *nn.Network, x nn.Node) { net.Add("n", nn.LayerNorm{Whole: true, Group: 2}, x) },
		"weights of whole layer norm": func(net *nn.Network, x nn.Node) { net.Add("n", nn.LayerNorm{Whole: true, Affine: true}, x) },
	} {
		net := new(nn.Network)
		x := net.AddInput(nn.Input{Name: "x", Shape: nn.Seq(3, 4)})
		if text := panicOf(func() { f(net, x) }); !strings.HasPrefix(text, "nn: ") {
			t.Errorf("%s: panics with %q", what, text)
		}
	}
}

func TestPixelSteps(t *testing.T) { nntest.TestOp(t, nn.PixelSteps{}, nn.Shape{C: 2, H: 2, W: 3}) }

func TestRaster(t *testing.T) {
	nntest.TestOp(t, nn.Raster{C: 3, H: 1, W: 4}, nn.Seq(4, 3))
	nntest.TestOp(t, nn.Raster{C: 1, H: 4, W: 3}, nn.Seq(4, 3))
	nntest.TestOp(t, nn.Raster{C: 1, H: 1, W: 5}, nn.Vec(5))
	nntest.TestOp(t, nn.Raster{C: 2, H: 1, W: 3}, nn.Shape{C: 2, H: 3, W: 1})
}
