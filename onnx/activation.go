package onnx

import (
	"fmt"
	"slices"

	"breakeven/nn"
)

// batchSize is what a batch counts for in computations with shapes: a prime, so that it is seen in
// every product that it is a factor of.
const batchSize = 1<<31 - 1

// An activation is what a node makes of the inputs of the network.
type activation struct {
	// axes are those of the graph's tensor behind that of the batch, of C (channels), H, W
	// (pixels) and T (steps).
	axes string
	// parts are several if the activation is their concatenation along the channels, which
	// nobody has needed as a whole yet.
	parts []nn.Node
	// open is a layer whose bias may come with the next node; parts are empty then, and so they are
	// for a formula, which may be a part of a longer one.
	open *layer
	*formula
	below  int    // upper bound of the integers of an input, exclusive
	tokens string // the input, if it holds integers
	// view says how the numbers of the operation stand in the graph's tensor, if it has its axes in another
	// order, or joined or cut.
	view [][]piece
	*moment
	// laid and scores are parts of attention, which are no operations yet.
	laid   *layout
	scores *scores
	turn   *turn   // a part of rotary embeddings
	pooled *pooled // a sequence that a mask weighs, or the sum or the maximum over its steps

	response *response // a part of global response normalization
}

// on returns an activation of one operation.
func on(axes string, x nn.Node) value {
	return value{activation: &activation{axes: axes, parts: []nn.Node{x}}}
}

// whole returns the operation that an activation is the output of.
func (b *builder) whole(a *activation) nn.Node {
	if a.pooled != nil {
		b.closed(a)
	}
	if a.view != nil {
		a.refuse()
	}
	return b.closed(a)
}

// refuse fails for a tensor whose axes are not those of an operation.
func (a *activation) refuse() {
	failf("its input of shape %s has axes in an order that is supported within attention only", sized(a.dims()))
}

// closed returns the operation whose numbers an activation has, in any order.
func (b *builder) closed(a *activation) nn.Node {
	if a.laid != nil || a.scores != nil || a.turn != nil {
		a.refuse()
	}
	if a.response != nil {
		a.response.refuse()
	}
	if m := a.moment; m != nil {
		if m.stage != normalised {
			failf("means and deviations of vectors are supported in layer norm and RMS norm only")
		}
		a.parts, a.moment = []nn.Node{b.norm(m.last, m, nil)}, nil
	}
	if a.pooled != nil {
		a.parts, a.pooled = []nn.Node{b.pool(a.pooled)}, nil
	}
	if a.open != nil {
		a.parts, a.open = []nn.Node{b.close(a.open, nil)}, nil
	}
	if a.formula != nil {
		a.parts, a.formula = []nn.Node{b.add(a.formula.node, a.formula.operation(), a.formula.of)}, nil
	}
	if len(a.parts) > 1 {
		a.parts = []nn.Node{b.net.Add(b.free("concat"), nn.Concat{}, a.parts...)}
	}
	return a.parts[0]
}

// settle makes operations of what is open, but not of parts.
func (b *builder) settle(a *activation) {
	if a.open != nil || a.formula != nil || a.moment != nil || a.pooled != nil {
		b.closed(a)
	}
}

// shape returns the shape of an example.
func (a *activation) shape() nn.Shape {
	if a.open != nil {
		return a.open.op.Out(a.open.in.Shape())
	}
	if a.formula != nil {
		return a.formula.of.Shape()
	}
	if a.moment != nil {
		return a.moment.node.Shape()
	}
	if a.pooled != nil {
		return a.pooled.shape()
	}
	if a.laid != nil {
		return a.laid.of.Shape()
	}
	if a.scores != nil {
		return a.scores.q.of.Shape()
	}
	if a.turn != nil {
		return a.turn.of.Shape()
	}
	if a.response != nil {
		return nn.Vec(a.response.of.Shape().C)
	}
	s := a.parts[0].Shape()
	for _, x := range a.parts[1:] {
		s.C += x.Shape().C
	}
	return s
}

// dims returns the shape of the graph's tensor, with batchSize for the batch.
func (a *activation) dims() []int64 {
	switch {
	case a.laid != nil:
		return a.laid.dims()
	case a.scores != nil:
		return a.scores.dims()
	case a.response != nil:
		return (&layout{axes: a.response.axes}).dims()
	case a.turn != nil:
		return append((&layout{axes: a.turn.lead}).dims(), a.turn.axes()...)
	case a.view != nil:
		dims := (&layout{axes: a.view}).dims()
		if a.moment != nil && a.moment.narrow() {
			dims[len(dims)-1] = 1
		}
		return dims
	}
	s, dims := a.shape(), []int64{batchSize}
	for _, axis := range a.axes {
		if axis == 'C' && a.moment != nil && a.moment.narrow() {
			s.C = 1
		}
		n := map[rune]int{'C': s.C, 'H': s.H, 'W': s.W, 'T': s.T}[axis]
		dims = append(dims, int64(n))
	}
	return dims
}

// axis returns the letter of an axis, counted from the last one if it is negative; 'N' is that
// of the batch.
func (a *activation) axis(k int64) byte {
	if a.laid != nil || a.scores != nil || a.turn != nil {
		a.refuse()
	}
	all := "N" + a.axes
	if a.view != nil {
		all = a.letters()
	}
	if k < 0 {
		k += int64(len(all))
	}
	if k < 0 || k >= int64(len(all)) {
		failf("axis %d of a tensor of %d dimensions", k, len(all))
	}
	return all[k]
}

// sized writes a shape of the graph.
func sized(dims []int64) string {
	var texts []any
	for _, d := range dims {
		if d > 0 && d%batchSize == 0 {
			texts = append(texts, "batch")
			if d /= batchSize; d == 1 {
				continue
			}
			texts[len(texts)-1] = fmt.Sprintf("%d·batch", d)
			continue
		}
		texts = append(texts, d)
	}
	return fmt.Sprint(texts)
}

// equal reports whether activations have the same shape, and their numbers the same order.
func equal(x, y *activation) bool {
	return slices.Equal(x.dims(), y.dims()) && slices.EqualFunc(x.view, y.view, slices.Equal)
}
