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
