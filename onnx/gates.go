package onnx

import (
	"slices"

	"breakeven/nn"
)

// combined is a difference, a product or a quotient of two activations that are not functions of the same one.
func (b *builder) combined(n *node, x, y *activation) value {
	switch n.op {
	case "Sub":
		if !equal(x, y) {
			failf("the difference of the shapes %s and %s is not supported", sized(x.dims()), sized(y.dims()))
		}
		minus := b.then(n, y, func(x jet) jet { return x.scaled(-1) })
		return x.onView(b.add(n, nn.Residual{}, b.closed(x), b.closed(minus.activation)))
	case "Div":
		y = b.then(n, y, jet.inverse).activation
	case "Mul":
		if isGate(x, y) {
			x, y = y, x
		}
	default:
		failf("it is not supported on two activations that are not functions of the same one")
	}
	if !equal(x, y) && !isGate(y, x) {
		failf("the product of the shapes %s and %s is not supported: they may be the same, or of an image and one number for each of its channels",
			sized(x.dims()), sized(y.dims()))
	}
	return x.onView(b.add(n, nn.Multiply{}, b.closed(x), b.closed(y)))
}

// isGate reports whether an activation has one number for each channel of an image, along the same axes.
func isGate(g, image *activation) bool {
	s := image.shape()
	if g.shape() != nn.Vec(s.C) || s.H*s.W == 1 || s.T > 0 {
		return false
	}
	axes := slices.Clone(image.pieces())
	for k, axis := range axes {
		axes[k] = slices.DeleteFunc(slices.Clone(axis), func(p piece) bool { return p.axis == 'H' || p.axis == 'W' })
	}
	return slices.EqualFunc(axes, g.pieces(), slices.Equal)
}

// pieces returns the axes of an activation that is no part of attention.
func (a *activation) pieces() [][]piece {
	if a.view != nil {
		return a.view
	}
	return axesOf(a.shape(), a.axes)
}
