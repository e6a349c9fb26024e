package nn_test

import (
	"fmt"
	"slices"
	"testing"

	"breakeven/nn"
	"breakeven/nn/nntest"
)

func TestConv2D(t *testing.T) {
	image := nn.Shape{C: 3, H: 6, W: 6}
	for _, c := range []struct {
		conv nn.Conv2D
		in   nn.Shape
	}{
		{nn.Conv2D{Filters: 4, K: 3, Pad: 1}, image},
		{nn.Conv2D{Filters: 4, K: 3, Pad: 1, NoBias: true}, image},
		{nn.Conv2D{Filters: 4, K: 3}, nn.Shape{C: 3, H: 7, W: 5}},
		{nn.Conv2D{Filters: 5, K: 1}, nn.Shape{C: 3, H: 4, W: 5}},
		{nn.Conv2D{Filters: 5, K: 1, Stride: 2, NoBias: true}, nn.Shape{C: 3, H: 5, W: 5}}, // projection shortcut
		{nn.Conv2D{Filters: 2, K: 1, Pad: 1}, nn.Shape{C: 2, H: 3, W: 3}},
		{nn.Conv2D{Filters: 3, K: 5, Pad: 2}, nn.Shape{C: 2, H: 5, W: 7}},
		{nn.Conv2D{Filters: 3, K: 5, Stride: 2, Pad: 2}, nn.Shape{C: 1, H: 7, W: 6}},
		{nn.Conv2D{Filters: 3, K: 3, Stride: 2, Pad: 1}, nn.Shape{C: 2, H: 7, W: 6}},
		{nn.Conv2D{Filters: 3, K: 3, Stride: 3, Pad: 2}, nn.Shape{C: 2, H: 7, W: 8}},
		{nn.Conv2D{Filters: 3, K: 3, Stride: 3}, nn.Shape{C: 2, H: 8, W: 7}}, // last row and column unused
		{nn.Conv2D{Filters: 1, K: 3, Pad: 1}, nn.Shape{C: 1, H: 3, W: 3}},
		{nn.Conv2D{Filters: 16, K: 3, Pad: 1}, nn.Shape{C: 16, H: 3, W: 4}},
		{nn.Conv2D{Filters: 33, K: 3, Pad: 1, NoBias: true}, nn.Shape{C: 4, H: 3, W: 3}},
		{nn.Conv2D{Filters: 4, K: 3, Pad: 1}, nn.Shape{C: 33, H: 3, W: 3}},
		{nn.Conv2D{Filters: 4, K: 3, Pad: 1}, nn.Vec(3)},
	} {
		t.Run(fmt.Sprintf("%+v on %v", c.conv, c.in), func(t *testing.T) { nntest.TestOp(t, c.conv, c.in) })
	}
}

// Convolutions whose weights are larger than their images go over the whole batch.
func TestWideConv2D(t *testing.T) {
	nn.LargeFrom(t, 100)
	for _, c := range []struct {
		conv nn.Conv2D
		in   nn.Shape
	}{
		{nn.Conv2D{Filters: 9, K: 3, Pad: 1}, nn.Vec(7)},
		{nn.Conv2D{Filters: 18, K: 3, Pad: 1, NoBias: true}, nn.Shape{C: 19, H: 2, W: 2}},
		{nn.Conv2D{Filters: 17, K: 3, Stride: 2, Pad: 1}, nn.Shape{C: 9, H: 3, W: 2}},
		{nn.Conv2D{Filters: 19, K: 1, Stride: 2}, nn.Shape{C: 35, H: 1, W: 2}},
		{nn.Conv2D{Filters: 9, K: 3, Pad: 1}, nn.Shape{T: 2, C: 7, H: 1, W: 1}},
	} {
		t.Run(fmt.Sprintf("%+v on %v", c.conv, c.in), func(t *testing.T) { nntest.TestOp(t, c.conv, c.in) })
	}
}

func TestDepthwise2D(t *testing.T) {
	for _, c := range []struct {
		conv nn.Depthwise2D
		in   nn.Shape
	}{
		{nn.Depthwise2D{K: 3, Pad: 1}, nn.Shape{C: 3, H: 3, W: 4}},
		{nn.Depthwise2D{K: 3, Stride: 2, Pad: 1, NoBias: true}, nn.Shape{C: 5, H: 5, W: 4}},
		{nn.Depthwise2D{K: 5, Stride: 2, Pad: 2, NoBias: true}, nn.Shape{C: 2, H: 6, W: 4}},
		{nn.Depthwise2D{K: 2}, nn.Shape{C: 17, H: 3, W: 3}},
		{nn.Depthwise2D{K: 2}, nn.Shape{T: 2, C: 3, H: 3, W: 2}},
		{nn.Depthwise2D{K: 4, Row: true}, nn.Shape{C: 5, H: 1, W: 9}},
		{nn.Depthwise2D{K: 3, Row: true, Stride: 2, NoBias: true}, nn.Shape{C: 3, H: 2, W: 6}},
	} {
		t.Run(fmt.Sprintf("%+v on %v", c.conv, c.in), func(t *testing.T) { nntest.TestOp(t, c.conv, c.in) })
	}
}

func TestLinear(t *testing.T) {
	for _, c := range []struct {
		linear nn.Linear
		in     int
	}{
		{nn.Linear{Units: 5}, 7},
		{nn.Linear{Units: 5, NoBias: true}, 7},
		{nn.Linear{Units: 1}, 1},
		{nn.Linear{Units: 16}, 33},
		{nn.Linear{Units: 33}, 16},
		{nn.Linear{Units: 65}, 3},
		{nn.Linear{Units: 3}, 65},
	} {
		t.Run(fmt.Sprintf("%+v on %d", c.linear, c.in), func(t *testing.T) { nntest.TestOp(t, c.linear, nn.Vec(c.in)) })
	}
	for _, in := range []nn.Shape{{C: 5, H: 3, W: 2}, {C: 17, H: 1, W: 2}, nn.Vec(4), nn.Seq(2, 3)} {
		t.Run(fmt.Sprintf("pixels of %v", in), func(t *testing.T) { nntest.TestOp(t, nn.Linear{Units: 4, Pixels: true}, in) })
	}
}

func TestActivations(t *testing.T) {
	for _, op := range []nn.Op{nn.ReLU{}, nn.Clip{Low: -0.5, High: 0.5}, nn.ELU{}, nn.Tanh{}, nn.Sigmoid{}, nn.Erf{}, nn.GELU{}, nn.SiLU{}, nn.Flatten{}} {
		for _, in := range []nn.Shape{nn.Vec(9), {C: 3, H: 4, W: 5}} {
			t.Run(fmt.Sprintf("%T on %v", op, in), func(t *testing.T) { nntest.TestOp(t, op, in) })
		}
	}
}

func TestPooling(t *testing.T) {
	for _, c := range []struct {
		op nn.Op
		in nn.Shape
	}{
		{nn.MaxPool{K: 2}, nn.Shape{C: 3, H: 6, W: 4}},
		{nn.MaxPool{K: 2}, nn.Shape{C: 33, H: 3, W: 5}}, // last row and column unused
		{nn.MaxPool{K: 2, Stride: 1}, nn.Shape{C: 2, H: 4, W: 3}},
		{nn.MaxPool{K: 3, Stride: 2}, nn.Shape{C: 3, H: 7, W: 6}},
		{nn.MaxPool{K: 3}, nn.Shape{C: 2, H: 6, W: 6}},
		{nn.MaxPool{K: 2, Stride: 3}, nn.Shape{C: 2, H: 5, W: 6}},
		{nn.MaxPool{K: 3, Stride: 2, Pad: 1}, nn.Shape{C: 3, H: 6, W: 5}},
		{nn.MaxPool{K: 2, Pad: 1}, nn.Shape{C: 2, H: 4, W: 3}},
		{nn.MaxPool{K: 2, Ceil: true}, nn.Shape{C: 3, H: 5, W: 4}},
		{nn.MaxPool{K: 3, Stride: 2, Ceil: true}, nn.Shape{C: 2, H: 6, W: 4}},
		{nn.MaxPool{K: 3, Stride: 2, Pad: 1, Ceil: true}, nn.Shape{C: 2, H: 4, W: 5}},
		{nn.AvgPool{K: 3, Stride: 2, Ceil: true}, nn.Shape{C: 2, H: 6, W: 4}},
		{nn.AvgPool{K: 3, Stride: 2, Pad: 1, Ceil: true}, nn.Shape{C: 2, H: 4, W: 6}},
		{nn.AvgPool{K: 3, Stride: 2, Pad: 1, Ceil: true, Inside: true}, nn.Shape{C: 2, H: 6, W: 4}},
		{nn.MaxPool{K: 3, Pad: 1}, nn.Shape{C: 3, H: 1, W: 1}}, // a window of one pixel
		{nn.AvgPool{K: 2}, nn.Shape{C: 3, H: 6, W: 5}},
		{nn.AvgPool{K: 3, Stride: 2}, nn.Shape{C: 3, H: 7, W: 6}},
		{nn.AvgPool{K: 3, Stride: 1}, nn.Shape{C: 2, H: 4, W: 4}},
		{nn.AvgPool{K: 3, Stride: 2, Pad: 1}, nn.Shape{C: 3, H: 6, W: 5}},
		{nn.AvgPool{K: 3, Stride: 1, Pad: 1, Inside: true}, nn.Shape{C: 2, H: 4, W: 3}},
		{nn.AvgPool{}, nn.Shape{C: 5, H: 4, W: 3}},
		{nn.AvgPool{}, nn.Vec(5)},
	} {
		t.Run(fmt.Sprintf("%T%+v on %v", c.op, c.op, c.in), func(t *testing.T) { nntest.TestOp(t, c.op, c.in) })
	}
}

func TestChannelResponse(t *testing.T) {
	for _, in := range []nn.Shape{{C: 4, H: 3, W: 2}, {C: 1, H: 2, W: 2}, {C: 5, H: 1, W: 4}} {
		t.Run(in.String(), func(t *testing.T) { nntest.TestOp(t, nn.ChannelResponse{Eps: 0.1}, in) })
	}
}

func TestGroupNorm(t *testing.T) {
	for _, c := range []struct {
		op nn.GroupNorm
		in nn.Shape
	}{
		{nn.GroupNorm{Groups: 2}, nn.Shape{C: 4, H: 3, W: 2}},
		{nn.GroupNorm{Groups: 2, Eps: 0.01}, nn.Shape{C: 4, H: 2, W: 3}},
		{nn.GroupNorm{Groups: 1}, nn.Shape{C: 3, H: 3, W: 2}},
		{nn.GroupNorm{Groups: 3}, nn.Shape{C: 6, H: 3, W: 3}},
	} {
		t.Run(fmt.Sprintf("%+v on %v", c.op, c.in), func(t *testing.T) { nntest.TestOp(t, c.op, c.in) })
	}
}

func TestBatchNorm(t *testing.T) {
	for _, in := range []nn.Shape{{C: 3, H: 4, W: 4}, {C: 17, H: 3, W: 2}} {
		t.Run(in.String(), func(t *testing.T) { nntest.TestOp(t, nn.BatchNorm{}, in) })
	}
}

// Batch norm of several inputs is that of their concatenation.
func TestJoinedBatchNorm(t *testing.T) {
	image := func(channels int) nn.Shape { return nn.Shape{C: channels, H: 2, W: 3} }
	t.Run("two", func(t *testing.T) { nntest.TestOp(t, nn.BatchNorm{}, image(3), image(2)) })
	t.Run("three", func(t *testing.T) { nntest.TestOp(t, nn.BatchNorm{}, image(5), image(1), image(3)) })
}

func TestResidual(t *testing.T) {
	for _, in := range []nn.Shape{nn.Vec(6), {C: 3, H: 4, W: 5}} {
		t.Run(in.String(), func(t *testing.T) { nntest.TestOp(t, nn.Residual{}, in, in) })
	}
}

func TestMultiply(t *testing.T) {
	in := nn.Shape{C: 3, H: 2, W: 2}
	nntest.TestOp(t, nn.Multiply{}, in, in)
}

func TestSubsample(t *testing.T) {
	for _, c := range []struct {
		op nn.Subsample
		in nn.Shape
	}{
		{nn.Subsample{Stride: 2, Channels: 6}, nn.Shape{C: 3, H: 6, W: 6}},
		{nn.Subsample{Stride: 2, Channels: 3}, nn.Shape{C: 3, H: 5, W: 7}},
		{nn.Subsample{Stride: 1, Channels: 5}, nn.Shape{C: 2, H: 3, W: 3}},
		{nn.Subsample{Stride: 3, Channels: 4}, nn.Shape{C: 4, H: 7, W: 5}},
	} {
		t.Run(fmt.Sprintf("%+v on %v", c.op, c.in), func(t *testing.T) { nntest.TestOp(t, c.op, c.in) })
	}
}

// Operations on images and vectors treat each step of a sequence by itself.
func TestSequences(t *testing.T) {
	for _, c := range []struct {
		op nn.Op
		in nn.Shape
	}{
		{nn.Linear{Units: 5}, nn.Seq(3, 7)},
		{nn.Linear{Units: 33, NoBias: true}, nn.Seq(2, 4)},
		{nn.Erf{}, nn.Seq(2, 3)},
		{nn.Flatten{}, nn.Shape{C: 2, H: 3, W: 2, T: 2}},
		{nn.Conv2D{Filters: 3, K: 3, Pad: 1}, nn.Shape{C: 2, H: 3, W: 3, T: 2}},
		{nn.MaxPool{K: 2}, nn.Shape{C: 2, H: 3, W: 4, T: 2}},
		{nn.MaxPool{K: 3, Stride: 1}, nn.Shape{C: 2, H: 3, W: 4, T: 2}},
		{nn.AvgPool{K: 2}, nn.Shape{C: 2, H: 2, W: 5, T: 2}},
		{nn.Subsample{Stride: 2, Channels: 4}, nn.Shape{C: 3, H: 3, W: 2, T: 2}},
		{nn.Step{At: -1}, nn.Seq(4, 3)},
		{nn.Step{At: 1}, nn.Seq(3, 2)},
		{nn.Step{At: -2}, nn.Shape{C: 2, H: 2, W: 2, T: 3}},
		{nn.MeanSteps{}, nn.Seq(4, 3)},
		{nn.SumSteps{}, nn.Seq(4, 3)},
		{nn.MaxSteps{}, nn.Seq(4, 3)},
		{nn.SliceSteps{From: 1, To: 3}, nn.Seq(4, 3)},
		{nn.PickSteps{At: []int32{2, 0, 2, 3, 1}}, nn.Seq(4, 3)},
		{nn.PickSteps{At: []int32{1}}, nn.Shape{C: 2, H: 2, W: 1, T: 2}},
		{nn.Transpose{}, nn.Seq(4, 3)},
		{nn.Transpose{}, nn.Seq(3, 1)},
		{nn.Slice{From: 1, To: 3}, nn.Seq(2, 4)},
	} {
		t.Run(fmt.Sprintf("%T%+v on %v", c.op, c.op, c.in), func(t *testing.T) { nntest.TestOp(t, c.op, c.in) })
	}
	t.Run("residual", func(t *testing.T) { nntest.TestOp(t, nn.Residual{}, nn.Seq(3, 5), nn.Seq(3, 5)) })
}

// A mask says which steps of an example count.
func TestMaskedSteps(t *testing.T) {
	for _, op := range []nn.Op{nn.MeanSteps{}, nn.SumSteps{}, nn.MaxSteps{}} {
		t.Run(fmt.Sprintf("%T", op), func(t *testing.T) { nntest.TestOp(t, op, nn.Seq(4, 3), nn.Seq(4, 1)) })
	}
}

func TestDropout(t *testing.T) {
	for _, c := range []struct {
		op nn.Dropout
		in nn.Shape
	}{
		{nn.Dropout{Rate: 0.5}, nn.Vec(11)},
		{nn.Dropout{Rate: 0.3}, nn.Shape{C: 3, H: 2, W: 3}},
		{nn.Dropout{Rate: 0.2}, nn.Seq(3, 5)},
		{nn.Dropout{}, nn.Vec(3)},
	} {
		t.Run(fmt.Sprintf("%v of %v", c.op.Rate, c.in), func(t *testing.T) { nntest.TestOp(t, c.op, c.in) })
	}
}

func TestJoins(t *testing.T) {
	t.Run("vectors", func(t *testing.T) { nntest.TestOp(t, nn.Concat{}, nn.Vec(3), nn.Vec(4), nn.Vec(1)) })
	t.Run("images", func(t *testing.T) {
		nntest.TestOp(t, nn.Concat{}, nn.Shape{C: 2, H: 3, W: 2}, nn.Shape{C: 1, H: 3, W: 2})
	})
	t.Run("sequences", func(t *testing.T) { nntest.TestOp(t, nn.Concat{}, nn.Seq(3, 2), nn.Seq(3, 3)) })
	t.Run("slice", func(t *testing.T) { nntest.TestOp(t, nn.Slice{From: 2, To: 5}, nn.Vec(7)) })
	t.Run("slice of an image", func(t *testing.T) { nntest.TestOp(t, nn.Slice{To: 1}, nn.Shape{C: 2, H: 2, W: 3}) })
}

func TestEmbedding(t *testing.T) {
	for _, c := range []struct {
		op nn.Embedding
		in nn.Shape
	}{
		{nn.Embedding{Vocabulary: 7, Width: 3}, nn.Seq(4, 1)},
		{nn.Embedding{Vocabulary: 2, Width: 3}, nn.Seq(4, 1)}, // its gradient is smaller than its output
		{nn.Embedding{Vocabulary: 5, Width: 4, HasPadding: true}, nn.Seq(3, 1)},
		{nn.Embedding{Vocabulary: 40, Width: 2}, nn.Vec(1)},
		{nn.Embedding{Vocabulary: 8, Width: 3, Counted: true, Padding: 2}, nn.Seq(5, 1)},
		{nn.Embedding{Vocabulary: 4, Width: 2, Counted: true, HasPadding: true}, nn.Seq(3, 1)},
		{nn.Embedding{Vocabulary: 3, Width: 700, HasPadding: true, Padding: 2}, nn.Seq(2, 1)}, // several blocks
	} {
		t.Run(fmt.Sprintf("%+v on %v", c.op, c.in), func(t *testing.T) { nntest.TestOp(t, c.op, c.in) })
	}
}

func TestTokenMask(t *testing.T) { nntest.TestOp(t, nn.TokenMask{Padding: 2}, nn.Seq(5, 1)) }

func TestLSTM(t *testing.T) {
	for _, c := range []struct {
		op nn.LSTM
		in nn.Shape
	}{
		{nn.LSTM{Hidden: 3}, nn.Seq(4, 2)},
		{nn.LSTM{Hidden: 2, Layers: 2}, nn.Seq(3, 3)},
		{nn.LSTM{Hidden: 3, Layers: 2, OneBias: true}, nn.Seq(3, 2)},
		{nn.LSTM{Hidden: 17}, nn.Seq(2, 5)},
		{nn.LSTM{Hidden: 2, Layers: 2, NoBias: true}, nn.Seq(3, 2)},
		{nn.LSTM{Hidden: 1}, nn.Seq(1, 1)},
		{nn.LSTM{Hidden: 2, Bidirectional: true}, nn.Seq(3, 2)},
		{nn.LSTM{Hidden: 1, Layers: 2, Bidirectional: true}, nn.Seq(3, 2)},
		{nn.LSTM{Hidden: 2, Bidirectional: true, OneBias: true}, nn.Seq(1, 2)},
	} {
		t.Run(fmt.Sprintf("%+v on %v", c.op, c.in), func(t *testing.T) { nntest.TestOp(t, c.op, c.in) })
	}
}

func TestGRU(t *testing.T) {
	for _, c := range []struct {
		op nn.GRU
		in nn.Shape
	}{
		{nn.GRU{Hidden: 3}, nn.Seq(4, 2)},
		{nn.GRU{Hidden: 1, Layers: 2, NoBias: true, Bidirectional: true}, nn.Seq(3, 2)},
		{nn.GRU{Hidden: 3, ResetFirst: true}, nn.Seq(4, 2)},
		{nn.GRU{Hidden: 2, Layers: 2, Bidirectional: true, ResetFirst: true}, nn.Seq(3, 2)},
		{nn.GRU{Hidden: 17, NoBias: true, ResetFirst: true}, nn.Seq(2, 3)},
		{nn.GRU{Hidden: 1, ResetFirst: true}, nn.Seq(1, 1)},
	} {
		t.Run(fmt.Sprintf("%+v on %v", c.op, c.in), func(t *testing.T) { nntest.TestOp(t, c.op, c.in) })
	}
}

// Networks say which of their operations are not smooth.
func TestKinks(t *testing.T) {
	net, x := nn.NewNetwork(nn.Shape{C: 1, H: 4, W: 4})
	x = net.Add("relu", nn.ReLU{}, net.Add("conv", nn.Conv2D{Filters: 2, K: 3, Pad: 1}, x))
	x = net.Add("tanh", nn.Tanh{}, net.Add("elu", nn.ELU{}, net.Add("pool", nn.MaxPool{K: 2}, x)))
	net.Add("fc", nn.Linear{Units: 1}, net.Add("flatten", nn.Flatten{}, net.Add("mean", nn.AvgPool{K: 2}, x)))
	if got := net.Kinks(); !slices.Equal(got, []string{"relu", "pool", "elu"}) {
		t.Errorf("%q", got)
	}
}
