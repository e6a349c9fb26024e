package onnx

import (
	"slices"
	"strings"
	"testing"
)

// A softmax or sigmoid before the output is left out where the loss makes it, with a note, and only there.
func TestEndings(t *testing.T) {
	flat := op("Flatten", "x", "f")
	dense := op("Gemm", "f w", "z")
	for _, c := range []struct {
		name, loss string
		nodes      []message
		note, fail string
		sigmoids   int // operations of the network
	}{
		{"softmax", "cross-entropy", []message{flat, dense, op("Softmax", "z", "y")}, "the softmax before the output is left out: the loss cross-entropy", "", 0},
		{"softmax under another name", "cross-entropy", []message{flat, dense, op("Softmax", "z", "p"), op("Identity", "p", "y")}, "softmax", "", 0},
		{"softmax, squares", "mse", []message{flat, dense, op("Softmax", "z", "y")}, "", "with the loss cross-entropy", 0},
		{"sigmoid", "binary-cross-entropy", []message{flat, dense, op("Sigmoid", "z", "y")}, "the sigmoid before the output is left out: the loss binary-cross-entropy", "", 0},
		{"sigmoid, squares", "mse", []message{flat, dense, op("Sigmoid", "z", "y")}, "", "", 1},
		{"sigmoid before", "binary-cross-entropy", []message{flat, dense, op("Sigmoid", "z", "s"), op("Gemm", "s v", "y")}, "", "", 1},
		{"log odds", "binary-cross-entropy", []message{flat, op("Gemm", "f w", "y")}, "", "", 0},
	} {
		f, err := parseFor(modelOf(c.nodes, weights("w", 48, 3), weights("v", 3, 3)), c.loss)
		var n *Network
		if err == nil {
			n, err = f.Network(imageInput)
		}
		if c.fail != "" || err != nil {
			if err == nil || c.fail == "" || !strings.Contains(err.Error(), c.fail) {
				t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.fail)
			}
			continue
		}
		if has := strings.Join(n.Notes, "; "); c.note == "" && has != "" || !strings.Contains(has, c.note) {
			t.Errorf("%s: notes %q, want %q", c.name, has, c.note)
		}
		sigmoids := 0
		for _, live := range f.live {
			if live.op == "Sigmoid" {
				sigmoids++
			}
		}
		if sigmoids != c.sigmoids {
			t.Errorf("%s: %d sigmoids, want %d", c.name, sigmoids, c.sigmoids)
		}
	}
}

// Inputs that the output does not depend on are none of the network's.
func TestUnreadInputs(t *testing.T) {
	f, err := parse(modelOf([]message{op("Gemm", "x w", "y")}, weights("w", 3, 3)))
	if err != nil {
		t.Fatal(err)
	}
	f.inputs = append(f.inputs, port{name: "labels"})
	if f.forget(); !slices.ContainsFunc(f.inputs, func(p port) bool { return p.name == "x" }) || len(f.inputs) != 1 {
		t.Errorf("inputs %v", f.inputs)
	}
}

// What makes a loss another one than the mean over examples is refused, or said.
func TestLossesOfOtherForms(t *testing.T) {
	head := []message{op("Flatten", "x", "f"), op("Gemm", "f w", "z")}
	for _, c := range []struct {
		name  string
		nodes []message
		fail  string // of the error
		note  string
	}{
		{"squares", []message{op("Sub", "z t", "d"), op("Mul", "d d", "s"), op("ReduceMean", "s", "y")}, "", `the loss "y" is mse of the outputs "z", with the input "t" as targets`},
		{"bounded squares", []message{op("Sub", "z t", "d"), op("Clip", "d low high", "b"), op("Mul", "b b", "s"), op("ReduceMean", "s", "y")}, "", "is the mean or sum of a function of each output and its target"},
		{"squares, more of large targets", []message{op("Sub", "z t", "d"), op("Mul", "d d", "s"), op("Add", "s s", "u"), op("Greater", "t high", "g"), op("Where", "g u s", "e"), op("ReduceMean", "e", "y")}, "",
			"is the mean or sum of a function of each output and its target"},
		{"sum over examples", []message{op("Sub", "z t", "d"), op("Mul", "d d", "s"), op("ReduceSum", "s", "y")}, "", "it is summed over examples"},
		{"root", []message{op("Sub", "z t", "d"), op("Mul", "d d", "s"), op("ReduceMean", "s", "m"), op("Sqrt", "m", "y")}, "mixes the examples", ""},
		{"not reduced", []message{op("Sub", "z t", "d"), op("Mul", "d d", "y")}, "take their mean or sum", ""},
		{"without targets", []message{op("Mul", "z z", "s"), op("ReduceMean", "s", "y")}, "no mean or sum of a function of each output and its target", ""},
		{"other dimensions", []message{op("Squeeze", "z", "q"), op("Sub", "q t", "d"), op("Abs", "d", "a"), op("ReduceMean", "a", "y")}, "every example would be compared with every other", ""},
		{"two networks", []message{op("Gemm", "f v", "u"), op("Sub", "u t", "d"), op("Mul", "d z", "p"), op("ReduceMean", "p", "y")}, "several values of the network", ""},
		{"no class weights", []message{op("SoftmaxCrossEntropyLoss", "z t c", "y")}, "the weight of class 0 is 0", ""},
		{"class weights", []message{op("SoftmaxCrossEntropyLoss", "z t k", "y")}, "", "divided by the sum of the weights of the labels"},
		{"summed class weights", []message{op("SoftmaxCrossEntropyLoss", "z t k", "y", setText("reduction", "sum"))}, "", "it is summed over examples"},
		{"computed class weights", []message{op("Abs", "k", "a"), op("SoftmaxCrossEntropyLoss", "z t a", "y")}, "are no constant of the graph", ""},
		{"ignored", []message{op("SoftmaxCrossEntropyLoss", "z t", "y", setInt("ignore_index", -1))}, "", "the label -1 counts for nothing"},
		{"steps otherwise than examples", []message{op("Transpose", "z", "q", ints("perm", 0, 2, 1)), op("SoftmaxCrossEntropyLoss", "q t", "e", setText("reduction", "none")),
			op("ReduceSum", "e one", "s", setInt("keepdims", 0)), op("ReduceMean", "s", "y")}, "reduced over steps (sum) otherwise than over examples (mean)", ""},
		{"log-softmax over steps", []message{op("Transpose", "z", "q", ints("perm", 0, 2, 1)), op("LogSoftmax", "q", "l"), op("NegativeLogLikelihoodLoss", "l t", "y")}, "over axis -1", ""},
		{"weights of outputs", []message{op("Sub", "z t", "d"), op("Mul", "d k", "s"), op("Abs", "s", "a"), op("ReduceMean", "a", "y")}, "", "function of each output and its target"},
		{"weights of the network", []message{op("Mul", "z k", "u"), op("Sub", "u t", "d"), op("Mul", "d z", "p"), op("ReduceMean", "p", "y")}, "which may be a weight of the network", ""},
		{"two weights", []message{op("Sub", "z t", "d"), op("Mul", "d k", "s"), op("Mul", "s five", "u"), op("ReduceMean", "u", "y")}, "constants of 3 and of 5 numbers", ""},
		{"maximised", []message{op("SoftmaxCrossEntropyLoss", "z t", "e"), op("Neg", "e", "y")}, "would be maximised", ""},
		{"labels that are computed", []message{op("Abs", "t", "a"), op("SoftmaxCrossEntropyLoss", "z a", "y")}, "its labels come from Abs", ""},
		{"no log-softmax", []message{op("NegativeLogLikelihoodLoss", "z t", "y")}, "reads no log-softmax", ""},
	} {
		g := message(nil)
		for _, n := range append(head[:2:2], c.nodes...) {
			g = g.bytes(1, n)
		}
		for _, w := range []message{weights("w", 48, 3), weights("v", 48, 3), weights("c", 3), ones("k", 3), ones("five", 5), integersOf("one", 1), float32sOf("low", []float32{-10}), float32sOf("high", []float32{20})} {
			g = g.bytes(5, w)
		}
		g = g.bytes(11, portOf("x", 7, 3, 4, 4)).bytes(11, portOf("t", 7, 3)).bytes(12, portOf("y"))
		f, err := parseFor(message(nil).int(1, 8).bytes(7, g).bytes(8, message(nil).int(2, 18)), "output:y")
		switch {
		case c.fail != "" && (err == nil || !strings.Contains(err.Error(), c.fail)):
			t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.fail)
		case c.fail == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.fail == "":
			n, err := f.Network(imageInput)
			if err != nil || !strings.Contains(strings.Join(n.Notes, "; "), c.note) {
				t.Errorf("%s: notes %q, want %q (%v)", c.name, n.Notes, c.note, err)
			}
		}
	}
}
