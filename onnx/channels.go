package onnx

import (
	"slices"

	"breakeven/nn"
)

// channels returns an operation with the channels of the given axes alone, in their order.
func (b *builder) channels(n *node, l *layout, axes ...[]piece) nn.Node {
	all := trimmed(slices.Concat(axes...))
	if len(all) > 1 || len(all) == 1 && all[0].stride != 1 {
		return b.pick(n, l.places(all), l.of)
	}
	if size := sizeOf(all); size < int64(l.of.Shape().C) {
		return b.add(n, nn.Slice{From: int(l.first), To: int(l.first + size)}, l.of)
	}
	return l.of
}

// mostPicked is how many channels may be picked one by one.
const mostPicked = 1 << 16

// pick returns an operation with the given channels of another one: that one itself if they are all of its own.
func (b *builder) pick(n *node, at []int32, x nn.Node) nn.Node {
	for k, c := range at {
		if int(c) != k || len(at) != x.Shape().C {
			return b.add(n, nn.Pick{Channels: at}, x)
		}
	}
	return x
}

// places returns the channels of pieces, the slowest first.
func (l *layout) places(pieces []piece) []int32 {
	if size := sizeOf(pieces); size > mostPicked {
		failf("it picks %d channels one by one: up to %d are supported", size, mostPicked)
	}
	at := []int32{int32(l.first)}
	for _, p := range pieces {
		var next []int32
		for _, c := range at {
			for k := range p.size {
				next = append(next, c+int32(k*p.stride))
			}
		}
		at = next
	}
	return at
}

// expand repeats an activation along axes of length 1, as heads are whose keys and values several queries share, or a constant.
func expand(b *builder, n *node) value {
	to := b.integers(n, 1, "shape", nil)
	if c := b.input(n, 0).constant; c != nil {
		if slices.Equal(common(c.dims, to), c.dims) { // a weight stays one
			return value{constant: c}
		}
		return b.fold(n)
	}
	x := b.reads(n, 0)
	l := b.layoutOf(x)
	from := l.dims()
	axes := slices.Clone(l.axes)
	if len(to) != len(from) {
		failf("it repeats %s to %s", sized(from), sized(to))
	}
	for k, d := range to {
		switch {
		case d == 1 || d == from[k] || k == 0 && d == b.batch && from[k] == batchSize:
		case from[k] == 1 && d > 1 && d <= small:
			axes[k] = []piece{{'C', d, 0}}
		default:
			failf("it repeats %s to %s", sized(from), sized(to))
		}
	}
	return b.settled(n, l.with(axes))
}
