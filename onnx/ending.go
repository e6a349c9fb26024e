package onnx

import "fmt"

// endings are the operators that a loss makes itself: a network ends with the numbers before them.
var endings = map[string]struct{ op, left string }{
	"cross-entropy":        {"Softmax", "softmax"},
	"next-token":           {"Softmax", "softmax"},
	"binary-cross-entropy": {"Sigmoid", "sigmoid"},
}

// end makes the output the one that a loss reads. If the loss makes the operator before the output itself, that is
// the number before it.
func (f *File) end(loss string) {
	e, ok := endings[loss]
	last := f.last()
	if !ok || last == nil || last.op != e.op || len(last.in) == 0 || !f.overChannels(last) {
		return
	}
	f.ends(last.in[0])
	f.notes = append(f.notes, fmt.Sprintf("the %s before the output is left out: the loss %s makes it itself", e.left, loss))
}

// classesOfSteps returns an output [examples, classes, steps], which PyTorch's cross-entropy compares with labels [examples, steps], as the sequence
// [examples, steps, classes] that it is here; any other one as it is.
func (b *builder) classesOfSteps(v value) value {
	if !b.file.labelled || v.scores != nil || v.laid != nil || v.turn != nil || v.moment != nil {
		return v
	}
	if order := v.order(); order != "CT" && (order != "CW" || v.shape().W == 1) {
		return v
	}
	b.note(fmt.Sprintf("the output of shape %s has the classes before the steps: it is compared with a label for each step", sized(v.dims())))
	l := b.layoutOf(v.activation)
	return b.settled(&node{name: "steps"}, l.with([][]piece{l.axes[0], l.axes[2], l.axes[1]}))
}

// last returns the node that makes the first output under this or another name; nil: none does.
func (f *File) last() *node {
	name := f.graph.outputs[0].name
	for i := len(f.graph.nodes) - 1; i >= 0; i-- {
		n := f.graph.nodes[i]
		if n.main() != name || len(n.in) == 0 {
			continue
		}
		if n.op != "Identity" {
			return n
		}
		name = n.in[0]
	}
	return nil
}

// overChannels reports whether a node is over the last axis of the output, as far as its shape is known.
func (f *File) overChannels(n *node) bool {
	axis, out := n.int("axis", -1), f.graph.outputs[0]
	return n.op == "Sigmoid" || axis == -1 || axis == 1 && (!out.rank || len(out.dims) == 2)
}

// ends makes a value of the graph the first output.
func (f *File) ends(name string) {
	g := *f.graph
	g.outputs = append([]port{{name: name}}, g.outputs[1:]...)
	f.graph = &g
}
