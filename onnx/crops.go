package onnx

import "breakeven/nn"

// placed returns an image of h×w pixels of another one: the one in row r and column c is that at place(r, c), or a zero if one of these is negative.
func (b *builder) placed(n *node, x nn.Node, h, w int, place func(r, c int) (int, int)) nn.Node {
	b.checkPixels(x.Shape().C, h, w)
	op := nn.Windows{H: h, W: w}
	for o := range h * w {
		at := -1
		if r, c := place(o/w, o%w); r >= 0 && c >= 0 {
			at = r*x.Shape().W + c
		}
		op.Read = append(op.Read, nn.Window{at})
	}
	return b.add(n, op, x)
}

// cropped returns every step-th row or column lo … hi−1 of an image.
func (b *builder) cropped(n *node, x nn.Node, axis byte, lo, hi, step int) nn.Node {
	s, size := x.Shape(), (hi-lo+step-1)/step
	if axis == 'H' {
		return b.placed(n, x, size, s.W, func(r, c int) (int, int) { return lo + r*step, c })
	}
	return b.placed(n, x, s.H, size, func(r, c int) (int, int) { return r, lo + c*step })
}
