package onnx

import "breakeven/nn"

// fitsFloor fails if a pooling rounds its size up and that makes a difference.
func (n *node) fitsFloor(x *activation, g window) {
	if n.int("ceil_mode", 0) == 0 {
		return
	}
	s := x.shape()
	if g.h.left(s.H) != 0 || g.w.left(s.W) != 0 {
		failf("ceil_mode is supported if it makes no difference, and on %v it does", s)
	}
}

func maxPool(b *builder, n *node) value {
	x := b.image(n)
	g := n.window(x, n.ints("kernel_shape", nil))
	n.fitsFloor(x, g)
	if !g.uniform() || !g.even() {
		failf("its window is %d×%d with strides %d and %d, dilations %d and %d, and the padding %d and %d above and below, %d and %d at the sides: maxima are supported of square windows with the same of each in both directions",
			g.h.k, g.w.k, g.h.stride, g.w.stride, g.h.dilation, g.w.dilation, g.h.before, g.h.after, g.w.before, g.w.after)
	}
	return on(x.axes, b.add(n, nn.MaxPool{K: g.h.k, Stride: g.h.stride, Pad: g.h.before}, b.whole(x)))
}

// averagePool is a mean over windows. The padding counts if count_include_pad says so.
func averagePool(b *builder, n *node) value {
	x := b.image(n)
	g, inside := n.window(x, n.ints("kernel_shape", nil)), n.int("count_include_pad", 0) == 0
	n.fitsFloor(x, g)
	switch one := (span{k: 1, stride: 1, dilation: 1}); {
	case g == window{one, one}:
		return value{activation: x}
	case g.uniform() && g.even() && 2*g.h.before <= g.h.k:
		return on(x.axes, b.add(n, nn.AvgPool{K: g.h.k, Stride: g.h.stride, Pad: g.h.before, Inside: inside}, b.whole(x)))
	}
	return on(x.axes, b.meansOf(n, x, g, inside))
}

// meansOf takes means over windows of any form.
func (b *builder) meansOf(n *node, x *activation, g window, inside bool) nn.Node {
	in := b.whole(x)
	b.checkPixels(1, g.h.out(in.Shape().H), g.w.out(in.Shape().W), g.h.k, g.w.k)
	h, w, read := g.lists(in.Shape())
	scale := make([]float32, len(read))
	for o, at := range read {
		count := 0
		for _, p := range at {
			if p >= 0 || !inside {
				count++
			}
		}
		scale[o] = 1 / float32(max(1, count))
	}
	return b.add(n, nn.Windows{H: h, W: w, Read: read, Scale: scale}, in)
}

func globalAveragePool(b *builder, n *node) value {
	x := b.image(n)
	return on(x.axes, b.add(n, nn.AvgPool{}, b.whole(x)))
}

// image returns the first input of a node, which must be an image.
func (b *builder) image(n *node) *activation {
	x := b.reads(n, 0)
	if x.axes != "CHW" {
		failf("it is supported on images, and its input has the shape %s", sized(x.dims()))
	}
	return x
}
