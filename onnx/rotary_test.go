package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// float32sOf are numbers of an initializer.
func float32sOf(name string, x []float32, dims ...int64) message {
	var m message
	for _, d := range dims {
		m = m.int(1, d)
	}
	var raw []byte
	for _, v := range x {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	return m.int(2, 1).text(8, name).bytes(9, raw)
}

// Products with constants are rotary embeddings or are refused: a weight never becomes a constant.
func TestRotaryIsRecognised(t *testing.T) {
	turned := []message{op("Slice", "q one two last", "b"), op("Neg", "b", "minus"), op("Slice", "q nought one last", "a"), op("Concat", "minus a", "r", setInt("axis", -1)),
		op("Mul", "q cos", "u")}
	stacked := []message{op("Slice", "q nought four4 last two", "a"), op("Slice", "q one four4 last two", "b"), op("Neg", "b", "minus"), op("Unsqueeze", "minus last", "m1"), op("Unsqueeze", "a last", "a1"),
		op("Concat", "m1 a1", "s1", setInt("axis", -1))}
	end := []message{op("Transpose", "z", "o", ints("perm", 0, 2, 1, 3)), op("Reshape", "o four", "j"), op("MatMul", "j v", "y")}
	for _, c := range []struct {
		name  string
		nodes []message
		want  string
	}{
		{"rotary", append(slices.Clone(turned), op("Mul", "sin r", "w2"), op("Add", "w2 u", "z")), ""},
		{"neighbours", append(slices.Clone(stacked), op("Reshape", "s1 pairs", "r"), op("Mul", "sin r", "w2"), op("Mul", "q cos", "u"), op("Sub", "u w2", "z")), ""},
		{"stacked", append(slices.Clone(stacked), op("Reshape", "s1 pairs", "z")), ""}, // a quarter of a turn
		{"functions of stacked ones", append(slices.Clone(stacked), op("Mul", "s1 tall", "z")), "in a way that is supported in rotary embeddings only"},
		{"stacked heads", append(slices.Clone(stacked[:5]), op("Concat", "m1 a1", "z", setInt("axis", 1))), "cannot be joined"},
		{"stacked in two ways", append(slices.Clone(stacked), op("Unsqueeze", "minus two", "m2"), op("Concat", "m2 a1", "z", setInt("axis", -1))), "cannot be joined"},
		{"backwards", []message{op("Slice", "q one nought last last", "z")}, "along one axis, forwards"},
		{"whole", []message{op("Slice", "q nought two last", "z")}, ""},
		{"other angles", append(slices.Clone(turned), op("Mul", "r cos", "w2"), op("Add", "u w2", "z")), "no cosines and sines"},
		{"turned back", append(slices.Clone(turned), op("Mul", "r sin", "w2"), op("Neg", "q", "n"), op("Mul", "n sin", "m"), op("Add", "m w2", "z")), "numbers of the same head"},
		{"two others", []message{op("Reshape", "d one4", "h4"), op("Transpose", "h4", "q4", ints("perm", 0, 2, 1, 3)), op("Slice", "q4 nought one last", "d0"), op("Slice", "q4 one four4 last", "d1"), op("Neg", "d0", "n0"), op("Neg", "d1", "n1"),
			op("Slice", "q4 nought two last", "e0"), op("Slice", "q4 two four4 last", "e1"), op("Neg", "e0", "m0"), op("Neg", "e1", "m1"),
			op("Concat", "n1 n0", "r1", setInt("axis", -1)), op("Concat", "m1 m0", "r2", setInt("axis", -1)), op("Add", "r1 r2", "r3"), op("Transpose", "r3", "z")}, "two other numbers of a head"},
		{"a half", append(slices.Clone(turned), op("Mul", "r sin", "z")), "no cosines and sines"},
		{"weight of channels", []message{op("Mul", "q channels", "z")}, "no constant of one number"},
		{"weight of steps", []message{op("Mul", "q grows", "z")}, "no cosines and sines"},
		{"more than a head", append(slices.Clone(turned), op("Concat", "q minus", "z", setInt("axis", -1))), "it makes 3 numbers of 2"},
		{"joined heads", append(slices.Clone(turned), op("Concat", "minus a", "z", setInt("axis", 1))), "cannot be joined"},
		{"other halves", append(slices.Clone(turned), op("Add", "minus q", "z")), "rotary embeddings are sums of numbers of the same head"},
		{"function of a half", append(slices.Clone(turned), op("Relu", "b", "z")), "within attention only"},
		{"repeated steps", []message{op("Expand", "q fives", "z")}, "it repeats [batch 2 16 2] to [1 2 5 2]"},
		{"repeated often", []message{op("Unsqueeze", "q one", "e"), op("Expand", "e million", "z")}, "to [1 8388608 2 16 2]"},
	} {
		angles := make([]float32, 4*16)
		for k := range angles {
			sin, cos := math.Sincos(float64(k % 32 / 2))
			angles[k] = float32([]float64{cos, sin}[k/32])
		}
		grows := make([]float32, 32)
		for k := range grows {
			grows[k] = float32(k)
		}
		tensors := []message{integersOf("flat", 0, 3, -1), weights("w", 3, 4), integersOf("heads", 0, 16, 2, 2), integersOf("four", 0, 16, 4), weights("v", 4, 3),
			float32sOf("cos", angles[:32], 16, 2), float32sOf("sin", angles[32:], 1, 1, 16, 2), float32sOf("grows", grows, 16, 2), weights("channels", 2), float32sOf("tall", grows[:16], 16, 1, 1),
			integersOf("nought", 0), integersOf("one", 1), integersOf("two", 2), integersOf("pairs", 0, 2, 16, 2), integersOf("one4", 0, 16, 1, 4), integersOf("four4", 4), integersOf("last", -1), integersOf("fives", 1, 2, 5, 2), integersOf("million", 1, 1<<23, 2, 16, 2)}
		nodes := slices.Concat([]message{op("Reshape", "x flat", "p"), op("Transpose", "p", "s", ints("perm", 0, 2, 1)), op("MatMul", "s w", "d"), op("Reshape", "d heads", "h"),
			op("Transpose", "h", "q", ints("perm", 0, 2, 1, 3))}, c.nodes, end)
		switch err := readBytes(modelOf(nodes, tensors...)); {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.want)
		}
	}
}

// Small files make no large rotary embeddings: the parts that are still to be read are counted.
func TestLargeRotary(t *testing.T) {
	nodes := []message{op("Reshape", "x flat", "p"), op("Transpose", "p", "s", ints("perm", 0, 2, 1)), op("MatMul", "s wide", "q")}
	const parts = mostHeld/(16*widest) + 1
	for k := range parts {
		nodes = append(nodes, op("Mul", "q grows", fmt.Sprintf("m%d", k)))
	}
	last := "m0"
	for k := 1; k < parts; k++ {
		nodes = append(nodes, op("Add", fmt.Sprintf("%s m%d", last, k), fmt.Sprintf("a%d", k)))
		last = fmt.Sprintf("a%d", k)
	}
	nodes = append(nodes, op("Identity", last, "y"))
	err := readBytes(modelOf(nodes, integersOf("flat", 0, 3, -1), float32sOf("wide", make([]float32, 3*widest), 3, widest), float32sOf("grows", make([]float32, 16), 16, 1)))
	if err == nil || !strings.Contains(err.Error(), "numbers at once") {
		t.Errorf("the error is %v, want one about constants", err)
	}
}
