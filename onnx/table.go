package onnx

import (
	"slices"

	"breakeven/nn"
)

// Biases of scores that are learned are a table, of which a graph picks a number for each head, query and key: it gathers rows and
// exchanges axes. What becomes of the numbers is computed with their places.

// rearranging are the operators whose results have the numbers of their first input, each in another place or several times.
var rearranging = []string{"Gather", "GatherND", "GatherElements", "Reshape", "Transpose", "Unsqueeze", "Squeeze", "Identity", "Slice", "Expand", "Flatten"}

// picking computes a node that picks numbers of a weight, or puts those that others picked in other places; nil: it is no such node.
func (b *builder) picking(n *node, in []*tensor) *tensor {
	w := in[0]
	if w == nil || !slices.Contains(rearranging, n.op) || w.count() > small {
		return nil
	}
	if picked := w.source != nil || w.of != nil; !picked && (!weightly(w) && w.flip == nil || n.op != "Gather" && n.op != "GatherND") {
		return nil
	}
	source, numbers := w.numbers()
	args := []*array{{kind: int64s, dims: w.dims, ints: numbers}}
	for _, t := range in[1:] {
		var a *array
		if t != nil {
			a = b.array(t)
		}
		args = append(args, a)
	}
	if w.plus != nil {
		failf("it reads numbers of %q plus a constant, which is supported for scores of attention only", source.name)
	}
	out := b.compute(n, args)
	return &tensor{name: n.out[0], kind: w.kind, dims: out.dims, made: true, source: source, places: out.ints}
}

// numbers returns the weight that a tensor has its numbers from, which may be itself, and where that has them.
func (t *tensor) numbers() (of *tensor, at []int64) {
	if t.source != nil {
		return t.source, t.places
	}
	at = make([]int64, t.count())
	for i := range at {
		at[i] = int64(i)
	}
	switch {
	case t.flip != nil:
		rows, cols := t.dims[0], t.dims[1]
		for i := range at {
			at[i] = int64(i)%cols*rows + int64(i)/cols
		}
		return t.flip, at
	case t.of == nil:
		return t, at
	}
	for i := range at {
		if width := int(t.dims[len(t.dims)-1]); t.at != nil {
			at[i] = int64(t.at[i/width])*int64(width) + int64(i%width)
		}
	}
	return t.of, at
}

// withTable adds numbers that are picked from a weight to scores, the same for all examples.
func (b *builder) withTable(a *activation, t *tensor) value {
	s := *a.scores
	if s.soft || s.table != nil {
		failf("biases that are learned are supported before the softmax of attention, from one weight")
	}
	rows, cols := s.square()
	dims := []int64{sizeOf(heads(s.lead)), rows, cols}
	index := &array{kind: int64s, dims: t.dims, ints: t.places}
	for len(index.dims) > 3 && index.dims[0] == 1 {
		index = index.shaped(index.dims[1:])
	}
	if len(index.dims) > 3 || !slices.Equal(common(index.dims, dims), dims) {
		failf("its bias, picked from the weight %q, has the shape %s, which does not fit scores of %d heads, %d queries and %d keys", t.source.name, sized(t.dims), dims[0], rows, cols)
	}
	s.table, s.places = t.source, nil
	for _, at := range index.expanded(dims).ints {
		s.places = append(s.places, int32(at))
	}
	s.places = b.samePlaces(s.places)
	sum := &activation{scores: &s}
	if t.plus != nil {
		return b.withBias(sum, *t.plus)
	}
	return value{activation: sum}
}

// tableOf returns which input of a sum is picked from a weight, if the other one is a constant, too, or deferred; −1: it is no such sum.
func (b *builder) tableOf(n *node) int {
	if n.op != "Add" || !n.has(0) || !n.has(1) {
		return -1
	}
	x, y := b.values[n.in[0]], b.values[n.in[1]]
	for k, pair := range [][2]value{{x, y}, {y, x}} {
		if t, other := pair[0].constant, pair[1]; t != nil && t.source != nil && t.plus == nil && other.activation == nil && (other.constant != nil || other.deferred != nil) {
			return k
		}
	}
	return -1
}

// tablePlus is the sum of numbers that are picked from a weight, input k, and a constant: a mask that is added to biases.
func (b *builder) tablePlus(n *node, k int) value {
	t, other := *b.values[n.in[k]].constant, b.values[n.in[1-k]]
	b.pinned[n.in[1-k]] = true
	t.name, t.plus = n.out[0], &other
	return value{constant: &t}
}

// attend adds an operation of attention, with the table of its scores.
func (b *builder) attend(n *node, s *scores, op nn.Attention, in ...nn.Node) nn.Node {
	if s.table == nil {
		return b.add(n, op, in...)
	}
	w := s.table
	if of := w.whole(); of != nil { // w is it in another shape
		w = of
	}
	op.Places = s.places
	for _, d := range w.dims {
		op.Table = append(op.Table, int(d))
	}
	return b.addRows(n, w, op, in...)
}

// samePlaces returns places that a layer before has, too, if they are the same.
func (b *builder) samePlaces(places []int32) []int32 {
	for _, other := range b.relative {
		if slices.Equal(other, places) {
			return other
		}
	}
	if b.placed += int64(len(places)); b.placed > mostSteps {
		failf("the biases that are learned of all scores have more than %d places", mostSteps)
	}
	b.relative = append(b.relative, places)
	return places
}
