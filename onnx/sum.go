package onnx

import "breakeven/nn"

// sum is the sum of two activations, or a layer with its bias.
func sum(b *builder, n *node) value {
	if v, ok := b.normal(n); ok {
		return v
	}
	if v, ok := b.responding(n); ok {
		return v
	}
	if k := b.tableOf(n); k >= 0 {
		return b.tablePlus(n, k)
	}
	x, y := b.raw(n, 0), b.raw(n, 1)
	if x.activation != nil && x.scores != nil && y.activation == nil {
		return b.withBias(x.activation, y)
	}
	if y.activation != nil && y.scores != nil && x.activation == nil {
		return b.withBias(y.activation, x)
	}
	x, y = b.input(n, 0), b.input(n, 1)
	if x.constant != nil && y.constant != nil {
		return b.fold(n)
	}
	if x.constant != nil {
		x, y = y, x
	}
	if y.constant == nil && (x.turn != nil || y.turn != nil) {
		return b.turnedPlus(n, x.activation, y.activation)
	}
	x.activation = b.viewed(n, x.activation)
	if y.constant == nil {
		x.activation, y.activation = b.alike(n, x.activation, y.activation)
		if (x.formula != nil || y.formula != nil) && sourceOf(x.activation) == sourceOf(y.activation) && equal(x.activation, y.activation) {
			return twoOf(b, n)
		}
		if !equal(x.activation, y.activation) {
			failf("the sum of the shapes %s and %s is not supported", sized(x.dims()), sized(y.dims()))
		}
		return x.onView(b.add(n, nn.Residual{}, b.closed(x.activation), b.closed(y.activation)))
	}
	l, bias := x.open, y.constant
	if v, ok := b.places(n, x.activation, bias); ok {
		return v
	}
	if bias.count() == 1 && (l == nil || l.units != 1) {
		return twoOf(b, n)
	}
	if l == nil || !alongChannels(bias.dims, x.order(), l.units) || b.uses[l.node.out[0]] > 1 {
		if b.alongAll(n, bias, x.activation) {
			return b.channelwise(n, bias, x.activation, false)
		}
		failf("the sum with the constant %q of shape %v is supported only as the bias of a layer just before", bias.name, bias.dims)
	}
	if len(bias.dims) != 1 {
		flat := *bias
		flat.dims = []int64{l.units}
		bias = &flat
	}
	return x.onView(b.close(l, bias))
}

// sourceOf returns the operation that an activation is a function of: itself if it is no formula.
func sourceOf(a *activation) nn.Node {
	switch {
	case a.formula != nil:
		return a.formula.of
	case a.open == nil && len(a.parts) == 1:
		return a.parts[0]
	}
	return nn.Node{}
}

// alongChannels reports whether a constant of some shape has one number for each channel.
func alongChannels(dims []int64, axes string, channels int64) bool {
	shape := "N" + axes
	if len(dims) > len(shape) {
		return false
	}
	shape = shape[len(shape)-len(dims):]
	found := false
	for i, d := range dims {
		switch {
		case shape[i] == 'C' && d == channels:
			found = true
		case d != 1:
			return false
		}
	}
	return found
}
