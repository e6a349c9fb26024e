package onnx

import "breakeven/nn"

// alongAll reports whether a constant has a number for each channel of an activation.
func (b *builder) alongAll(n *node, c *tensor, a *activation) bool {
	if c == nil || a == nil || c.count() < 2 || c.kind.integer() || c.of != nil || c.flip != nil {
		return false
	}
	a = b.viewed(n, a)
	return a.laid == nil && a.scores == nil && alongChannels(c.dims, a.order(), int64(a.shape().C))
}

// channelwise is a sum, difference, product or quotient of an activation and a constant with a number for each channel, which
// comes first if turned: what normalises images inside a network, for instance.
func (b *builder) channelwise(n *node, c *tensor, x *activation, turned bool) value {
	x = b.viewed(n, x)
	op := nn.Op(nn.LayerScale{})
	switch {
	case n.op == "Add":
		op = nn.Scaled{Scale: 1, BiasScale: 1}
	case n.op == "Sub" && turned:
		op = nn.Scaled{Scale: -1, BiasScale: 1}
	case n.op == "Sub":
		op = nn.Scaled{Scale: 1, BiasScale: -1}
	case n.op == "Div" && turned:
		x = b.then(n, x, jet.inverse).activation
	case n.op == "Div":
		c = b.reciprocal(n, c)
	}
	if c.made || c.inline {
		own := *c
		own.name = b.free(n.path() + ".constant")
		c = &own
	}
	return b.withChannels(n, c, op, x)
}

// withChannels is an operation whose parameter is a constant with a number for each channel, or one for all of them.
func (b *builder) withChannels(n *node, c *tensor, op nn.Op, x *activation) value {
	if c.count() > 1 || x.shape().C == 1 {
		return x.onView(b.addRows(n, c, op, b.closed(x)))
	}
	if of := c.whole(); of != nil { // c is it in another shape
		c = of
	}
	name, ok := b.owner[c]
	if !ok {
		name = b.addTensor(n, c, nn.Param{Name: weightName, Shape: []int{1}, Fill: 1})
	}
	in := b.closed(x)
	own := op.Params(in.Shape())[0]
	path := b.free(n.path())
	view := path + ".channels"
	b.net.AddView(view, own.Shape, name, make([]int32, own.Size()))
	return x.onView(b.net.AddSharing(path, op, map[string]string{own.Name: view}, in))
}

// learnedNumber reports whether a constant of one number is a parameter, as far as the exporter says that, and an activation one that
// it can be added to or multiplied with.
func (b *builder) learnedNumber(n *node, c *tensor, a *activation) bool {
	if n.op == "Pow" || n.op == "Div" || c == nil || a == nil || c.count() != 1 || !weightly(c) || c.of != nil {
		return false
	}
	if c.role != parameterRole && !(b.file.older() && dotted.MatchString(c.name)) {
		return false
	}
	a = b.viewed(n, a)
	return a.laid == nil && a.scores == nil && a.moment == nil && a.pooled == nil && a.shape().C <= mostSpread
}

// mostSpread is how many channels may share one number.
const mostSpread = 1 << 15

// reciprocal returns the constant 1/c.
func (b *builder) reciprocal(n *node, c *tensor) *tensor {
	if c.role == parameterRole {
		failf("it divides by the parameter %q: supported are divisions by constants, and products with parameters", c.name)
	}
	x := b.floats(c)
	inverse := make([]float64, len(x))
	for i, v := range x {
		inverse[i] = 1 / v
	}
	return reals("", c.dims, inverse)
}
