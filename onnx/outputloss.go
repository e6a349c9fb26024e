package onnx

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/nn"
)

// OutputPrefix begins the name of a loss that is an output of the graph: output:NAME.
const OutputPrefix = "output:"

// An OutputLoss is a loss that a graph computes of its network's outputs and of targets, which are another
// input of it: the mean over examples of a loss of each.
type OutputLoss struct {
	Loss    nn.Loss
	Targets string // the graph's input that holds them
	Ignored int32  // the label that counts for nothing, beside nn.Ignored
	// Weights are those of labels, in a mean over examples that is divided by the sum of their weights: of a minibatch,
	// too. Nil means 1.
	Weights []float32
	outputs int // how many outputs the loss has constants for; 0: any number
}

// Weighted reports whether the loss has weights of labels.
func (l *OutputLoss) Weighted() bool {
	_, width := l.Loss.Targets(2)
	return l.Weights != nil || width == 0
}

// OutputLoss returns the loss of a file that was read for one of its outputs; nil: it was not.
func (f *File) OutputLoss() *OutputLoss { return f.loss }

// A lossReader finds what an output of a graph is as a loss.
type lossReader struct {
	file    *File
	makers  map[string]*node
	places  map[string]int // of nodes, by what they make
	inputs  map[string]port
	open    map[string]bool // values without targets that are parts of the loss, and not of the network
	leaves  []string        // values that the loss reads of the network
	labels  []string        // inputs that it reads
	logs    bool            // it has logarithms
	unlike  error           // it joins tensors of other dimensions
	outputs int             // how many outputs it has constants for; 0: none
}

// endInLoss makes the values that the named output is a loss of the output of the network.
func (f *File) endInLoss(name string) error {
	r := &lossReader{file: f, makers: map[string]*node{}, places: map[string]int{}, inputs: map[string]port{}, open: map[string]bool{}}
	for i, n := range f.graph.nodes {
		for _, out := range n.out {
			r.makers[out], r.places[out] = n, i
		}
	}
	initial := map[string]bool{}
	for _, t := range f.graph.tensors {
		initial[t.name] = true
	}
	for _, p := range f.graph.inputs {
		if !initial[p.name] {
			r.inputs[p.name] = p
		}
	}
	if !slices.ContainsFunc(f.graph.outputs, func(p port) bool { return p.name == name }) {
		var names []string
		for _, p := range f.graph.outputs {
			names = append(names, p.name)
		}
		return fmt.Errorf("it has no output %q for the loss; its outputs are %s", name, strings.Join(names, ", "))
	}
	err := attempt(func() { r.read(name) })
	if err != nil {
		return fmt.Errorf("its output %q is no loss that is supported: %w", name, err)
	}
	return nil
}

// attempt calls f and returns the error that it fails with.
func attempt(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			failed, ok := r.(fault)
			if !ok {
				panic(r)
			}
			err = failed.error
		}
	}()
	f()
	return nil
}

// read finds the loss, and where the network ends.
func (r *lossReader) read(name string) {
	by := reduction{scale: 1}
	root := r.peel(name, &by)
	if n := r.makers[root]; n != nil && n.has(0) && n.has(1) {
		switch n.op {
		case "SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss":
			r.entropy(name, n, by)
			return
		case "GatherElements":
			r.picked(name, n, by)
			return
		}
	}
	f := r.settle(root)
	by.order(r, f.rank)
	r.ofNumbers(name, f, by)
}

// found ends the network with a value, and keeps the loss.
func (r *lossReader) found(name, end string, l nn.Loss, examples string) {
	if len(r.labels) != 1 {
		failf("it reads %d inputs besides the network's output (%s), and one, of the targets, is supported", len(r.labels), strings.Join(r.labels, ", "))
	}
	f := r.file
	f.loss = &OutputLoss{Loss: l, Targets: r.labels[0], Ignored: nn.Ignored, outputs: r.outputs}
	what := l.Name() + " of the outputs"
	if l.Name() == OutputPrefix {
		what = "the mean or sum of a function of each output and its target, the outputs being"
	}
	how := map[string]string{"": "; what it gives for each example is averaged", "mean": "",
		"sum": "; it is summed over examples, and measured here is the mean: divide the graph's number by how many there are"}[examples]
	f.notes = append(f.notes, fmt.Sprintf("the loss %q is %s %q, with the input %q as targets%s", name, what, end, r.labels[0], how))
	f.ends(end)
}

// ofNumbers is a loss of each number and its target.
func (r *lossReader) ofNumbers(name string, f term, by reduction) {
	if by.row == "" {
		failf("it has a number for each output of an example: take their mean or sum")
	}
	end, g := r.leaves[0], f.at
	scaled := func(z jet, y float64, c int) jet { return g(z, y, c).scaled(by.scale) }
	if m := r.makers[end]; m != nil && m.op == "LogSoftmax" && m.has(0) {
		if !overClasses(m) || by.row != "sum" || r.outputs > 0 || !likelihood.is(scaled) {
			failf("of a log-softmax, only its sum with probabilities of classes is supported")
		}
		r.found(name, m.in[0], nn.CrossEntropy{}, by.examples)
		return
	}
	var l nn.Loss = outputLoss{scaled, by.row == "mean"}
	if by.row == "mean" && r.outputs == 0 {
		for _, k := range named {
			if k.is(scaled) {
				l = k.loss
			}
		}
	}
	r.found(name, end, l, by.examples)
}
