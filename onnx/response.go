package onnx

import (
	"slices"

	"breakeven/nn"
)

// A response is a part of global response normalization: the norm of the pixels of each channel, or the mean of these norms over the
// channels, with ε.
type response struct {
	of   nn.Node
	axes [][]piece // of the graph's tensor
	mean bool
	eps  float64
}

func (r response) value() value { return value{activation: &activation{response: &r}} }

// refuse fails where something else reads the norms.
func (r *response) refuse() {
	failf("norms of pixels are supported in global response normalization only")
}

// reduceL2 is the norm of the pixels of each channel.
func reduceL2(b *builder, n *node) value {
	x := b.input(n, 0).activation
	if x == nil {
		return b.fold(n)
	}
	l := b.unscaled(n, b.layoutOf(x))
	axes, ok := l.without(b.integers(n, 1, "axes", nil), 'H', 'W')
	if !ok || n.int("keepdims", 1) == 0 || l.of.Shape().T > 0 || !l.complete() {
		failf("norms are supported over height and width of images, with keepdims, and its input has the shape %s", sized(l.dims()))
	}
	return response{of: l.of, axes: axes}.value()
}

// without returns the axes with the given ones empty; ok is false if these are not all pieces of the given letters, and no others.
func (l *layout) without(list []int64, letters ...byte) (axes [][]piece, ok bool) {
	axes = slices.Clone(l.axes)
	for _, k := range list {
		at := within(k, len(axes))
		for _, p := range axes[at] {
			if !slices.Contains(letters, p.axis) {
				return nil, false
			}
		}
		axes[at] = nil
	}
	rest := slices.ContainsFunc(slices.Concat(axes...), func(p piece) bool { return slices.Contains(letters, p.axis) })
	return axes, !rest && len(list) > 0
}

// responding is a node of global response normalization that reads norms of pixels; ok is false if it is none.
func (b *builder) responding(n *node) (v value, ok bool) {
	x := b.raw(n, 0)
	switch n.op {
	case "ReduceMean":
		if r := x.asResponse(); r != nil && !r.mean {
			axes, ok := (&layout{axes: r.axes}).without(b.integers(n, 1, "axes", nil), 'C')
			if !ok || n.int("keepdims", 1) == 0 {
				failf("of the norms of pixels means over all channels are supported, with keepdims")
			}
			return response{of: r.of, axes: axes, mean: true}.value(), true
		}
	case "Add":
		for k := range 2 {
			r := b.raw(n, k).asResponse()
			if r == nil || !r.mean || r.eps != 0 {
				continue
			}
			if eps := b.constantOf(n, 1-k); eps > 0 {
				return response{r.of, r.axes, true, float64(float32(eps))}.value(), true
			}
		}
	case "Div":
		r, m := x.asResponse(), b.raw(n, 1).asResponse()
		if r != nil && m != nil && !r.mean && m.mean && m.eps > 0 && r.of == m.of && len(r.axes) == len(m.axes) {
			return b.settled(n, &layout{of: b.add(n, nn.ChannelResponse{Eps: m.eps}, r.of), axes: r.axes, scale: 1}), true
		}
	}
	return v, false
}

// asResponse returns the response that a value is, nil if it is none.
func (v value) asResponse() *response {
	if v.activation == nil {
		return nil
	}
	return v.response
}
