package onnx

import (
	"slices"

	"breakeven/nn"
)

// inSteps returns an activation whose numbers have the order that operations on vectors want. A tensor [batch, channels, steps], or
// [batch, channels, pixels], becomes a sequence whose steps are the channels, for all that read it: dense layers that mix steps do,
// as those of MLP-Mixer.
func (b *builder) inSteps(n *node, a *activation) *activation {
	v := b.viewed(n, a)
	if len(v.view) != 3 {
		return v
	}
	letters, s := v.letters(), v.shape()
	if whole := letters == "NC?" && s.T == 0 && slices.Equal(v.view[2], pixels(s)); letters != "NCT" && !whole {
		return v
	}
	x, across := b.closed(v), &node{name: n.path() + ".transposed"} // the name of n is that of what reads it
	if s.T == 0 {
		x = b.add(across, nn.PixelSteps{}, x)
	}
	b.along = n.String()
	*a = *on("TC", b.add(across, nn.Transpose{}, x)).activation
	return a
}

// alike returns two activations of one shape with their numbers in the same order, if they are sequences, or one of them is a signal or an
// image and the other can be.
func (b *builder) alike(n *node, x, y *activation) (_, _ *activation) {
	x, y = b.viewed(n, x), b.viewed(n, y)
	if x.isGrid() != y.isGrid() && slices.Equal(x.dims(), y.dims()) {
		if u, v := b.gridOf(n, x), b.gridOf(n, y); u != nil && v != nil {
			return u, v
		}
	}
	if equal(x, y) {
		return x, y
	}
	if slices.Equal(x.dims(), y.dims()) && (x.shape().T > 0) != (y.shape().T > 0) {
		x, y = b.pixelsOf(n, x), b.pixelsOf(n, y)
	}
	if equal(x, y) {
		return x, y
	}
	return b.inSteps(n, x), b.inSteps(n, y)
}

// pixelsOf returns an activation as a sequence of pixels if it is an image.
func (b *builder) pixelsOf(n *node, a *activation) *activation {
	return b.viewed(n, &activation{laid: b.asSteps(n, b.layoutOf(a))})
}
