package onnx

import (
	"math"

	"breakeven/nn"
)

// A moment is a part of layer norm as opsets before 17 write it, in nine nodes: the mean of each vector, its
// numbers without it, their squares, the mean of these, and so on to the normalised numbers.
type moment struct {
	stage  stage
	of     *activation // whose vectors are normalised
	node   nn.Node     // that makes them
	eps    float64
	last   *node   // of the graph
	weight *tensor // of normalised numbers; nil: none yet
}

// A stage says what has been computed.
type stage int

const (
	meanOf      stage = iota
	centred           // x − mean
	squared           // its square
	varianceOf        // the mean of the squares, and ε
	deviationOf       // its root
	inverseOf         // 1 over the root
	normalised
)

// narrow reports whether there is one number for each vector.
func (m *moment) narrow() bool {
	return m.stage == meanOf || m.stage == varianceOf || m.stage == deviationOf || m.stage == inverseOf
}

// then returns the moment at the next stage.
func (m *moment) then(n *node, next stage) (value, bool) {
	other := *m
	other.stage, other.last = next, n
	return value{activation: &activation{axes: m.of.axes, view: m.of.view, moment: &other}}, true
}

// momentOf returns the moment that an input of a node is, at a stage; nil: it is none.
func (b *builder) momentOf(n *node, k int, at stage) *moment {
	if !n.has(k) {
		return nil
	}
	v := b.raw(n, k)
	if v.activation == nil || v.moment == nil || v.moment.stage != at {
		return nil
	}
	return v.moment
}

// constantOf returns the number that an input is, NaN if it is something else.
func (b *builder) constantOf(n *node, k int) float64 {
	if !n.has(k) || b.raw(n, k).constant == nil || b.raw(n, k).constant.count() != 1 {
		return math.NaN()
	}
	return b.floats(b.raw(n, k).constant)[0]
}

// normal is a node of a layer norm in nine nodes; ok is false if it is none.
func (b *builder) normal(n *node) (v value, ok bool) {
	switch n.op {
	case "Sub":
		if m := b.momentOf(n, 1, meanOf); m != nil {
			x := b.raw(n, 0)
			if x.activation != nil && b.closed(b.viewed(n, x.activation)) == m.node {
				return m.then(n, centred)
			}
		}
	case "Pow":
		if m := b.momentOf(n, 0, centred); m != nil && b.constantOf(n, 1) == 2 {
			return m.then(n, squared)
		}
		if m := b.momentOf(n, 0, varianceOf); m != nil && b.constantOf(n, 1) == -0.5 {
			return m.then(n, inverseOf)
		}
	case "Sqrt":
		if m := b.momentOf(n, 0, varianceOf); m != nil {
			return m.then(n, deviationOf)
		}
	case "Reciprocal":
		if m := b.momentOf(n, 0, deviationOf); m != nil {
			return m.then(n, inverseOf)
		}
	case "Div":
		m, c := b.momentOf(n, 1, deviationOf), b.momentOf(n, 0, centred)
		switch {
		case m != nil && c != nil && c.node == m.node:
			return m.then(n, normalised)
		case m != nil && b.constantOf(n, 0) == 1:
			return m.then(n, inverseOf)
		}
	case "Mul":
		return b.normalTimes(n)
	case "Add":
		return b.normalPlus(n)
	}
	return v, false
}

// normalTimes is a product in a layer norm.
func (b *builder) normalTimes(n *node) (v value, ok bool) {
	for k := range 2 {
		c := b.momentOf(n, k, centred)
		if other := b.momentOf(n, 1-k, centred); c != nil && other != nil && c.node == other.node {
			return c.then(n, squared)
		}
		if m := b.momentOf(n, 1-k, inverseOf); c != nil && m != nil && c.node == m.node {
			return m.then(n, normalised)
		}
		m := b.momentOf(n, k, normalised)
		if m == nil || m.weight != nil || !n.has(1-k) {
			continue
		}
		if w := b.raw(n, 1-k).constant; w != nil && w.count() > 1 {
			v, _ := m.then(n, normalised)
			v.moment.weight = b.vector(w, m)
			return v, true
		}
	}
	return v, false
}

// normalPlus is a sum in a layer norm: ε, or the bias.
func (b *builder) normalPlus(n *node) (v value, ok bool) {
	for k := range 2 {
		eps := b.constantOf(n, 1-k)
		if m := b.momentOf(n, k, varianceOf); m != nil && m.eps == 0 && eps > 0 {
			v, _ := m.then(n, varianceOf)
			v.moment.eps = float64(float32(eps))
			return v, true
		}
		m := b.momentOf(n, k, normalised)
		if m == nil || m.weight == nil || !n.has(1-k) {
			continue
		}
		if w := b.raw(n, 1-k).constant; w != nil && w.count() > 1 {
			return m.of.onView(b.norm(n, m.eps, m.weight, b.vector(w, m), m.node)), true
		}
	}
	return v, false
}

// vector returns a constant as a weight with a number for each channel.
func (b *builder) vector(w *tensor, m *moment) *tensor {
	c := int64(m.node.Shape().C)
	if w.kind.integer() || !alongChannels(w.dims, m.of.order(), c) {
		failf("the weight %q of layer norm has the shape %v, and [%d] is wanted", w.name, w.dims, c)
	}
	if len(w.dims) == 1 {
		return w
	}
	flat := *w
	flat.dims = []int64{c}
	return &flat
}

// means are those of vectors over their numbers; ok is false if a ReduceMean is something else.
func (b *builder) means(n *node, x *activation, axes []byte, keep bool) (v value, ok bool) {
	if string(axes) != "C" || !keep || x.axes != "C" && x.axes != "TC" {
		return v, false
	}
	if x.moment != nil && x.moment.stage == squared {
		return x.moment.then(n, varianceOf)
	}
	m := &moment{of: x, node: b.closed(x)}
	return m.then(n, meanOf)
}
