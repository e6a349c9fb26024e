package nn_test

import (
	"fmt"
	"math"
	"testing"

	"breakeven/nn"
	"breakeven/nn/nntest"
)

func TestElementwise(t *testing.T) {
	wave := nn.Elementwise{Value: math.Sin, Slope: math.Cos, Curve: func(x float64) float64 { return -math.Sin(x) }}
	for _, in := range []nn.Shape{nn.Vec(9), {C: 3, H: 4, W: 5}, nn.Seq(2, 3)} {
		t.Run(in.String(), func(t *testing.T) { nntest.TestOp(t, wave, in) })
	}
}

func TestScaled(t *testing.T) {
	for _, c := range []struct {
		op nn.Scaled
		in nn.Shape
	}{
		{nn.Scaled{Scale: 0.75, BiasScale: 0.5}, nn.Vec(9)},
		{nn.Scaled{Scale: -1.5, NoBias: true}, nn.Shape{C: 3, H: 4, W: 5}},
		{nn.Scaled{Scale: 0.25, BiasScale: 2}, nn.Shape{C: 3, H: 4, W: 5}},
		{nn.Scaled{Scale: 2, BiasScale: 1}, nn.Seq(2, 3)},
	} {
		t.Run(fmt.Sprintf("%+v on %v", c.op, c.in), func(t *testing.T) { nntest.TestOp(t, c.op, c.in) })
	}
}

func TestWindows(t *testing.T) {
	ring := []nn.Window{{3, 0, 1}, {0, 1, 2}, {1, 2, 3}, {2, 3, 0}}
	edges := []nn.Window{{-1, 0, 1}, {-1, -1, -1}, {5, 4, 5}}
	for name, op := range map[string]nn.Op{
		"sums of a ring":   nn.Windows{H: 1, W: 4, Read: ring},
		"scaled":           nn.Windows{H: 3, W: 1, Read: edges, Scale: []float32{0.5, 1, -2}},
		"unequal":          nn.Windows{H: 1, W: 2, Read: []nn.Window{{}, {0, 3}}},
		"unfolded ring":    nn.Unfold{H: 2, W: 2, Read: ring},
		"unfolded edges":   nn.Unfold{H: 1, W: 3, Read: edges},
		"maxima of a ring": nn.MaxWindows{H: 4, W: 1, Read: ring},
		"unequal maxima":   nn.MaxWindows{H: 1, W: 3, Read: []nn.Window{{-1, 4, 2}, {3}, {5, -1, 1, 0}}},
	} {
		for _, in := range []nn.Shape{{C: 3, H: 2, W: 3}, {C: 2, H: 1, W: 6, T: 2}} {
			t.Run(fmt.Sprintf("%s on %v", name, in), func(t *testing.T) { nntest.TestOp(t, op, in) })
		}
	}
}

func TestLayerNorm(t *testing.T) {
	for _, c := range []struct {
		op nn.LayerNorm
		in nn.Shape
	}{
		{nn.LayerNorm{Eps: 0.1}, nn.Vec(9)},
		{nn.LayerNorm{Eps: 0.05}, nn.Shape{C: 4, H: 2, W: 3}},
		{nn.LayerNorm{Eps: 0.1, Whole: true}, nn.Shape{C: 3, H: 2, W: 3}},
		{nn.LayerNorm{Eps: 0.2}, nn.Seq(2, 4)},
	} {
		t.Run(fmt.Sprintf("%+v on %v", c.op, c.in), func(t *testing.T) { nntest.TestOp(t, c.op, c.in) })
	}
}
