package onnx

import "breakeven/nn"

// ceils reports whether a pooling rounds its size up.
func (n *node) ceils() bool { return n.int("ceil_mode", 0) != 0 }

// fitsFloor fails if a pooling rounds its size up and that makes a difference.
func (n *node) fitsFloor(x *activation, g window) {
	s := x.shape()
	if n.ceils() && (g.h.left(s.H) != 0 || g.w.left(s.W) != 0) {
		failf("ceil_mode is supported of square windows with the same padding on all sides, or if it makes no difference, and on %v it does", s)
	}
}

func maxPool(b *builder, n *node) value {
	x := b.image(n)
	g, s := n.window(x, n.ints("kernel_shape", nil)), x.shape()
	switch {
	case g.uniform() && g.even():
		return on(x.axes, b.add(n, nn.MaxPool{K: g.h.k, Stride: g.h.stride, Pad: g.h.before, Ceil: n.ceils()}, b.whole(x)))
	case g.h.covers(s.H) && g.w.covers(s.W):
		return on(x.axes, b.maxPixels(n, x))
	}
	failf("its window is %d×%d with strides %d and %d, dilations %d and %d, and the padding %d and %d above and below, %d and %d at the sides: maxima are supported of square windows with the same of each in both directions, and of all pixels",
		g.h.k, g.w.k, g.h.stride, g.w.stride, g.h.dilation, g.w.dilation, g.h.before, g.h.after, g.w.before, g.w.after)
	return value{}
}

// averagePool is a mean over windows. The padding counts if count_include_pad says so.
func averagePool(b *builder, n *node) value {
	x := b.image(n)
	g, inside := n.window(x, n.ints("kernel_shape", nil)), n.int("count_include_pad", 0) == 0
	switch one := (span{k: 1, stride: 1, dilation: 1}); {
	case g == window{one, one}:
		return value{activation: x}
	case g.uniform() && g.even() && 2*g.h.before <= g.h.k:
		return on(x.axes, b.add(n, nn.AvgPool{K: g.h.k, Stride: g.h.stride, Pad: g.h.before, Inside: inside, Ceil: n.ceils()}, b.whole(x)))
	}
	n.fitsFloor(x, g)
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
	a, list := b.reads(n, 0), []int64{}
	for k := 2; k < len(a.dims()); k++ {
		list = append(list, int64(k))
	}
	if v, ok := b.meanOfSteps(n, a, list, true); ok {
		return v
	}
	x := b.image(n)
	return on(x.axes, b.add(n, nn.AvgPool{}, b.whole(x)))
}

func globalMaxPool(b *builder, n *node) value {
	x := b.image(n)
	return on(x.axes, b.maxPixels(n, x))
}

// maxPixels is the maximum over all pixels of each channel.
func (b *builder) maxPixels(n *node, x *activation) nn.Node {
	steps := &node{name: n.path() + ".pixels"}
	return b.add(n, nn.MaxSteps{}, b.add(steps, nn.PixelSteps{}, b.whole(x)))
}

// image returns the first input of a node, which must be an image.
func (b *builder) image(n *node) *activation {
	x := b.reads(n, 0)
	if x.axes != "CHW" {
		failf("it is supported on images, and its input has the shape %s", sized(x.dims()))
	}
	return x
}
