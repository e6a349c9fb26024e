package onnx

import (
	"slices"

	"breakeven/nn"
)

// overSteps computes an operation over the steps of a sequence, of which it leaves one or, unless keep,
// no axis; ok is false if the axes are not that of the steps alone.
func (b *builder) overSteps(n *node, x *activation, axes []int64, keep bool, op nn.Op) (v value, ok bool) {
	if len(axes) != 1 || x.scores != nil || x.moment != nil || x.turn != nil || x.laid == nil && (x.axes != "TC" || x.axis(axes[0]) != 'T') {
		return v, false
	}
	l := b.layoutOf(x)
	at := within(axes[0], len(l.axes))
	if l.of.Shape().T < 2 || !isSteps(l, l.axes[at]) {
		return v, false
	}
	kept := slices.Delete(slices.Clone(l.axes), at, at+1)
	if keep {
		kept = slices.Insert(kept, at, []piece(nil))
	}
	if op != (nn.Step{}) {
		b.along = n.String()
	}
	out := *l
	out.of = b.add(n, op, l.of)
	return b.settled(n, out.with(kept)), true
}

// reduceMax is the maximum over all steps, or over all pixels.
func reduceMax(b *builder, n *node) value {
	x, keep := b.reads(n, 0), n.int("keepdims", 1) != 0
	axes := b.integers(n, 1, "axes", nil)
	if x.pooled != nil {
		return x.pooled.reduced(n, axes)
	}
	if v, ok := b.overSteps(n, x, axes, keep, nn.MaxSteps{}); ok {
		return v
	}
	if x.allPixels(axes) {
		return x.overPixels(b.maxPixels(n, x), keep)
	}
	if g, ok := x.line(axes); ok {
		return b.overLine(n, b.maximaOf(n, x, g), x.axis(axes[0]), keep)
	}
	failf("maxima are supported over height and width of images, over the length of signals, or over the steps of sequences")
	return value{}
}

// reduceSum is the sum over all steps, or one of constants.
func reduceSum(b *builder, n *node) value {
	v := b.input(n, 0)
	if v.constant != nil {
		return b.fold(n)
	}
	axes := b.integers(n, 1, "axes", nil)
	if v.pooled != nil {
		return v.pooled.reduced(n, axes)
	}
	if v, ok := b.overSteps(n, v.activation, axes, n.int("keepdims", 1) != 0, nn.SumSteps{}); ok {
		return v
	}
	failf("sums are supported over the steps of sequences")
	return v
}

// joinedParts joins tensors whose axes were cut, along an axis of channels: the last states of several layers.
func (b *builder) joinedParts(n *node) value {
	first := b.inItsOrder(b.layoutOf(b.reads(n, 0)))
	axis := within(n.int("axis", 0), len(first.axes))
	var nodes []nn.Node
	size, inner := int64(0), int64(1)
	for k, a := range first.axes {
		if k != axis && isChannels(a) {
			inner *= sizeOf(a)
		}
	}
	for k := range n.in {
		l := b.inItsOrder(b.unscaled(n, b.layoutOf(b.reads(n, k))))
		own := sizeOf(l.axes[axis])
		axes := slices.Clone(first.axes)
		axes[axis] = trimmed([]piece{{'C', own, inner}})
		if len(l.axes) != len(axes) || !slices.EqualFunc(l.axes, axes, slices.Equal) || l.first != 0 || int64(l.of.Shape().C) != own*inner {
			failf("the shapes %s and %s cannot be joined along axis %d", sized(first.dims()), sized(l.dims()), axis)
		}
		nodes, size = append(nodes, l.of), size+own
	}
	out := &layout{of: b.add(n, nn.Concat{}, nodes...), scale: 1}
	axes := slices.Clone(first.axes)
	axes[axis] = []piece{{'C', size, inner}}
	return b.settled(n, out.with(axes))
}
