package onnx

import (
	"strings"
	"testing"
)

// A dense layer may mix the steps of a sequence or the pixels of an image, all of them.
func TestBadMixing(t *testing.T) {
	flat := op("Reshape", "x flat", "r")
	mean := op("ReduceMean", "z", "y", ints("axes", 1), setInt("keepdims", 0))
	for name, c := range map[string]struct {
		nodes []message
		want  string
	}{
		"pixels":      {[]message{flat, op("MatMul", "r w", "z"), mean}, ""},
		"steps":       {[]message{flat, op("Transpose", "r", "s", ints("perm", 0, 2, 1)), op("Relu", "s", "a"), op("Transpose", "a", "b", ints("perm", 0, 2, 1)), op("MatMul", "b w", "z"), mean}, ""},
		"a sum":       {[]message{flat, op("MatMul", "r square", "a"), op("Transpose", "a", "b", ints("perm", 0, 2, 1)), op("Transpose", "r", "s", ints("perm", 0, 2, 1)), op("Add", "b s", "z"), mean}, ""},
		"other steps": {[]message{flat, op("MatMul", "r v", "z"), mean}, "has the shape [15 5], and [16 *] is wanted"},
		"one row":     {[]message{op("MatMul", "x four", "z"), mean}, "dense layers are supported on vectors and on sequences of them"},
		"other sum":   {[]message{flat, op("MatMul", "r w", "a"), op("Add", "a r", "z"), mean}, "the sum of the shapes [batch 3 5] and [batch 3 16]"},
	} {
		tensors := []message{integersOf("flat", 0, 3, -1), weights("w", 16, 5), weights("v", 15, 5), weights("four", 4, 5), weights("square", 16, 16)}
		switch err := readBytes(modelOf(c.nodes, tensors...)); {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: the error is %v, want one with %q", name, err, c.want)
		}
	}
}
