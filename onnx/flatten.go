package onnx

import "breakeven/nn"

// flat returns an activation as a vector.
func (b *builder) flat(n *node, x *activation) value {
	s := x.shape()
	switch {
	case x.view != nil || x.scores != nil:
	case s.T == 0 && s.H*s.W == 1:
		return b.renamed("C", x)
	case x.axes == "TC":
		b.along = n.String()
		x = on("CHW", b.add(&node{name: n.path() + ".pixels"}, nn.Raster{C: 1, H: s.T, W: s.C}, b.whole(x))).activation
	}
	if g := b.gridOf(n, x); g != nil {
		return on("C", b.add(n, nn.Flatten{}, b.whole(g)))
	}
	if x.view != nil && x.moment == nil {
		if l, ok := b.layoutOf(x).reshaped([]int64{batchSize, product(x.dims()) / batchSize}); ok {
			return b.settled(n, l)
		}
	}
	failf("the shape %s cannot be made one vector for each example", sized(x.dims()))
	return value{}
}

func flatten(b *builder, n *node) value {
	if b.input(n, 0).constant != nil {
		return b.fold(n)
	}
	x := b.reads(n, 0)
	if axis := n.int("axis", 1); axis != 1 && axis != 1-int64(len(x.dims())) {
		failf("it is supported from axis 1 on")
	}
	return b.flat(n, x)
}
