package onnx

import "breakeven/nn"

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

// isGate reports whether an activation has one number for each channel of an image or a signal.
func isGate(g, image *activation) bool {
	if !g.isGrid() || !image.isGrid() || g.axes != image.axes {
		return false
	}
	s := image.shape()
	return g.shape() == nn.Shape{C: s.C, H: 1, W: 1} && s.H*s.W > 1
}
