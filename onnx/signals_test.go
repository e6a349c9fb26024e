package onnx

import (
	"strings"
	"testing"

	"breakeven/nn"
)

// signalNodes end in a dense layer of the mean over the length of "h".
func signalNodes(nodes ...message) []message {
	return append(nodes, op("GlobalAveragePool", "h", "mean"), op("Flatten", "mean", "flat"), op("Gemm", "flat fc", "y", setInt("transB", 1)))
}

// The first operation that tells channels from steps says whether an input of three dimensions is a signal.
func TestSignals(t *testing.T) {
	conv, turn := op("Conv", "t conv", "h"), op("Transpose", "x", "t", ints("perm", 0, 2, 1))
	for _, c := range []struct {
		name   string
		nodes  []message
		signal bool
		in     nn.Shape
	}{
		{"convolution", []message{op("Identity", "x", "t"), conv}, true, nn.Shape{C: 8, H: 1, W: 8}},
		{"batch norm", []message{op("BatchNormalization", "x s s s s", "t"), conv}, true, nn.Shape{C: 8, H: 1, W: 8}},
		{"padding", []message{op("Pad", "x pads", "t"), conv}, true, nn.Shape{C: 8, H: 1, W: 8}},
		{"functions before", []message{op("Tanh", "x", "u"), op("Mul", "u number", "t"), conv}, true, nn.Shape{C: 8, H: 1, W: 8}},
		{"a number first", []message{op("Mul", "number x", "t"), conv}, true, nn.Shape{C: 8, H: 1, W: 8}},
		{"steps before channels", []message{turn, conv}, false, nn.Seq(8, 8)},
		{"dense", []message{op("MatMul", "x w", "u"), op("Transpose", "u", "t", ints("perm", 0, 2, 1)), conv}, false, nn.Seq(8, 8)},
		{"dense of channels", []message{turn, op("MatMul", "t w", "u"), op("Transpose", "u", "h", ints("perm", 0, 2, 1))}, true, nn.Shape{C: 8, H: 1, W: 8}},
		{"unknown", []message{op("Unsqueeze", "x one", "u"), op("Conv", "u rows", "h")}, false, nn.Seq(8, 8)},
	} {
		f, err := parse(modelWith(portOf("x", 7, 8, 8), signalNodes(c.nodes...), weights("conv", 8, 8, 3), weights("fc", 2, 8), ones("s", 8), weights("w", 8, 8),
			float32sOf("number", []float32{2}, 1), integersOf("pads", 0, 0, 1, 0, 0, 0), integersOf("one", 1), weights("rows", 8, 1, 3, 8)))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if r := f.Readings()[0]; r.Signal != c.signal || r.Sequence == c.signal {
			t.Errorf("%s: it is read as %+v", c.name, r)
		}
		in, err := f.Inputs()
		if err != nil || in[0].Shape != c.in {
			t.Errorf("%s: the inputs are %+v (%v), want %v", c.name, in, err, c.in)
		}
		if _, err := f.Network(nn.Input{Shape: c.in}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// What is wrong with an operation on signals is said in one error, with its node.
func TestBadSignals(t *testing.T) {
	conv, narrow, end := op("Conv", "x conv", "h"), op("Conv", "x narrow", "u"), op("Flatten", "t", "y")
	for _, c := range []struct {
		name  string
		nodes []message
		want  string
	}{
		{"good", signalNodes(conv), ""},
		{"weights of images", signalNodes(op("Conv", "x rows", "h")), `Conv at node "the conv": its weight "rows" has the shape [3 3 3 3], and [* 3 *] is wanted`},
		{"other channels", signalNodes(op("Conv", "x deep", "h")), `its weight "deep" has the shape [3 5 3], and [* 3 *] is wanted`},
		{"long window", signalNodes(op("Conv", "x long", "h")), "its window of 9 pixels does not fit 3×1×8"},
		{"window of two dimensions", []message{conv, op("MaxPool", "h", "t", ints("kernel_shape", 2, 2)), end}, "and its input the shape [batch 3 6]"},
		{"output", []message{op("Conv", "x conv", "y")}, ""},
		{"padded channels", signalNodes(op("Pad", "x channels", "t"), op("Conv", "t conv", "h")), "it pads the batch or the channels of [batch 3 8]"},
		{"padded with ones", signalNodes(op("Pad", "x end number", "t"), op("Conv", "t conv", "h")), "it pads with 2: zeros are supported"},
		{"pads of two axes", signalNodes(op("Pad", "x two", "t"), op("Conv", "t conv", "h")), "its pads are [0 0 0 0] for 3 axes"},
		{"nothing left", signalNodes(op("Pad", "x less", "t"), op("Conv", "t conv", "h")), "it leaves nothing of 3×1×8"},
		{"unknown padding", signalNodes(op("Pad", "x end", "t", message(nil).text(1, "mode").text(4, "around")), op("Conv", "t conv", "h")), `its mode "around" is not known`},
		{"joined with others", []message{conv, narrow, op("Concat", "h u", "t", setInt("axis", 2)), end}, "the shapes [batch 3 6] and [batch 2 6] cannot be joined"},
		{"sum of others", []message{conv, narrow, op("Add", "h u", "t"), end}, "the sum of the shapes [batch 3 6] and [batch 2 6]"},
	} {
		f, err := parse(modelWith(portOf("x", 7, 3, 8), c.nodes, weights("conv", 3, 3, 3), weights("rows", 3, 3, 3, 3), weights("deep", 3, 5, 3), weights("long", 3, 3, 9), weights("narrow", 2, 3, 3), weights("fc", 2, 3),
			float32sOf("number", []float32{2}, 1), integersOf("channels", 0, 1, 0, 0, 0, 0), integersOf("end", 0, 0, 0, 0, 0, 1), integersOf("two", 0, 0, 0, 0), integersOf("less", 0, 0, -4, 0, 0, -4)))
		if err == nil {
			_, err = f.Network(nn.Input{Shape: nn.Shape{C: 3, H: 1, W: 8}})
		}
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.want)
		}
	}
}
