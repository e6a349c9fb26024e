package onnx

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"breakeven/nn"
)

// Means, sums and maxima over the steps that a mask shows are found in what a graph computes, and nothing else is one.
func TestPooled(t *testing.T) {
	weights := []message{op("Constant", "", "last", constantOf(1, 7, []byte{2, 0, 0, 0, 0, 0, 0, 0})), op("Unsqueeze", "real last", "r"), op("Cast", "r", "seen", setInt("to", 9))}
	sum := slices.Concat(weights, []message{op("Mul", "e r", "p"), op("ReduceSum", "p shift", "s", setInt("keepdims", 0))})
	count := op("ReduceSum", "real shift", "c")
	mean, head := op("Div", "s c", "f"), op("MatMul", "f w", "y")
	low, five := op("Constant", "", "low", constantOf(1, 1, []byte{0, 0x50, 0xc3, 0xc7})), op("Constant", "", "high", constantOf(1, 1, []byte{0, 0, 0xa0, 0x40}))
	most := op("ReduceMax", "p shift", "f", setInt("keepdims", 0))
	shifted := []message{op("Gather", "real next", "r2", setInt("axis", 1)), op("Unsqueeze", "r2 last", "r3"), op("Mul", "e r3", "p")}
	total := []message{op("ReduceSum", "p shift", "f", setInt("keepdims", 0)), head}
	unmasked := []message{op("Softmax", "z", "q"), op("MatMul", "q e", "a"), op("Mul", "a r", "p")}
	many := []message{op("Mul", "e r", "p0")}
	for k := range longest {
		many = append(many, op("Mul", fmt.Sprintf("p%d r", k), fmt.Sprintf("p%d", k+1)))
	}
	many = append(many, op("ReduceSum", fmt.Sprintf("p%d shift", longest), "f", setInt("keepdims", 0)))
	const otherwise, before = "weighs the steps of a sequence otherwise", "supported is the sum over its steps, or the maximum"
	for _, c := range []struct {
		name  string
		nodes []message
		want  string // what is computed of the steps that count
		err   string
	}{
		{"mean", slices.Concat(sum, []message{count, mean, head}), "mean", ""},
		{"mean with its axis", slices.Concat(weights, []message{op("Mul", "r e", "p"), op("ReduceSum", "p shift", "s"), op("ReduceSum", "r shift", "c"), op("Div", "s c", "k2"), op("Squeeze", "k2 shift", "f"), head}), "mean", ""},
		{"mean by shares", slices.Concat(weights, []message{count, op("Div", "real c", "h"), op("Unsqueeze", "h last", "g"), op("Mul", "e g", "p")}, total), "mean", ""},
		{"mean of another order", slices.Concat(weights, []message{op("Transpose", "e", "t", ints("perm", 1, 0, 2)), op("Transpose", "r", "v", ints("perm", 1, 0, 2)), op("Mul", "t v", "p"),
			op("ReduceSum", "p nought1", "s", setInt("keepdims", 0)), count, mean, head}), "mean", ""},
		{"mean as a product", []message{op("Unsqueeze", "real shift", "u"), op("MatMul", "u e", "s1"), op("Squeeze", "s1 shift", "s"), count, mean, head}, "mean", ""},
		{"product of two rows", []message{op("Unsqueeze", "real shift", "u"), op("Concat", "u u", "u2", setInt("axis", 1)), op("MatMul", "u2 e", "s1"), op("MatMul", "s1 w", "y")}, "", "one row for each example"},
		{"product of columns", slices.Concat(weights, []message{op("MatMul", "r e", "s1"), op("MatMul", "s1 w", "y")}), "", "one row for each example"},
		{"sum", slices.Concat(sum[:len(sum)-1], total), "sum", ""},
		{"sum that is chosen", slices.Concat(weights, []message{op("Where", "seen e zero", "p")}, total), "sum", ""},
		{"maximum", slices.Concat(weights, []message{low, op("Where", "seen e low", "p"), most, head}), "max", ""},
		{"mean after attention that sees all steps", slices.Concat(weights, unmasked, total), "", ""},
		{"mean after windows over all steps", slices.Concat(weights, []message{op("Transpose", "e", "t", ints("perm", 0, 2, 1)), op("MaxPool", "t", "h", ints("kernel_shape", 3), ints("pads", 1, 1)),
			op("Transpose", "h", "g", ints("perm", 0, 2, 1)), op("Mul", "g r", "p")}, total), "", ""},
		{"maximum of products", slices.Concat(sum, []message{most, head}), "", "the maximum if -10000 or less takes the place"},
		{"sum of low numbers", slices.Concat(weights, []message{low, op("Where", "seen e low", "p")}, total), "", "supported are the sum over the steps"},
		{"another number", slices.Concat(weights, []message{five, op("Where", "seen e high", "p")}, total), "", "it puts 5 in the place of the steps"},
		{"the contrary", slices.Concat(weights, []message{op("Where", "seen zero e", "p")}, total), "", otherwise},
		{"other steps", slices.Concat(weights, shifted, total), "", otherwise},
		{"one more", slices.Concat(sum, []message{count, op("Add", "c unit", "d"), op("Div", "s d", "f"), head}), "", otherwise},
		{"twice", slices.Concat(sum, []message{count, op("Div", "s c", "g"), op("Div", "g c", "f"), head}), "", otherwise},
		{"some numbers", slices.Concat(weights, []message{op("Mul", "r four", "g"), op("Mul", "e g", "p")}, total), "", "weighs the numbers of a step differently"},
		{"no sum", slices.Concat(sum, []message{op("MatMul", "p w", "y")}), "", before},
		{"the output itself", slices.Concat(weights, []message{op("MatMul", "e w", "x"), op("Mul", "x r", "y")}), "", before},
		{"low numbers after zeros", slices.Concat(sum[:len(sum)-1], []message{low, op("Where", "seen p low", "p1"), op("ReduceMax", "p1 shift", "f", setInt("keepdims", 0)), head}), "", "takes -100000 for a step"},
		{"many times", slices.Concat(weights, many, []message{head}), "", "more than 32 nodes"},
		{"over channels", slices.Concat(sum, []message{op("ReduceSum", "p last", "f", setInt("keepdims", 0)), op("MatMul", "f five", "y")}), "", "it reduces axis 2"},
		{"a vector", slices.Concat(sum, []message{count, op("ReduceMax", "e shift", "g", setInt("keepdims", 0)), op("Mul", "g c", "f"), head}), "", "supported of whole sequences"},
	} {
		four := op("Constant", "", "four", constantOf(4, 1, []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0x80, 0x3f}))
		more := []message{four, op("Constant", "", "nought1", constantOf(1, 7, make([]byte, 8))), op("Cast", "nought", "zero", setInt("to", 1))}
		f, err := parse(maskedModel(append(more, c.nodes...)...))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		tokens := nn.Input{Shape: nn.Seq(5, 1), Below: 9}
		for given, in := range [][]nn.Input{{tokens}, {tokens, {Shape: nn.Seq(5, 1)}}} {
			n, err := f.Network(in...)
			switch masked := given == 1 || strings.HasSuffix(c.name, "all steps"); {
			case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
				t.Errorf("%s, given %d: the error is %v, want one with %q", c.name, given, err, c.err)
			case c.err == "" && err != nil:
				t.Errorf("%s, given %d: %v", c.name, given, err)
			case c.err == "" && (n.Masked != masked || n.Padding != "mask"):
				t.Errorf("%s, given %d: the mask is %q, as an input: %v", c.name, given, n.Padding, n.Masked)
			case c.want != "":
				checkPooled(t, c.name, n, c.want, given == 1)
			}
		}
	}
}

// checkPooled compares outputs of a network of maskedModel with a dense layer of what is computed of the vectors of tokens: of those
// up to the end of an example or, with holes, of those that a mask shows.
func checkPooled(t *testing.T, name string, n *Network, by string, holes bool) {
	tokens, masks := []int32{3, 1, 4, 1, 5, 8, 2, 6, 5, 3, 0, 7, 7, 2, 1}, [][]float32{{1, 1, 1, 1, 1}, {1, 1, 1, 0, 0}, {1, 0, 0, 0, 0}}
	if holes {
		masks = [][]float32{{0, 1, 0, 1, 1}, {1, 0, 1, 0, 0}, {0, 0, 0, 1, 0}}
	}
	b := nn.Batch{N: 3, In: []nn.Values{{I: tokens, Steps: []int32{5, 3, 1}}}}
	if holes {
		b.In = []nn.Values{{I: tokens}, {F: slices.Concat(masks...)}}
	}
	theta, err := n.Weights()
	if err != nil {
		t.Fatal(err)
	}
	var table, w []float32
	for _, p := range n.Params() {
		if own := theta[p.Offset:][:p.Size()]; p.Size() == 36 {
			table = own
		} else {
			w = own
		}
	}
	plan := n.Compile(nn.Settings{Batch: 3, Evaluate: true})
	plan.SetParams(theta)
	plan.Forward(b)
	for i, got := range plan.Outputs() {
		want, mask := 0.0, masks[i/2]
		for c := range 4 {
			count, sum, most := 0.0, 0.0, math.Inf(-1)
			for t, seen := range mask {
				if x := float64(table[tokens[i/2*5+t]*4+int32(c)]); seen > 0 {
					count, sum, most = count+1, sum+x, max(most, x)
				}
			}
			want += map[string]float64{"mean": sum / count, "sum": sum, "max": most}[by] * float64(w[i%2*4+c])
		}
		if math.Abs(float64(got)-want) > 1e-5 {
			t.Errorf("%s, holes %v: output %d is %v, want %v", name, holes, i, got, want)
		}
	}
}
