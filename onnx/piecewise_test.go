package onnx

import (
	"strings"
	"testing"

	"breakeven/nn"
)

// Functions of different activations are not compared, and a node lacks no input unnoticed.
func TestBadPieces(t *testing.T) {
	gemm := func(out string) message { return op("Gemm", "flat w", out, setInt("transB", 1)) }
	for _, c := range []struct {
		nodes []message
		want  string
	}{
		{[]message{op("Flatten", "x", "flat"), gemm("a"), gemm("b"), op("Max", "a b", "y")}, "between different activations"},
		{[]message{op("Flatten", "x", "flat"), op("Greater", "flat", "y")}, "it has no input 1"},
		{[]message{op("Flatten", "x", "flat"), op("Max", "flat w", "y")}, "no constant of one number"},
	} {
		if err := readBytes(modelOf(c.nodes, weights("w", 3, 48))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("the error is %v, want one with %q", err, c.want)
		}
	}
	f, err := parse(maskedModel(op("Max", "tokens one", "i"), op("Gather", "table i", "a"), op("Gather", "a nought", "f", setInt("axis", 1)), op("MatMul", "f w", "y")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Network(nn.Input{Shape: nn.Seq(5, 1), Below: 9}); err == nil || !strings.Contains(err.Error(), "it compares integers of an input") {
		t.Errorf("the larger of two tokens: %v", err)
	}
}
