package onnx

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"breakeven/nn"
)

// A message is a protobuf message that is being written.
type message []byte

func (m message) bytes(num protowire.Number, b []byte) message {
	return protowire.AppendBytes(protowire.AppendTag(m, num, protowire.BytesType), b)
}

func (m message) text(num protowire.Number, s string) message { return m.bytes(num, []byte(s)) }

func (m message) int(num protowire.Number, x int64) message {
	return protowire.AppendVarint(protowire.AppendTag(m, num, protowire.VarintType), uint64(x))
}

// op is a node with inputs, outputs and attributes.
func op(kind, in, out string, attributes ...message) message {
	var m message
	for _, name := range strings.Fields(in) {
		m = m.text(1, strings.TrimPrefix(name, "-")) // "-" is no input
	}
	for _, name := range strings.Fields(out) {
		m = m.text(2, name)
	}
	m = m.text(3, "the "+strings.ToLower(kind)).text(4, kind)
	for _, a := range attributes {
		m = m.bytes(5, a)
	}
	return m
}

func ints(name string, x ...int64) message {
	m := message(nil).text(1, name)
	for _, v := range x {
		m = m.int(8, v)
	}
	return m
}

func weights(name string, dims ...int64) message {
	n := int64(1)
	m := message(nil)
	for _, d := range dims {
		m, n = m.int(1, d), n*d
	}
	return m.int(2, 1).text(8, name).bytes(9, make([]byte, 4*max(0, min(n, 1<<10))))
}

func setInt(name string, x int64) message { return message(nil).text(1, name).int(3, x) }

// steps are nodes that make a sequence "s" of 16 steps of 3 numbers of the image, and heads of one number of it.
func steps(more ...message) []message {
	return append([]message{op("Reshape", "x flat", "r"), op("Transpose", "r", "s", ints("perm", 0, 2, 1)),
		op("Reshape", "s cut", "c"), op("Transpose", "c", "q", ints("perm", 0, 2, 1, 3)), op("Transpose", "c", "k", ints("perm", 0, 2, 3, 1))}, more...)
}

// stepTensors are the constants of steps.
var stepTensors = []message{integersOf("flat", 0, 3, -1), integersOf("cut", 0, 16, 3, 1), weights("w", 3, 3), weights("g", 3), weights("b", 3)}

// What is wrong with attention is said in one error.
func TestBadAttention(t *testing.T) {
	whole := []message{op("MatMul", "q k", "z"), op("Softmax", "z", "p"), op("MatMul", "p q", "a"), op("Transpose", "a", "o", ints("perm", 0, 2, 1, 3)),
		op("Reshape", "o three", "j"), op("MatMul", "j w", "y")}
	three := integersOf("three", 0, 16, 3)
	for _, c := range []struct {
		name  string
		nodes []message
		want  string
	}{
		{"none", whole, ""},
		{"cut through steps", []message{op("Reshape", "s three", "m"), op("Reshape", "m odd", "y")}, "which has another number"},
		{"cut across", []message{op("Reshape", "s across", "y")}, "[batch 8 6] is no vector"},
		{"output in heads", []message{op("Identity", "q", "y")}, "[batch 3 16 1] is no vector"},
		{"axes", []message{op("Transpose", "s", "y", ints("perm", 0, 1, 1))}, "its perm is [0 1 1]"},
		{"few axes", []message{op("Transpose", "s", "y", ints("perm", 0))}, "its perm is [0]"},
		{"function of heads", []message{op("Relu", "q", "y")}, "[batch 3 16 1] is no vector"},
		{"no softmax", []message{op("MatMul", "q k", "z"), op("MatMul", "z q", "y")}, "with a softmax"},
		{"softmax over heads", []message{op("MatMul", "q k", "z"), op("Softmax", "z", "y", setInt("axis", 1))}, "over the keys"},
		{"late mask", []message{op("MatMul", "q k", "z"), op("Softmax", "z", "p"), op("Add", "p one", "y")}, "masks after the softmax"},
		{"mask of another size", []message{op("MatMul", "q k", "z"), op("Add", "z odd", "y")}, "do not fit"},
		{"mask of another number", []message{op("MatMul", "q k", "z"), op("Where", "odd z one", "y")}, "replaces scores of attention by 1"},
		{"mask of an activation", []message{op("MatMul", "q k", "z"), op("Where", "x z one", "y")}, "scores of attention and something else than a number"},
		{"mean of a mask", []message{op("ReduceMean", "s", "y", ints("axes", 2))}, "[batch 16 1] is no vector"},
		{"mean in a layer", []message{op("ReduceMean", "s", "u", ints("axes", 2)), op("Relu", "u", "y")}, "RMS norm only"},
		{"queries twice", []message{op("MatMul", "q q", "y")}, "as that of queries and keys only"},
		{"images", []message{op("MatMul", "x x", "y")}, "as that of queries and keys only"},
		{"part of pixels", []message{op("Slice", "r zero2 one2 two", "y")}, "of an axis of channels, pixels or steps only"},
		{"two tokens of another size", []message{op("Concat", "one one s", "y", setInt("axis", 1))}, "not one weight for each example"},
		{"part that is not there", []message{op("Gather", "s nine", "y", setInt("axis", 2))}, "of the 3 of an axis"},
		{"step that is not there", []message{op("Gather", "s ninety", "y", setInt("axis", 1))}, "step 99"},
		{"cut into more", []message{op("Split", "s three", "y", setInt("axis", 2))}, "1 outputs, and sizes for 3"},
		{"cut of nothing", []message{op("Split", "s zero2", "y", setInt("axis", 2))}, "it cuts an axis of 3 into [0]"},
		{"norm of images", []message{op("LayerNormalization", "x g b", "y")}, "over the numbers of vectors"},
		{"norm of steps", []message{op("LayerNormalization", "s g b", "y", setInt("axis", 1))}, "over the numbers of vectors"},
		{"tokens of numbers", []message{op("Gather", "w s", "y")}, "an input of integers"},
		{"long range", []message{op("Range", "nought far one", "i"), op("Gather", "w i", "y")}, "in steps of 1"},
	} {
		tensors := append([]message{three, integersOf("odd", 5, 9), integersOf("across", 0, 8, 6), integersOf("zero2", 0), integersOf("two", 2), integersOf("one2", 1), scalar("nine", 9), scalar("ninety", 99),
			scalar("nought", 0), scalar("far", 1<<40), scalar("one", 1)}, stepTensors...)
		switch err := readBytes(modelOf(steps(c.nodes...), tensors...)); {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.want)
		}
	}
}

func scalar(name string, x int64) message { return message(nil).int(2, 7).text(8, name).int(7, x) }

func portOf(name string, dims ...int64) message {
	var shape message
	for _, d := range dims {
		shape = shape.bytes(1, message(nil).int(1, d))
	}
	return message(nil).text(1, name).bytes(2, message(nil).bytes(1, message(nil).int(1, 1).bytes(2, shape)))
}

// modelOf is a model of opset 18 with an input x of 3×4×4 and an output y.
func modelOf(nodes []message, tensors ...message) message {
	return modelWith(portOf("x", 7, 3, 4, 4), nodes, tensors...)
}

// modelWith is modelOf with another input.
func modelWith(x message, nodes []message, tensors ...message) message {
	g := message(nil)
	for _, n := range nodes {
		g = g.bytes(1, n)
	}
	for _, t := range tensors {
		g = g.bytes(5, t)
	}
	g = g.bytes(11, x).bytes(12, portOf("y"))
	return message(nil).int(1, 8).bytes(7, g).bytes(8, message(nil).int(2, 18))
}

var imageInput = nn.Input{Shape: nn.Shape{C: 3, H: 4, W: 4}}

// readBytes is what a user does with a file of the given bytes: reading it, and writing it back.
func readBytes(b []byte) error {
	_, _ = parseFor(b, "output:y") // does not panic
	f, err := parse(b)
	if err != nil {
		return err
	}
	n, err := f.Network(imageInput)
	if err != nil {
		return err
	}
	if _, err := n.Weights(); err != nil {
		return err
	}
	sizes := map[string]int{}
	for _, p := range n.Params() {
		sizes[p.Name] = p.Size()
	}
	return n.Save(io.Discard, func(name string) ([]float32, bool) { size, ok := sizes[name]; return make([]float32, size), ok })
}

func onFlat(in ...message) []message {
	return append(in, op("Flatten", "x", "flat"), op("Gemm", "flat w", "y", message(nil).text(1, "transB").int(3, 1)))
}

// What is wrong with a file is said in one error, with the node.
func TestBadFiles(t *testing.T) {
	good := modelOf(onFlat(), weights("w", 5, 48))
	if err := readBytes(good); err != nil {
		t.Fatal(err)
	}
	external := message(nil).int(1, 5).int(1, 48).int(2, 1).text(8, "w").int(14, 1)
	outside := external.bytes(13, message(nil).text(1, "location").text(2, "../secret"))
	far := external.bytes(13, message(nil).text(1, "location").text(2, "golden_test.go")).bytes(13, message(nil).text(1, "offset").text(2, "1000000000"))
	for _, c := range []struct {
		name  string
		model message
		want  string
	}{
		{"empty", nil, "holds no graph"},
		{"text", message("<html><body>not found</body></html>"), "no protobuf"},
		{"truncated", good[:len(good)-30], "cut off"},
		{"unknown operator", modelOf([]message{op("Einsum", "x", "h"), op("Foo", "h", "y"), op("Foo", "x", "unused")}), `Einsum at node "the einsum", Foo at node "the foo"`},
		{"other domain", modelOf([]message{op("Relu", "x", "y").text(7, "com.example")}), "com.example.Relu"},
		{"missing input", modelOf([]message{op("Relu", "z", "y")}), `reads "z", which nothing makes`},
		{"cycle", modelOf([]message{op("Add", "x b", "a"), op("Relu", "a", "b"), op("Relu", "b", "y")}), "cycle"},
		{"itself", modelOf([]message{op("Add", "x y", "y")}), "cycle"},
		{"twice", modelOf([]message{op("Relu", "x", "y"), op("Tanh", "x", "y")}), "there before"},
		{"no output", modelOf([]message{op("Relu", "x", "z")}), `no node makes its output "y"`},
		{"no weights", modelOf([]message{op("Flatten", "x", "y")}), "no weights"},
		{"image as output", modelOf([]message{op("Conv", "x w", "y")}, weights("w", 2, 3, 1, 1)), "outputs are vectors"},
		{"shape of a weight", modelOf(onFlat(), weights("w", 5, 47)), `its weight "w" has the shape [5 47], and [* 48] is wanted`},
		{"window", modelOf([]message{op("Conv", "x w", "h"), op("Flatten", "h", "y")}, weights("w", 2, 3, 9, 9)), "does not fit"},
		{"stride", modelOf([]message{op("MaxPool", "x", "y", ints("kernel_shape", 2, 2), ints("strides", 0, 0))}), "strides [0 0]"},
		{"groups", modelOf([]message{op("Conv", "x w", "y", message(nil).text(1, "group").int(3, 2))}, weights("w", 3, 1, 1, 1)), "groups"},
		{"sum", modelOf(onFlat(op("Conv", "x w2", "h"), op("Add", "x h", "s")), weights("w", 5, 48), weights("w2", 2, 3, 1, 1)), ""},
		{"sum of shapes", modelOf([]message{op("Conv", "x w", "h"), op("Add", "x h", "y")}, weights("w", 2, 3, 1, 1)), "[batch 3 4 4] and [batch 2 4 4]"},
		{"overflow", modelOf(onFlat(), message(nil).int(1, 1<<40).int(1, 1<<40).int(2, 1).text(8, "w")), "too many numbers"},
		{"negative", modelOf(onFlat(), message(nil).int(1, -5).int(2, 1).text(8, "w")), "less than none"},
		{"kind", modelOf(onFlat(), message(nil).int(1, 1).int(2, 8).text(8, "w")), "type 8"},
		{"numbers", modelOf(onFlat(), message(nil).int(1, 5).int(1, 48).int(2, 1).text(8, "w").bytes(9, make([]byte, 8))), "damaged"},
		{"outside", modelOf(onFlat(), outside), `"../secret", which is no file in the folder`},
		{"far", modelOf(onFlat(), far), "ends before the numbers"},
		{"reshape", modelOf([]message{op("Reshape", "x s", "y")}, integersOf("s", 5, -1)), "another number of elements"},
		{"reshape to nothing", modelOf([]message{op("Reshape", "x s", "y")}, integersOf("s", 0, -1, -1)), "another number"},
	} {
		switch err := readBytes(c.model); {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.want)
		}
	}
}

func integersOf(name string, x ...int64) message {
	m := message(nil).int(1, int64(len(x))).int(2, 7).text(8, name)
	for _, v := range x {
		m = m.int(7, v)
	}
	return m
}

// A graph that was exported for some number of examples serves for any, and so does one that computes
// shapes.
func TestBatch(t *testing.T) {
	nodes := []message{op("Shape", "x", "s"), op("Gather", "s zero", "n"), op("Unsqueeze", "n axes", "n1"), op("Concat", "n1 rest", "to", message(nil).text(1, "axis").int(3, 0)),
		op("Reshape", "x to", "flat"), op("MatMul", "flat w", "product"), op("Add", "b product", "y")}
	computed := modelOf(nodes, weights("w", 48, 5), weights("b", 5), message(nil).int(2, 7).text(8, "zero").int(7, 0), integersOf("axes", 0), integersOf("rest", -1))
	fixed := modelOf([]message{op("Reshape", "x to", "flat"), op("MatMul", "flat w", "y")}, weights("w", 48, 5), integersOf("to", 7, 48))
	for _, b := range []message{computed, fixed} {
		if err := readBytes(b); err != nil {
			t.Error(err)
		}
	}
}

// Operators that are not supported are no matter if the output does not depend on them.
func TestUnusedNodes(t *testing.T) {
	if err := readBytes(modelOf(onFlat(op("Einsum", "x", "e")), weights("w", 5, 48))); err != nil {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.onnx")
	slices.Sort(files)
	for _, name := range files {
		if b, err := os.ReadFile(name); err == nil && len(b) < 1<<14 {
			f.Add(b)
		}
	}
	f.Add([]byte(modelOf(onFlat(), weights("w", 5, 48))))
	f.Add([]byte(noted([]string{"p_w: PARAMETER target='w'", "b_m: BUFFER target='m'"}, "w", []string{"m", "v"}, onFlat(), weights("w", 5, 48))))
	learned := []message{op("Reshape", "places square", "at"), op("Gather", "table at", "t"), op("Add", "t masks", "u"), op("Add", "z u", "s")}
	f.Add([]byte(modelOf(inWindows(learned...), windowTensors...)))
	shift := []message{lastChannels, op("Slice", "i one four axis", "lo"), op("Slice", "i nought one axis", "hi"), op("Concat", "lo hi", "r", setInt("axis", 1)),
		op("ReduceMean", "r", "m", ints("axes", 1, 2), setInt("keepdims", 0)), op("Gemm", "m w", "y")}
	f.Add([]byte(modelOf(shift, windowTensors...)))
	f.Fuzz(func(_ *testing.T, b []byte) { _ = readBytes(b) })
}
