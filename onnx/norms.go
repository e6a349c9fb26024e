package onnx

import (
	"math"
	"slices"

	"breakeven/nn"
)

// A moment is a part of layer norm as opsets before 17 write it, in nine nodes: the mean of each vector, its
// numbers without it, their squares, the mean of these, and so on to the normalised numbers. RMS norm is the same
// without the first two.
type moment struct {
	stage  stage
	rms    bool        // nothing is subtracted
	of     *activation // whose vectors are normalised
	node   nn.Node     // that makes them
	group  int64       // how many of its channels are normalised together, as those of a head; 0: all
	groups int64       // of group norm: how many groups the channels are; 0: it is none
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
	if other.stage = next; m.groups == 0 {
		other.last = n // which the norm is named by
	}
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
		m := b.momentOf(n, 1, deviationOf)
		switch {
		case m != nil && b.normalises(n, 0, m):
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

// normalises reports whether input k is the numbers that a deviation divides: those without their mean or, of RMS norm,
// the vectors themselves.
func (b *builder) normalises(n *node, k int, m *moment) bool {
	if c := b.momentOf(n, k, centred); c != nil || !m.rms {
		return c != nil && !m.rms && c.node == m.node
	}
	x := b.raw(n, k).activation
	return x != nil && x.moment == nil && b.closed(b.viewed(n, x)) == m.node
}

// normalTimes is a product in a layer norm.
func (b *builder) normalTimes(n *node) (v value, ok bool) {
	for k := range 2 {
		c := b.momentOf(n, k, centred)
		if other := b.momentOf(n, 1-k, centred); c != nil && other != nil && c.node == other.node {
			return c.then(n, squared)
		}
		if m := b.momentOf(n, 1-k, inverseOf); m != nil && b.normalises(n, k, m) {
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
		if m := b.momentOf(n, k, varianceOf); m != nil && m.eps == 0 {
			if eps := b.constantOf(n, 1-k); eps > 0 {
				v, _ := m.then(n, varianceOf)
				v.moment.eps = float64(float32(eps))
				return v, true
			}
		}
		m := b.momentOf(n, k, normalised)
		if m == nil || m.weight == nil || m.rms || !n.has(1-k) {
			continue
		}
		if w := b.raw(n, 1-k).constant; w != nil && w.count() > 1 {
			return m.of.onView(b.norm(n, m, b.vector(w, m))), true
		}
	}
	return v, false
}

// vector returns a constant as a weight with a number for each channel.
func (b *builder) vector(w *tensor, m *moment) *tensor {
	c, order := m.width(), m.of.order()
	if m.group > 0 {
		order = order[:len(order)-1] + "C"
	}
	if w.kind.integer() || !alongChannels(w.dims, order, c) {
		failf("the weight %q of a norm has the shape %v, and [%d] is wanted", w.name, w.dims, c)
	}
	if of := w.whole(); of != nil && len(of.dims) == 1 { // w is it in another shape
		w = of
	}
	if len(w.dims) == 1 {
		return w
	}
	flat := *w
	flat.dims = []int64{c}
	return &flat
}

// means are those of vectors over their numbers, or of heads; ok is false if a ReduceMean is something else.
func (b *builder) means(n *node, x *activation, list []int64, keep bool) (v value, ok bool) {
	group, ok := b.normalisable(n, x, list)
	if !ok || !keep {
		return v, false
	}
	if x.moment != nil && x.moment.stage == squared {
		return x.moment.then(n, varianceOf)
	}
	if x.formula != nil && x.formula.squares != nil {
		of := x.formula.squares
		return (&moment{of: of, node: b.closed(of), group: group, rms: true}).then(n, varianceOf)
	}
	return (&moment{of: x, node: b.closed(x), group: group}).then(n, meanOf)
}

// wholeNorm is layer norm or RMS norm in one node: each vector is normalised over its numbers, or each head.
func wholeNorm(b *builder, n *node) value {
	x := b.inSteps(n, b.reads(n, 0))
	group, ok := b.normalisable(n, x, []int64{n.int("axis", -1)})
	if !ok || group == 0 && !x.endsInChannels() {
		failf("norms are supported over the numbers of vectors or heads, and its input has the shape %s", sized(x.dims()))
	}
	m := &moment{of: x, node: b.closed(x), group: group, eps: n.float("epsilon", 1e-5), rms: n.op == "RMSNormalization"}
	c, bias := m.width(), (*tensor)(nil)
	if !(m.eps >= 0) {
		failf("its epsilon is %v", m.eps)
	}
	m.weight = b.weight(n, 1, c)
	if n.has(2) && !m.rms {
		bias = b.weight(n, 2, c)
	}
	return x.onView(b.norm(n, m, bias))
}

// norm adds the norm that a moment has come to. A weight of ones or a bias of zeros that the graph computes is none.
func (b *builder) norm(n *node, m *moment, bias *tensor) nn.Node {
	if m.groups > 0 {
		return b.groupNorm(m, bias)
	}
	if bias != nil && b.unnamed(bias, 0) {
		bias = nil
	}
	plain := bias == nil && (m.weight == nil || b.unnamed(m.weight, 1))
	var op nn.Op = nn.LayerNorm{Eps: m.eps, Affine: !plain, NoBias: !plain && bias == nil, Group: int(m.group)}
	if m.rms {
		op = nn.RMSNorm{Eps: m.eps, NoWeight: plain, Group: int(m.group)}
	}
	if plain {
		return b.add(n, op, m.node)
	}
	tensors := map[string]source{weightName: {tensor: m.weight}}
	if bias != nil {
		tensors[biasName] = source{tensor: bias}
	}
	return b.addWith(n, op, tensors, m.node)
}

// unnamed reports whether a constant is no weight: the graph computes it, or has it in a node, and all of its
// numbers are the given one.
func (b *builder) unnamed(t *tensor, number float64) bool {
	if !t.made && !t.inline {
		return false
	}
	return !slices.ContainsFunc(b.floats(t), func(x float64) bool { return x != number })
}
