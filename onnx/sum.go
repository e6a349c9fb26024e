package onnx

import "breakeven/nn"

// sum is the sum of two activations, or a layer with its bias.
func sum(b *builder, n *node) value {
	x, y := b.input(n, 0), b.input(n, 1)
	if x.constant != nil && y.constant != nil {
		return b.fold(n)
	}
	if x.constant != nil {
		x, y = y, x
	}
	if y.constant == nil {
		if f := x.formula; f != nil && y.formula != nil && f.of == y.formula.of {
			return twoOf(b, n)
		}
		if !equal(x.activation, y.activation) {
			failf("the sum of the shapes %s and %s is not supported", sized(x.dims()), sized(y.dims()))
		}
		return on(x.axes, b.add(n, nn.Residual{}, b.whole(x.activation), b.whole(y.activation)))
	}
	l, bias := x.open, y.constant
	if x.scores != nil {
		return b.unmasked(n, x, bias)
	}
	if v, ok := b.places(n, x.activation, bias); ok {
		return v
	}
	if bias.count() == 1 && (l == nil || l.units != 1) {
		return twoOf(b, n)
	}
	if l == nil || !alongChannels(bias.dims, x.axes, l.units) || b.uses[l.node.out[0]] > 1 {
		failf("the sum with the constant %q of shape %v is supported only as the bias of a layer just before", bias.name, bias.dims)
	}
	if len(bias.dims) != 1 {
		flat := *bias
		flat.dims = []int64{l.units}
		bias = &flat
	}
	return on(x.axes, b.close(l, bias))
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
