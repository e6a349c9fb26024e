package onnx

import "breakeven/nn"

// ceils reports whether a pooling rounds its size up.
func (n *node) ceils() bool { return n.int("ceil_mode", 0) != 0 }

// fitsFloor fails if a pooling rounds its size up and that makes a difference.
func (n *node) fitsFloor(x *activation, g window) {
	s := x.shape()
	if n.ceils() && (g.h.left(s.H) != 0 || g.w.left(s.W) != 0) {
		failf("ceil_mode of means is supported of square windows with the same padding on all sides, or if it makes no difference, and on %v it does", s)
	}
}

func maxPool(b *builder, n *node) value {
	x := b.grid(n)
	g, s := n.window(x, n.ints("kernel_shape", nil)), x.shape()
	switch {
	case g.pools():
		return on(x.axes, b.add(n, nn.MaxPool{K: g.h.k, Stride: g.h.stride, Pad: g.h.before, Ceil: n.ceils()}, b.whole(x)))
	case g.h.covers(s.H) && g.w.covers(s.W):
		return on(x.axes, b.maxPixels(n, x))
	}
	return on(x.axes, b.maximaOf(n, x, g))
}

// maximaOf takes maxima over windows of any form.
func (b *builder) maximaOf(n *node, x *activation, g window) nn.Node {
	s := x.shape()
	b.checkPixels(1, g.h.out(s.H), g.w.out(s.W), g.h.k, g.w.k)
	h, w, read := g.lists(s)
	return b.add(n, nn.MaxWindows{H: h, W: w, Read: read}, b.whole(x))
}

// averagePool is a mean over windows. The padding counts if count_include_pad says so.
func averagePool(b *builder, n *node) value {
	x := b.grid(n)
	g, inside := n.window(x, n.ints("kernel_shape", nil)), n.int("count_include_pad", 0) == 0
	switch one := (span{k: 1, stride: 1, dilation: 1}); {
	case g == window{one, one}:
		return value{activation: x}
	case g.pools():
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
	x := b.grid(n)
	return on(x.axes, b.add(n, nn.AvgPool{}, b.whole(x)))
}

func globalMaxPool(b *builder, n *node) value {
	x := b.grid(n)
	return on(x.axes, b.maxPixels(n, x))
}

// maxPixels is the maximum over all pixels of each channel.
func (b *builder) maxPixels(n *node, x *activation) nn.Node {
	steps := &node{name: n.path() + ".pixels"}
	return b.add(n, nn.MaxSteps{}, b.add(steps, nn.PixelSteps{}, b.whole(x)))
}

// line returns the window over all pixels along one axis of an image; ok is false if a list of axes is something else.
func (a *activation) line(list []int64) (g window, ok bool) {
	if a.axes != "CHW" || a.view != nil || len(list) != 1 {
		return g, false
	}
	s, one := a.shape(), span{k: 1, stride: 1, dilation: 1}
	switch a.axis(list[0]) {
	case 'H':
		return window{span{k: s.H, stride: 1, dilation: 1}, one}, true
	case 'W':
		return window{one, span{k: s.W, stride: 1, dilation: 1}}, true
	}
	return g, false
}

// overLine is an image reduced to one pixel along an axis, which it keeps or leaves out.
func (b *builder) overLine(n *node, x nn.Node, axis byte, keep bool) value {
	if keep {
		return on("CHW", x)
	}
	if s := x.Shape(); axis == 'W' {
		x = b.add(&node{name: n.path() + ".pixels"}, nn.Raster{C: s.C, H: 1, W: s.H}, x)
	}
	return on("CW", x)
}
