package onnx

import (
	"strings"
	"testing"
)

func texts(name string, list ...string) message {
	m := message(nil).text(1, name)
	for _, s := range list {
		m = m.text(9, s)
	}
	return m
}

func setText(name, s string) message { return message(nil).text(1, name).text(4, s) }

// ones are weights of which none is zero.
func ones(name string, dims ...int64) message {
	m := weights(name, dims...)
	n := int64(1)
	for _, d := range dims {
		n *= d
	}
	return m.bytes(9, []byte(strings.Repeat("\x00\x00\x80\x3f", int(n))))
}

// What is wrong with a recurrent layer is said in one error.
func TestBadRecurrence(t *testing.T) {
	lstm := func(in string, attributes ...message) []message {
		return []message{op("Transpose", "s", "t", ints("perm", 1, 0, 2)), op("LSTM", in, "h", attributes...),
			op("Squeeze", "h one", "hs"), op("Gather", "hs last", "g"), op("MatMul", "g v", "y")}
	}
	for _, c := range []struct {
		name  string
		nodes []message
		want  string
	}{
		{"none", lstm("t wx wh b"), ""},
		{"no bias", lstm("t wx wh"), ""},
		{"examples first", lstm("s wx wh b"), "with the steps on axis 0 and the examples on axis 1"},
		{"layout", lstm("t wx wh b", setInt("layout", 1)), "with the steps on axis 1 and the examples on axis 0"},
		{"backwards", lstm("t wx wh b", setText("direction", "reverse")), `the direction "reverse" is not supported`},
		{"both, with weights of one", lstm("t wx wh b", setText("direction", "bidirectional")), "[2 * *] is wanted"},
		{"inputs", lstm("t wh wh b"), `its weight "wh" has the shape [1 8 2], and [1 8 3] is wanted`},
		{"hidden", lstm("t wx wh b", setInt("hidden_size", 3)), "hidden_size 3"},
		{"gates", lstm("t wx wx b"), "for 4 gates"},
		{"bias", lstm("t wx wh short"), "[1 16] is wanted"},
		{"functions", lstm("t wx wh b", texts("activations", "Sigmoid", "Relu", "Tanh")), "activations are [Sigmoid Relu Tanh]"},
		{"same functions", lstm("t wx wh b", texts("activations", "Sigmoid", "Tanh", "Tanh")), ""},
		{"clip", lstm("t wx wh b", message(nil).text(1, "clip")), "clipped gates"},
		{"lengths", lstm("t wx wh b one"), "lengths of sequences"},
		{"state", lstm("t wx wh b - h0"), `its initial state "h0" is not zero`},
		{"gates of a GRU", []message{op("Transpose", "s", "t", ints("perm", 1, 0, 2)), op("GRU", "t wx wh", "y")}, "for 3 gates"},
		{"computed weight", lstm("t t wh b"), `its input "t" is computed`},
	} {
		tensors := append([]message{weights("wx", 1, 8, 3), weights("wh", 1, 8, 2), weights("b", 1, 16), weights("short", 1, 8), ones("h0", 1, 1, 2), weights("v", 2, 3), integersOf("one", 1), scalar("last", -1)}, stepTensors[:2]...)
		switch err := readBytes(modelOf(steps(c.nodes...), tensors...)); {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.want)
		}
	}
}
