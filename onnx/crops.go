package onnx

import "breakeven/nn"

// pixelsAt returns an image of h×w pixels of another one: the one in row r and column c is that at place(r, c), or a zero if one of these is negative.
func (b *builder) pixelsAt(n *node, x nn.Node, h, w int, place func(r, c int) (int, int)) nn.Node {
	b.checkPixels(x.Shape().C, h, w)
	n = &node{name: n.path() + ".pixels"} // its name may be that of a convolution's weights
	pixels, read := make(nn.Window, h*w), make([]nn.Window, h*w)
	for o := range pixels {
		pixels[o] = -1
		if r, c := place(o/w, o%w); r >= 0 && c >= 0 {
			pixels[o] = r*x.Shape().W + c
		}
		read[o] = pixels[o : o+1]
	}
	return b.add(n, nn.Windows{H: h, W: w, Read: read}, x)
}

// joinedPixels joins images along height or width: it is the sum of all of them, each with zeros where the others are.
func (b *builder) joinedPixels(n *node, first *activation, axis byte) value {
	var all []nn.Node
	f, h, w := first.shape(), 0, 0
	for k := range n.in {
		x := b.reads(n, k)
		s := x.shape()
		if axis == 'H' {
			h, w, s.H = h+s.H, s.W, f.H
		} else {
			h, w, s.W = s.H, w+s.W, f.W
		}
		if s != f || x.axes != first.axes || x.view != nil {
			failf("the shapes %s and %s cannot be joined", sized(first.dims()), sized(x.dims()))
		}
		all = append(all, b.whole(x))
	}
	var sum nn.Node
	top, left, inside := 0, 0, paddings["constant"]
	for k, x := range all {
		s, t, l := x.Shape(), top, left
		own := b.pixelsAt(n, x, h, w, func(r, c int) (int, int) { return inside(r-t, s.H), inside(c-l, s.W) })
		if axis == 'H' {
			top += s.H
		} else {
			left += s.W
		}
		if k == 0 {
			sum = own
		} else {
			sum = b.add(&node{name: n.path() + ".joined"}, nn.Residual{}, sum, own)
		}
	}
	return on(first.axes, sum)
}

// cropped returns every step-th row or column lo … hi−1 of an image.
func (b *builder) cropped(n *node, x nn.Node, axis byte, lo, hi, step int) nn.Node {
	s, size := x.Shape(), (hi-lo+step-1)/step
	if axis == 'H' {
		return b.pixelsAt(n, x, size, s.W, func(r, c int) (int, int) { return lo + r*step, c })
	}
	return b.pixelsAt(n, x, s.H, size, func(r, c int) (int, int) { return r, lo + c*step })
}
