package onnx

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"breakeven/nn"
)

// integerPort is an input of integers [batch, 5].
func integerPort(name string) message {
	dim := func(m message) message { return message(nil).bytes(1, m) }
	shape := append(dim(message(nil).text(2, "batch")), dim(message(nil).int(1, 5))...)
	return message(nil).text(1, name).bytes(2, message(nil).bytes(1, message(nil).int(1, 7).bytes(2, shape)))
}

// maskedModel is attention on tokens with a mask, which nodes make "bias" of. Its output is "y".
func maskedModel(nodes ...message) message {
	all := []message{op("Gather", "table tokens", "e"), op("Transpose", "e", "k", ints("perm", 0, 2, 1)), op("MatMul", "e k", "z"), op("Cast", "mask", "real", setInt("to", 1))}
	g := message(nil)
	for _, n := range append(all, nodes...) {
		g = g.bytes(1, n)
	}
	far := message(nil).int(1, 1).int(2, 11).text(8, "far").bytes(9, []byte{0, 0, 0, 0, 0, 0, 0xf0, 0xff})
	for _, t := range []message{weights("table", 9, 4), weights("w", 4, 2), scalar("one", 1), scalar("nought", 0), integersOf("middle", 1, 2), integersOf("shift", 1), integersOf("five", 5, 5), integersOf("next", 1, 2, 3, 4, 0), far,
		message(nil).int(2, 1).text(8, "unit").bytes(9, []byte{0, 0, 0x80, 0x3f})} {
		g = g.bytes(5, t)
	}
	g = g.bytes(11, integerPort("tokens")).bytes(11, integerPort("mask")).bytes(12, portOf("y"))
	return message(nil).int(1, 8).bytes(7, g).bytes(8, message(nil).int(2, 18))
}

// attended are the nodes from scores with a mask "m" to the output.
func attended(last ...message) []message {
	return append([]message{op("Softmax", "m", "p"), op("MatMul", "p e", "a")}, last...)
}

// Masks are found in what a graph computes of its input, and nothing else is one. As an input of the network they may have holes.
func TestMasks(t *testing.T) {
	first := []message{op("Gather", "a nought", "f", setInt("axis", 1)), op("MatMul", "f w", "y")}
	flags := []message{op("Cast", "mask", "b", setInt("to", 9)), op("Unsqueeze", "b shift", "u")}
	hide := slices.Concat(flags, []message{op("Where", "u z far", "m")})
	causal := slices.Concat(flags, []message{op("Expand", "flag five", "ones"), op("Trilu", "ones", "triangle", setInt("upper", 0)), op("And", "u triangle", "v")})
	guarded := []message{op("Softmax", "m", "n"), op("IsNaN", "n", "nan"), op("Where", "nan zero n", "p"), op("MatMul", "p e", "a")}
	const no, others, elsewhere = "does not hide the steps", "hides other steps than those", "masks are supported in attention, in the mean"
	for _, c := range []struct {
		name        string
		nodes       []message
		want, holes string // the errors without and with the mask as an input
	}{
		{"hides", slices.Concat(hide, attended(first...)), "", ""},
		{"adds", slices.Concat([]message{op("Sub", "unit real", "d"), op("Mul", "d huge", "h"), op("Unsqueeze", "h shift", "u"), op("Add", "z u", "m")}, attended(first...)), "", ""},
		{"all steps", slices.Concat(hide, attended(op("ReduceMean", "a", "f", ints("axes", 1), setInt("keepdims", 0)), op("MatMul", "f w", "y"))), "", ""},
		{"last step", slices.Concat(hide, attended(op("Gather", "a one", "f", setInt("axis", 1)), op("MatMul", "f w", "y"))), "", ""},
		{"the contrary", slices.Concat(flags, []message{op("Not", "u", "v"), op("Where", "v z far", "m")}, attended(first...)), no, no},
		{"one more", slices.Concat([]message{op("Gather", "mask next", "r", setInt("axis", 1)), op("And", "mask r", "b"), op("Unsqueeze", "b shift", "u"), op("Where", "u z far", "m")}, attended(first...)), others, others},
		{"not at all", slices.Concat(flags, []message{op("Or", "u yes", "v"), op("Where", "v z far", "m")}, attended(first...)), no, no},
		{"queries", slices.Concat(flags[:1], []message{op("Unsqueeze", "b middle2", "u"), op("Where", "u z far", "m")}, attended(first...)), no, others},
		{"as a number", slices.Concat(hide, attended(append(slices.Clone(first[:1]), op("MatMul", "f w", "v"), op("MatMul", "real w", "r"), op("Add", "v r", "y"))...)), elsewhere, elsewhere},
		{"as a shape", slices.Concat(hide, attended(op("Reshape", "a mask", "y"))), elsewhere, elsewhere},
		{"wrong index", slices.Concat([]message{op("Gather", "mask five", "b"), op("Unsqueeze", "b shift", "u"), op("Add", "z u", "m")}, attended(first...)), "it picks element 5 of 3", "it picks element 5 of 3"},
		{"causal", slices.Concat(causal, []message{op("Where", "v z far", "m")}, attended(first...)), "", "whose weights are NaN"},
		{"causal and guarded", slices.Concat(causal, []message{op("Where", "v z far", "m")}, guarded, first), "", ""},
		{"causal by a number", slices.Concat(causal, []message{op("Where", "v z huge", "m")}, attended(first...)), "", "then replaces by equal numbers"},
		{"causal by a sum", slices.Concat(causal, []message{op("Where", "v zero huge", "h"), op("Add", "z h", "m")}, attended(first...)), "", ""},
		{"size alone", []message{op("Softmax", "z", "p"), op("MatMul", "p e", "a"), op("Shape", "mask", "dims"), op("Gather", "dims one", "n"), op("Sub", "n n", "none"), op("Gather", "a none", "f", setInt("axis", 1)), first[1]}, "", "neither attention nor a mean, sum or maximum over steps reads its mask"},
	} {
		b := maskedModel(append([]message{op("Constant", "", "yes", constantOf(1, 9, []byte{1})), op("Constant", "", "huge", constantOf(1, 1, []byte{0, 0x50, 0xc3, 0xc7})),
			op("Constant", "", "middle2", constantOf(1, 7, []byte{2, 0, 0, 0, 0, 0, 0, 0})), op("Cast", "one", "flag", setInt("to", 9)), op("Cast", "nought", "zero", setInt("to", 1))}, c.nodes...)...)
		f, err := parse(b)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		tokens := nn.Input{Shape: nn.Seq(5, 1), Below: 9}
		for want, in := range map[string][]nn.Input{"0" + c.want: {tokens}, "1" + c.holes: {tokens, {Shape: nn.Seq(5, 1)}}} {
			given, want := want[0] == '1', want[1:]
			n, err := f.Network(in...)
			switch masked := given || strings.HasSuffix(c.name, " steps") || c.name == "last step"; {
			case want == "" && err != nil:
				t.Errorf("%s, given %v: %v", c.name, given, err)
			case want == "" && masked != strings.Contains(strings.Join(n.Notes, "\n"), `the mask "mask" is 0`):
				t.Errorf("%s, given %v: the notes are %q", c.name, given, n.Notes)
			case want == "" && (n.Padding != "mask" && c.name != "size alone" || n.Masked != masked || len(n.Inputs()) != len(in) && given || masked && len(n.Inputs()) != 2):
				t.Errorf("%s, given %v: the mask is %q, with holes: %v, of the inputs %v", c.name, given, n.Padding, n.Masked, n.Inputs())
			case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("%s, given %v: the error is %v, want one with %q", c.name, given, err, want)
			}
		}
		if _, err := f.Network(tokens, nn.Input{Shape: nn.Seq(5, 5)}); err == nil || !strings.Contains(err.Error(), `the mask "mask" of an example is 5×1, and the data have 5×5`) {
			t.Errorf("a mask of pairs: %v", err)
		}
	}
}

// constantOf is the attribute of a constant of one dimension.
func constantOf(size, kind int64, raw []byte) message {
	return message(nil).text(1, "value").bytes(5, message(nil).int(1, size).int(2, kind).bytes(9, raw))
}

// Operators on constants compute what NumPy does.
func TestConstants(t *testing.T) {
	six := &array{kind: int64s, dims: []int64{2, 3}, ints: []int64{0, 1, 2, 3, 4, 5}}
	list := func(x ...int64) *array { return &array{kind: int64s, dims: []int64{int64(len(x))}, ints: x} }
	one := func(x int64) *array { return &array{kind: int64s, ints: []int64{x}} }
	with := func(op string, attributes map[string]int64) *node {
		n := &node{op: op, attributes: map[string]*attribute{}}
		for name, i := range attributes {
			n.attributes[name] = &attribute{i: i}
		}
		return n
	}
	b := &builder{file: &File{}}
	for _, c := range []struct {
		n    *node
		in   []*array
		want string
	}{
		{with("Trilu", nil), []*array{six}, "[2 3] [0 1 2 0 4 5]"},
		{with("Trilu", map[string]int64{"upper": 0}), []*array{six, one(1)}, "[2 3] [0 1 0 3 4 5]"},
		{with("Transpose", nil), []*array{six}, "[3 2] [0 3 1 4 2 5]"},
		{with("Gather", map[string]int64{"axis": 1}), []*array{six, list(2, -3)}, "[2 2] [2 0 5 3]"},
		{with("GatherND", nil), []*array{six, {kind: int64s, dims: []int64{2, 1, 2}, ints: []int64{1, 0, 0, -1}}}, "[2 1] [3 2]"},
		{with("GatherND", nil), []*array{six, {kind: int64s, dims: []int64{1, 1}, ints: []int64{1}}}, "[1 3] [3 4 5]"},
		{with("GatherElements", map[string]int64{"axis": 1}), []*array{six, {kind: int64s, dims: []int64{2, 2}, ints: []int64{2, 0, -1, 1}}}, "[2 2] [2 0 5 4]"},
		{with("MatMul", nil), []*array{{kind: float32s, dims: []int64{1, 2, 2}, reals: []float64{1, 2, 3, 4}}, {kind: float32s, dims: []int64{2, 2, 1}, reals: []float64{1, 0, 0, 1}}}, "[2 2 1] [1 3 2 4]"},
		{with("MatMul", nil), []*array{six, six}, "is not supported"},
		{with("CumSum", nil), []*array{six, one(1)}, "[2 3] [0 1 3 3 7 12]"},
		{with("CumSum", nil), []*array{six, one(0)}, "[2 3] [0 1 2 3 5 7]"},
		{with("Slice", nil), []*array{six, list(0), list(math.MaxInt64), list(1), list(2)}, "[2 2] [0 2 3 5]"},
		{with("Slice", nil), []*array{six, list(-1, 1), list(9, 3)}, "[1 2] [4 5]"},
		{with("Concat", map[string]int64{"axis": 1}), []*array{six, list(8, 9).shaped([]int64{2, 1})}, "[2 4] [0 1 2 8 3 4 5 9]"},
		{with("Expand", nil), []*array{list(7, 8).shaped([]int64{2, 1}), list(2, 2)}, "[2 2] [7 7 8 8]"},
		{with("Tile", nil), []*array{six, list(2, 1)}, "[4 3] [0 1 2 3 4 5 0 1 2 3 4 5]"},
		{with("Tile", nil), []*array{list(7, 8).shaped([]int64{2, 1}), list(1, 3)}, "[2 3] [7 7 7 8 8 8]"},
		{with("Tile", nil), []*array{six, list(2)}, "want one for each axis"},
		{with("Tile", nil), []*array{six, list(1<<62, 4)}, "more than 4194304 numbers"},
		{with("Tile", nil), []*array{six, list(-1, 1)}, "more than 4194304 numbers"},
		{with("Flatten", map[string]int64{"axis": 0}), []*array{six}, "[1 6] [0 1 2 3 4 5]"},
		{with("Range", nil), []*array{one(7), one(1), one(-2)}, "[3] [7 5 3]"},
		{with("Mod", nil), []*array{list(-7, 7), one(3)}, "[2] [2 1]"},
		{with("Pow", nil), []*array{{kind: float32s, dims: []int64{2}, reals: []float64{0.5, 3}}, list(2, 3)}, "[2] [0.25 27]"},
		{with("Pow", nil), []*array{list(2, 5), {kind: float32s, dims: []int64{2}, reals: []float64{-1, 0.5}}}, "[2] [0 2]"},
		{with("Pow", nil), []*array{list(2, -3, 0, 7, -1, -1), list(10, 3, 5, 0, 1<<62, 1<<62+1)}, "[6] [1024 -27 0 1 1 -1]"},
		{with("Pow", nil), []*array{list(2), list(64)}, "is too large"},
		{with("Pow", nil), []*array{list(1 << 32), list(2)}, "is too large"},
		{with("Pow", nil), []*array{list(2), list(-1)}, "2 to the power -1 is no integer"},
		{with("Max", nil), []*array{list(1, 5), list(3, 2).shaped([]int64{2, 1})}, "[2 2] [3 5 2 5]"},
		{with("LessOrEqual", nil), []*array{list(0, 1).shaped([]int64{2, 1}), list(0, 1)}, "[2 2] [1 1 0 1]"},
		{with("Where", nil), []*array{list(1, 0, 1), six, one(9)}, "[2 3] [0 9 2 3 9 5]"},
		{with("Squeeze", nil), []*array{six.shaped([]int64{2, 1, 3, 1}), list(-1)}, "[2 1 3] [0 1 2 3 4 5]"},
		{with("Unsqueeze", nil), []*array{six, list(0, 2)}, "[1 2 1 3] [0 1 2 3 4 5]"},
		{with("ConstantOfShape", nil), []*array{list(2)}, "[2] [0 0]"},
		{with("Not", nil), []*array{list(2, 0)}, "[2] [0 1]"},
		{with("Range", nil), []*array{one(0), one(1 << 40), one(1)}, "up to 4194304 numbers"},
		{with("Expand", nil), []*array{one(0), list(1<<21, 1<<21)}, "more than 4194304 numbers"},
		{with("Unsqueeze", nil), []*array{six, list(0, 0)}, "occur twice"},
		{with("Gather", nil), []*array{six, list(2)}, "it picks element 2 of 2"},
		{with("Slice", nil), []*array{six, list(-1), list(math.MinInt64), list(1), list(-1)}, "[2 3] [2 1 0 5 4 3]"},
		{with("Slice", nil), []*array{six, list(9), list(0), list(1), list(-2)}, "[2 1] [2 5]"},
		{with("Slice", nil), []*array{six, list(0), list(1), list(0), list(-1)}, "[0 3] []"},
		{with("Slice", nil), []*array{six, list(0), list(1), list(0), list(0)}, "in steps of 0"},
		{with("ScatterND", nil), []*array{six, list(1, 0, 2).shaped([]int64{3, 1}), list(7, 8)}, "it puts the shape [2]"},
		{with("ScatterND", nil), []*array{six, list(-1).shaped([]int64{1, 1}), list(7, 8, 9).shaped([]int64{1, 3})}, "[2 3] [0 1 2 7 8 9]"},
		{with("ScatterND", nil), []*array{six, list(0, 2, 1, 0).shaped([]int64{2, 2}), list(7, 8)}, "[2 3] [0 1 7 8 4 5]"},
		{with("ScatterND", nil), []*array{six, list(2).shaped([]int64{1, 1}), list(7, 8, 9).shaped([]int64{1, 3})}, "it puts a part at 2 of 2"},
		{with("Add", nil), []*array{list(1, 2), list(1, 2, 3)}, "do not fit"},
		{with("Where", nil), []*array{list(1)}, "it has no input 1"},
	} {
		if got := computed(b, c.n, c.in); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", c.n.op, got, c.want)
		}
	}
}

// computed writes what an operator makes of arrays, or its error.
func computed(b *builder, n *node, in []*array) (text string) {
	defer func() {
		if f, ok := recover().(fault); ok {
			text = f.Error()
		}
	}()
	a := b.compute(n, in)
	numbers := make([]float64, a.size())
	for i := range numbers {
		numbers[i] = a.real(i)
	}
	return fmt.Sprint(a.dims, " ", numbers)
}

// Small files make no large constants: those that are still to be read are counted.
func TestLargeConstants(t *testing.T) {
	nodes := []message{op("Expand", "nought size", "c0")}
	for k := range 9 {
		nodes = append(nodes, op("Add", fmt.Sprintf("c%d nought", k), fmt.Sprintf("c%d", k+1)))
	}
	names := ""
	for k := range 10 {
		names += fmt.Sprintf("c%d ", k)
	}
	nodes = append(nodes, op("Max", names, "m"), op("Flatten", "x", "flat"), op("Gemm", "flat w", "g", setInt("transB", 1)), op("Add", "g m", "y"))
	err := readBytes(modelOf(nodes, weights("w", 5, 48), scalar("nought", 0), integersOf("size", 1<<20)))
	if err == nil || !strings.Contains(err.Error(), "numbers at once") {
		t.Errorf("the error is %v, want one about constants", err)
	}
	chain := []message{op("Cast", "mask", "d0", setInt("to", 9))}
	for k := range deepest + 2 {
		chain = append(chain, op("Not", fmt.Sprintf("d%d", k), fmt.Sprintf("d%d", k+1)))
	}
	chain = append(chain, op("Where", fmt.Sprintf("d%d z far", deepest+2), "y"))
	f, err := parse(maskedModel(chain...))
	if err == nil {
		_, err = f.Network(nn.Input{Shape: nn.Seq(5, 1), Below: 9})
	}
	if err == nil || !strings.Contains(err.Error(), "more than 1000 nodes") {
		t.Errorf("the error is %v, want one about the depth of a mask", err)
	}
}

// No file with a mask makes the package panic.
func FuzzMasks(f *testing.F) {
	flags := []message{op("Cast", "mask", "b", setInt("to", 9)), op("Unsqueeze", "b shift", "u"), op("Where", "u z far", "m")}
	last := attended(op("Gather", "a nought", "f", setInt("axis", 1)), op("MatMul", "f w", "y"))
	f.Add([]byte(maskedModel(append(flags, last...)...)))
	ofTokens := []message{op("Equal", "tokens one", "b"), op("Unsqueeze", "b shift", "u"), op("Where", "u far z", "m")}
	f.Add([]byte(maskedModel(append(ofTokens, last...)...)))
	counted := []message{op("Equal", "tokens one", "b"), op("Cast", "b", "i", setInt("to", 7)), op("CumSum", "i one", "c"), op("Gather", "places c", "f"), op("Add", "e f", "h"), op("MatMul", "h w", "y")}
	f.Add([]byte(placedModel(counted...)))
	f.Add([]byte(maskedModel(op("Unsqueeze", "real middle", "u"), op("Squeeze", "u shift", "r"), op("Mul", "e r", "p"), op("ReduceSum", "p shift", "s", setInt("keepdims", 0)),
		op("ReduceSum", "real shift", "c"), op("Div", "s c", "f"), op("MatMul", "f w", "y"))))
	f.Fuzz(func(_ *testing.T, b []byte) {
		if file, err := parse(b); err == nil {
			tokens := nn.Input{Shape: nn.Seq(5, 1), Below: 9}
			_, _ = file.Network(tokens)
			_, _ = file.Network(tokens, nn.Input{Shape: nn.Seq(5, 1)})
		}
	})
}
