package onnx

import (
	"fmt"
	"slices"
	"testing"
)

// Padding, parts and concatenation of images and signals are what they are of constants.
func TestPadsOfActivations(t *testing.T) {
	for _, dims := range [][]int64{{2, 3, 6}, {2, 3, 4, 5}} {
		last := int64(len(dims) - 1)
		zeros := slices.Repeat([]int64{0}, len(dims)-1)
		pads := func(before, after int64) message { // along the last axis, and above an image
			list := slices.Concat(zeros, []int64{before}, zeros, []int64{after})
			if len(dims) == 4 {
				list[2] = 1
			}
			return integersOf("pads", list...)
		}
		cases := map[string]struct {
			node    message
			tensors []message
		}{
			"part":      {op("Slice", "x from to axis", "y"), []message{integersOf("from", 1), integersOf("to", -1), integersOf("axis", last)}},
			"every 2nd": {op("Slice", "x from to axis step", "y"), []message{integersOf("from", 1), integersOf("to", 9), integersOf("axis", last), integersOf("step", 2)}},
			"joined":    {op("Concat", "x x x", "y", setInt("axis", last)), nil},
			"above":     {op("Concat", "x x", "y", setInt("axis", 2)), nil},
			"steps":     {op("Transpose", "x", "y", ints("perm", []int64{0, 2, 1, 3}[:len(dims)]...)), nil},
		}
		for mode := range paddings {
			for _, ends := range [][2]int64{{2, 1}, {0, 3}, {-1, 2}, {-2, -1}, {0, 0}} {
				node := op("Pad", "x pads", "y", message(nil).text(1, "mode").text(4, mode))
				cases[fmt.Sprintf("%s %v", mode, ends)] = struct {
					node    message
					tensors []message
				}{node, []message{pads(ends[0], ends[1])}}
			}
		}
		for name, c := range cases {
			t.Run(fmt.Sprintf("%s of %v", name, dims), func(t *testing.T) { checkPads(t, modelOf([]message{c.node}, c.tensors...), dims) })
		}
	}
}

// checkPads compares what a node makes of an activation with what it makes of a constant.
func checkPads(t *testing.T, model []byte, dims []int64) {
	x := make([]float32, product(dims))
	for i := range x {
		x[i] = float32(i + 1)
	}
	in, err := (&graph{left: most}).decodeTensor(float32sOf("", x, dims...))
	if err != nil {
		t.Fatal(err)
	}
	c := nodeCase{model: model, in: []*tensor{in}, out: []*tensor{nil}}
	want, err := c.constants()
	if err != nil {
		t.Fatal(err)
	}
	f := sequences
	if len(dims) == 3 {
		f = signals
	}
	got, err := c.network(func(int) bool { return true }, f)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got[0].dims, want[0].dims) || !slices.Equal(got[0].reals, want[0].reals) {
		t.Errorf("it makes %v %v of an activation, and %v %v of a constant", got[0].dims, got[0].reals, want[0].dims, want[0].reals)
	}
}
