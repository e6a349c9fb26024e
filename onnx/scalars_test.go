package onnx

import (
	"slices"
	"strings"
	"testing"

	"breakeven/nn"
)

// A network whose output is one number for each example, without an axis for it, is the one that has the axis.
func TestOneNumberForEachExample(t *testing.T) {
	outputs := func(last ...message) []float32 {
		t.Helper()
		nodes := append([]message{op("Flatten", "x", "f"), op("Gemm", "f w", "z", setInt("transB", 1))}, last...)
		f, err := parse(modelOf(nodes, ones("w", 1, 48), integersOf("one", 1), integersOf("all", -1)))
		if err != nil {
			t.Fatal(err)
		}
		n, err := f.Network(imageInput)
		if err != nil {
			t.Fatal(err)
		}
		theta, err := n.Weights()
		if err != nil {
			t.Fatal(err)
		}
		p, x := n.Compile(nn.Settings{Batch: 7, Evaluate: true}), make([]float32, 7*48)
		for i := range x {
			x[i] = float32(i%13) / 48
		}
		p.SetParams(theta)
		p.Forward(nn.Batch{N: 7, In: []nn.Values{{F: x}}})
		return p.Outputs()
	}
	want := outputs(op("Tanh", "z", "y"))
	if len(want) != 7 || want[0] == want[1] {
		t.Fatal(want)
	}
	for name, nodes := range map[string][]message{
		"at the end":    {op("Tanh", "z", "t"), op("Squeeze", "t one", "y")},
		"before":        {op("Squeeze", "z one", "s"), op("Tanh", "s", "y")},
		"by a reshape":  {op("Tanh", "z", "t"), op("Reshape", "t all", "y")},
		"and back anew": {op("Squeeze", "z one", "s"), op("Unsqueeze", "s one", "u"), op("Tanh", "u", "y")},
	} {
		if got := outputs(nodes...); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	for name, last := range map[string]message{"one of several": op("Gather", "z zero", "y", setInt("axis", 1)), "all of all": op("Reshape", "z all", "y")} {
		nodes := []message{op("Flatten", "x", "f"), op("Gemm", "f w", "z", setInt("transB", 1)), last}
		if err := readBytes(modelOf(nodes, ones("w", 3, 48), scalar("zero", 0), integersOf("all", -1))); err == nil || strings.Contains(err.Error(), "panic") {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}
