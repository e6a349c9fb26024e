package onnx

import (
	"fmt"
	"math"
	"slices"

	"breakeven/nn"
)

// A classLoss is cross-entropy of logits with labels as a graph has it.
type classLoss struct {
	logits, labels string
	steps          bool // of sequences: logits are [examples, classes, steps], labels [examples, steps]
	scale          float64
	examples       string // how it is reduced over labels
	weights        []float64
	ignored        int64
}

// entropy is a loss of one node: cross-entropy with labels.
func (r *lossReader) entropy(name string, n *node, by reduction) {
	l := classLoss{logits: n.in[0], labels: n.in[1], ignored: int64(nn.Ignored), examples: n.text("reduction", "mean")}
	if n.has(2) {
		var ok bool
		if l.weights, ok = r.perOutput(n.in[2]); !ok {
			failf("the weights of classes of %v are no constant of the graph", n)
		}
	}
	if k, ok := n.attributes["ignore_index"]; ok {
		l.ignored = k.i
	}
	axis := int64(1)
	if n.op == "NegativeLogLikelihoodLoss" {
		m := r.logSoftmax(n, l.logits)
		l.logits, axis = m.in[0], m.int("axis", -1)
	}
	if r.sequence(&l); l.steps && axis != 1 {
		failf("the log-softmax that %v reads is over axis %d, and its classes are along axis 1", n, axis)
	}
	if l.examples == "none" {
		l.examples = r.overLabels(by, l.steps)
	}
	l.scale = by.scale
	r.classes(name, l)
}

// overLabels returns how losses of labels are reduced, over the steps of sequences as over examples.
func (r *lossReader) overLabels(by reduction, steps bool) string {
	rank := 1
	if steps {
		rank = 2
	}
	by.order(r, rank)
	if steps && by.row != by.examples {
		failf("it is reduced over steps (%s) otherwise than over examples (%s)", orNot(by.row), orNot(by.examples))
	}
	return by.examples
}

// orNot writes a reduction.
func orNot(how string) string {
	if how == "" {
		return "not"
	}
	return how
}

// sequence finds the labels' input, and the sequence of which logits are made, if they are: [examples, steps, classes]
// with the classes moved to axis 1 or, where the labels are reshaped too, with the steps of all examples one after the other.
func (r *lossReader) sequence(l *classLoss) {
	flat := false
	for n := r.makers[l.labels]; n != nil; n = r.makers[l.labels] {
		if !n.has(0) || !slices.Contains([]string{"Cast", "Identity", "Unsqueeze", "Squeeze", "Reshape"}, n.op) {
			failf("its labels come from %v: an input of the graph is supported", n)
		}
		flat = flat || n.op == "Reshape"
		l.labels = n.in[0]
	}
	for n := r.makers[l.logits]; n != nil && n.has(0); n = r.makers[l.logits] {
		l.steps = n.op == "Transpose" && slices.Equal(n.ints("perm", nil), []int64{0, 2, 1})
		if !l.steps && n.op != "Identity" && n.op != "Cast" && (n.op != "Reshape" || !flat) {
			return
		}
		flat = flat && n.op != "Reshape" // one before it is the network's
		if l.logits = n.in[0]; l.steps {
			return
		}
	}
}

// picked is the log-softmax at the label, negative.
func (r *lossReader) picked(name string, n *node, by reduction) {
	if axis := n.int("axis", 0); axis != 1 && axis != -1 {
		failf("%v picks along axis %d", n, axis)
	}
	by.order(r, 1)
	l := classLoss{logits: r.logSoftmax(n, n.in[0]).in[0], labels: n.in[1], scale: -by.scale, examples: by.examples, ignored: int64(nn.Ignored)}
	r.sequence(&l)
	r.classes(name, l)
}

// classes is cross-entropy of logits and labels.
func (r *lossReader) classes(name string, l classLoss) {
	if l.ignored != int64(int32(l.ignored)) {
		failf("it ignores the label %d, which is no 32-bit integer", l.ignored)
	}
	var loss nn.Loss = nn.CrossEntropy{}
	for c, w := range l.weights {
		if !(w >= 0) || math.IsInf(w, 0) || slices.Max(l.weights) == 0 {
			failf("the weight of class %d is %v: weights are 0 or more, and not all 0", c, w)
		}
	}
	if l.weights != nil && l.examples != "mean" {
		loss = weightedLoss{loss, l.weights}
	}
	r.labels = []string{l.labels}
	r.found(name, l.logits, times(loss, l.scale), l.examples)
	f := r.file
	if f.loss.Ignored = int32(l.ignored); f.loss.Ignored != nn.Ignored {
		f.notes = append(f.notes, fmt.Sprintf("the label %d counts for nothing in the loss %q", l.ignored, name))
	}
	if l.weights != nil && l.examples == "mean" {
		for _, w := range l.weights {
			f.loss.Weights = append(f.loss.Weights, float32(w))
		}
		f.notes = append(f.notes, fmt.Sprintf("the loss %q is divided by the sum of the weights of the labels, of each minibatch by that of its own; accuracy counts each label with its weight, too", name))
	}
}

// overClasses reports whether a node is over the second axis of [examples, classes].
func overClasses(n *node) bool { axis := n.int("axis", -1); return axis == 1 || axis == -1 }

// logSoftmax returns the log-softmax whose result a node reads under that name.
func (r *lossReader) logSoftmax(n *node, name string) *node {
	m := r.makers[name]
	if m == nil || m.op != "LogSoftmax" || !m.has(0) || !overClasses(m) {
		failf("%v reads no log-softmax over classes", n)
	}
	return m
}
