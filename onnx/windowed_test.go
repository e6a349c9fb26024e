package onnx

import (
	"slices"
	"strings"
	"testing"
)

// lastChannels makes an image with channels last, "i".
var lastChannels = op("Transpose", "x", "i", ints("perm", 0, 2, 3, 1))

// cutWindows are nodes that make windows of it.
func cutWindows(to string) []message {
	return []message{lastChannels, op("Reshape", "i cut", to+"1"), op("Transpose", to+"1", to+"2", ints("perm", 0, 1, 3, 2, 4, 5)), op("Reshape", to+"2 joined", to)}
}

// inWindows is a network with attention in windows, whose nodes mid make "s" of the scores "z".
func inWindows(mid ...message) []message {
	nodes := append(cutWindows("q"), op("Transpose", "q", "k", ints("perm", 0, 2, 1)), op("MatMul", "q k", "z"))
	nodes = append(nodes, mid...)
	return append(nodes, op("Softmax", "s", "p"), op("MatMul", "p q", "a"), op("Reshape", "a cut", "b"), op("Transpose", "b", "c", ints("perm", 0, 1, 3, 2, 4, 5)),
		op("Reshape", "c image", "d"), op("Add", "d i", "e"), op("ReduceMean", "e", "m", ints("axes", 1, 2), setInt("keepdims", 0)), op("Gemm", "m w", "y"))
}

// windowTensors are the constants of such networks.
var windowTensors = []message{weights("w", 3, 5), weights("wide", 12, 5), ones("table", 7), weights("masks", 4, 4, 4), weights("mask", 1, 4, 4), weights("half", 2, 4, 4), weights("row", 1, 3),
	integersOf("places", 0, 1, 2, 3, 1, 0, 1, 2, 2, 1, 0, 1, 6, 5, 4, 0), integersOf("square", 4, 4), integersOf("upright", 7, 1), integersOf("cut", -1, 2, 2, 2, 2, 3), integersOf("joined", -1, 4, 3), integersOf("image", 0, 4, 4, 3), integersOf("across", -1, 2, 8),
	integersOf("rows", -1, 8, 3), integersOf("few", 0, 1, 2, 3, 4), integersOf("one", 1), integersOf("four", 4), integersOf("nought", 0), integersOf("axis", 1), integersOf("two2", 2), integersOf("back", -1),
	integersOf("pads", 0, 0, 0, 0, 0, 1, 0, 0), integersOf("patches", 0, 3, 2, 2, 2, 2), integersOf("flat", 0, 4, 12), float32sOf("two", []float32{2}, 1)}

// Attention in windows of an image, shifted or not, and with biases that are learned; what is wrong with it is said in one error.
func TestBadWindows(t *testing.T) {
	pooled := []message{op("ReduceMean", "r", "m", ints("axes", 1, 2), setInt("keepdims", 0)), op("Gemm", "m w", "y")}
	pick := op("Gather", "table at", "t")
	for name, c := range map[string]struct {
		nodes []message
		want  string
	}{
		"plain":              {inWindows(op("Identity", "z", "s")), ""},
		"a mask of each":     {inWindows(op("Add", "z masks", "s")), ""},
		"one mask":           {inWindows(op("Add", "z mask", "s")), ""},
		"two masks":          {inWindows(op("Add", "z half", "s")), "is not the same for all examples and heads"},
		"a short mask":       {inWindows(op("Add", "z row", "s")), "do not fit"},
		"a table":            {inWindows(pick, op("Add", "t z", "s")), ""},
		"a table and a mask": {inWindows(pick, op("Add", "t masks", "u"), op("Add", "z u", "s")), ""},
		"a reshaped table":   {inWindows(op("Reshape", "table upright", "v"), op("Gather", "v at", "t"), op("Reshape", "t square", "u"), op("Add", "u z", "s")), ""},
		"two tables":         {inWindows(pick, op("Add", "z t", "u"), op("Add", "u t", "s")), "from one weight"},
		"a table and more":   {inWindows(pick, op("Add", "t masks", "u"), op("Unsqueeze", "u nought", "v"), op("Add", "z v", "s")), "plus a constant, which is supported for scores"},
		"a scaled table":     {inWindows(pick, op("Add", "z t", "u"), op("Mul", "u two", "s")), "scores with a bias that is learned are multiplied by 2"},
		"a small table":      {inWindows(op("Gather", "table few", "t"), op("Add", "z t", "s")), "the shapes [5] and [1 4 4] do not fit"},
		"cut scores":         {inWindows(op("Reshape", "z across", "s")), "it reshapes"},
		"other windows":      {append(cutWindows("q"), op("Reshape", "i rows", "j"), op("Transpose", "j", "k", ints("perm", 0, 2, 1)), op("MatMul", "q k", "y")), "as that of queries and keys only"},
		"a shift": {append([]message{lastChannels, op("Slice", "i one four axis", "lo"), op("Slice", "i nought one axis", "hi"), op("Concat", "lo hi", "r", setInt("axis", 1))}, pooled...),
			""},
		"every other row": {append([]message{lastChannels, op("Slice", "i nought four axis two2", "r")}, pooled...), ""},
		"two images": {append([]message{lastChannels, op("Relu", "i", "j"), op("Slice", "i one four axis", "lo"), op("Slice", "j nought one axis", "hi"), op("Concat", "lo hi", "r", setInt("axis", 1))}, pooled...),
			"cannot be joined"},
		"backwards":     {append([]message{lastChannels, op("Slice", "i four nought axis back", "r")}, pooled...), "forwards"},
		"padding":       {append([]message{lastChannels, op("Pad", "i pads", "r")}, pooled...), "its input has the shape [batch 4 4 3]"},
		"patches":       {[]message{op("Reshape", "x patches", "r"), op("Transpose", "r", "s", ints("perm", 0, 2, 4, 3, 5, 1)), op("Reshape", "s flat", "u"), op("MatMul", "u wide", "y")}, "dense layers are supported on vectors"},
		"mixed patches": {[]message{op("Reshape", "x patches", "r"), op("Transpose", "r", "s", ints("perm", 0, 2, 4, 3, 1, 5)), op("Reshape", "s flat", "u"), op("MatMul", "u wide", "y")}, "it joins steps and channels"},
	} {
		nodes := append([]message{op("Reshape", "places square", "at")}, c.nodes...)
		switch err := readBytes(modelOf(nodes, windowTensors...)); {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: the error is %v, want one with %q", name, err, c.want)
		}
	}
}

// A bias that the exporter has computed is no parameter, and a warning says so.
func TestFoldedBias(t *testing.T) {
	nodes := steps(op("MatMul", "q k", "z"), op("Add", "z onnx::Add_7", "u"), op("Softmax", "u", "p"), op("MatMul", "p q", "a"), op("Transpose", "a", "o", ints("perm", 0, 2, 1, 3)),
		op("Reshape", "o three", "j"), op("MatMul", "j w", "y"))
	f, err := parse(modelOf(nodes, append([]message{integersOf("three", 0, 16, 3), weights("onnx::Add_7", 1, 3, 16, 16)}, stepTensors...)...))
	if err != nil {
		t.Fatal(err)
	}
	net, err := f.Network(imageInput)
	if err != nil || !slices.ContainsFunc(net.Notes, func(s string) bool { return strings.Contains(s, "do_constant_folding=False") }) {
		t.Errorf("the notes are %q (%v), want one about the bias", net.Notes, err)
	}
}
