package onnx

import (
	"slices"

	"breakeven/nn"
)

// A layout says where the numbers of an operation stand in a tensor whose axes were cut, joined or
// exchanged, as those of attention are. The channels of the operation may be cut into pieces.
type layout struct {
	of    nn.Node
	axes  [][]piece // of the tensor; each is the product of its pieces, the slowest first
	first int64     // the channel of the tensor's first number
	scale float64   // the tensor is so many times what the operation computes
	at    []int32   // the steps of the operation that the tensor has, in the order that T counts in; nil: all
	by    *node     // that put them in their order
}

// A piece is an axis of an operation, or a part of its channels: those with a distance of stride.
type piece struct {
	axis         byte // N, T, H, W or C
	size, stride int64
}

// layoutOf returns the layout of an activation.
func (b *builder) layoutOf(a *activation) *layout {
	if a.turn != nil {
		dims := a.dims()
		b.holds(value{activation: a}, -1)
		l, ok := b.rotary(a.turn).reshaped(dims) // which cuts the numbers of a head into their axes
		if !ok {
			failf("its numbers of a head have the shape %s", sized(a.turn.axes()))
		}
		a.laid, a.turn = l, nil
	}
	if a.laid != nil {
		return a.laid
	}
	if a.scores != nil {
		failf("products of queries and keys are supported in attention only")
	}
	x := b.closed(a)
	if a.view != nil {
		return &layout{of: x, axes: a.view, scale: 1}
	}
	return &layout{of: x, axes: axesOf(x.Shape(), a.axes), scale: 1}
}

// axesOf returns the axes of a tensor that is not cut.
func axesOf(s nn.Shape, axes string) [][]piece {
	list := [][]piece{{{'N', batchSize, 1}}}
	for _, axis := range []byte(axes) {
		size := map[byte]int{'C': s.C, 'H': s.H, 'W': s.W, 'T': s.T}[axis]
		list = append(list, trimmed([]piece{{axis, int64(size), 1}}))
	}
	return list
}

// trimmed joins neighbours that are one piece, and leaves out those of one number.
func trimmed(axis []piece) []piece {
	var out []piece
	for _, p := range axis {
		last := len(out) - 1
		switch {
		case p.size == 1:
		case last >= 0 && p.axis != 'N' && p.axis == out[last].axis && out[last].stride == p.size*p.stride:
			out[last] = piece{p.axis, out[last].size * p.size, p.stride}
		default:
			out = append(out, p)
		}
	}
	return out
}

// dims returns the shape of the tensor.
func (l *layout) dims() []int64 {
	var dims []int64
	for _, axis := range l.axes {
		dims = append(dims, sizeOf(axis))
	}
	return dims
}

func sizeOf(axis []piece) int64 {
	size := int64(1)
	for _, p := range axis {
		size *= p.size
	}
	return size
}

// with returns the layout with other axes.
func (l *layout) with(axes [][]piece) *layout {
	other := *l
	other.axes = nil
	for _, axis := range axes {
		other.axes = append(other.axes, trimmed(axis))
	}
	return &other
}

// reshaped cuts and joins axes so that they have the given sizes; ok is false if a cut goes
// through that of the batch.
func (l *layout) reshaped(dims []int64) (out *layout, ok bool) {
	if len(dims) > maxRank {
		return nil, false
	}
	rest := slices.Concat(l.axes...)
	var axes [][]piece
	for _, d := range dims {
		var axis []piece
		for d > 1 {
			if len(rest) == 0 {
				return nil, false
			}
			p := rest[0]
			switch {
			case d%p.size == 0:
				rest = rest[1:]
			case p.axis != 'N' && p.size%d == 0:
				inner := p.size / d
				rest = slices.Concat([]piece{{p.axis, inner, p.stride}}, rest[1:])
				p = piece{p.axis, d, p.stride * inner}
			default:
				return nil, false
			}
			axis, d = append(axis, p), d/p.size
		}
		axes = append(axes, axis)
	}
	return l.with(axes), len(rest) == 0
}

// settled returns the activation of a layout: a plain one if its axes are in the order in which the
// operations of package nn have theirs.
func (b *builder) settled(n *node, l *layout) value {
	if l.cutPixels() {
		l = b.asSteps(n, l)
	}
	if !l.inOrder() {
		pending := *l
		pending.by = n
		return value{activation: &activation{laid: &pending}}
	}
	s := l.of.Shape()
	same := func(axes [][]piece) bool { return slices.EqualFunc(axes, l.axes, slices.Equal) }
	for _, axes := range []string{"C", "TC", "CHW", "CW"} {
		if (s.T > 0) != (axes == "TC") || s.H*s.W > 1 && axes == "C" || s.H > 1 && axes == "CW" || len(l.axes) != 1+len(axes) || l.scale != 1 {
			continue
		}
		whole := axesOf(s, axes)
		if l.first == 0 && same(whole) {
			return on(axes, l.of)
		}
		at := 1 + slices.Index([]byte(axes), 'C')
		if channels := l.axes[at]; isChannels(channels) {
			if whole[at] = channels; same(whole) {
				return on(axes, b.channels(n, l, channels))
			}
		}
	}
	if steps, ok := b.inLines(n, l); ok {
		return b.settled(n, steps)
	}
	if l.scale == 1 && l.complete() {
		return value{activation: b.viewed(n, &activation{laid: l})}
	}
	return value{activation: &activation{laid: l}}
}

// isChannels reports whether an axis has no pieces but those of channels.
func isChannels(axis []piece) bool {
	return !slices.ContainsFunc(axis, func(p piece) bool { return p.axis != 'C' })
}

// flipped is a constant with its axes exchanged. The numbers of a weight are not read.
func (b *builder) flipped(n *node, c *tensor) value {
	if c.kind.integer() || c.made || c.of != nil || c.flip != nil || len(c.dims) != 2 {
		return b.fold(n)
	}
	if n.permutation(2)[0] == 0 {
		return value{constant: c}
	}
	return value{constant: &tensor{name: c.name, kind: c.kind, dims: []int64{c.dims[1], c.dims[0]}, flip: c}}
}

// transpose exchanges the axes of an activation, or of a constant.
func transpose(b *builder, n *node) value {
	if c := b.input(n, 0).constant; c != nil {
		return b.flipped(n, c)
	}
	l := b.layoutOf(b.reads(n, 0))
	var axes [][]piece
	for _, k := range n.permutation(len(l.axes)) {
		axes = append(axes, l.axes[k])
	}
	return b.settled(n, l.with(axes))
}

// part returns the part lo … hi-1 of an axis of channels or steps; keep says whether an axis of one number stays.
func (b *builder) part(n *node, a *activation, axis, lo, hi int64, keep bool) value {
	return b.everyPart(n, a, axis, lo, hi, 1, keep)
}

// everyPart is part with only each step-th number.
func (b *builder) everyPart(n *node, a *activation, axis, lo, hi, step int64, keep bool) value {
	l := b.layoutOf(a)
	if axis < 0 {
		axis += int64(len(l.axes))
	}
	if axis < 0 || axis >= int64(len(l.axes)) {
		failf("axis %d of a tensor of %d dimensions", axis, len(l.axes))
	}
	size := sizeOf(l.axes[axis])
	if lo < 0 || hi > size || lo >= hi || step < 1 {
		failf("it takes numbers %d … %d of the %d of an axis", lo, hi-1, size)
	}
	axes := slices.Clone(l.axes)
	step = min(step, size)
	switch pieces := l.axes[axis]; {
	case hi-lo == size && step == 1:
	case len(axes) > 2 && isChannels(l.axes[len(axes)-1]) && isPixels(pieces):
		return b.everyPart(n, &activation{laid: b.asSteps(n, l)}, axis, lo, hi, step, keep)
	case len(pieces) == 1 && (pieces[0].axis == 'H' || pieces[0].axis == 'W'):
		other := *l
		l, other.of = &other, b.cropped(n, l.of, pieces[0].axis, int(lo), int(hi), int(step))
		axes[axis] = trimmed([]piece{{pieces[0].axis, (hi - lo + step - 1) / step, 1}})
	case isStepAxis(pieces) && (step > 1 || !isSteps(l, pieces) || l.at != nil):
		l = b.partOfSteps(n, l, int(axis), lo, hi, step)
		axes = slices.Clone(l.axes)
	case isSteps(l, pieces) && step == 1:
		b.along = n.String()
		other := *l
		l, other.of = &other, b.add(n, nn.SliceSteps{From: int(lo), To: int(hi)}, l.of)
		axes[axis] = trimmed([]piece{{'T', hi - lo, 1}})
	case len(pieces) != 1 || pieces[0].axis != 'C':
		failf("parts are taken of an axis of channels, pixels or steps only, and it takes %d … %d of axis %d of %s", lo, hi-1, axis, sized(l.dims()))
	default:
		p := pieces[0]
		other := *l
		l, other.first = &other, l.first+lo*p.stride
		p.size, p.stride = (hi-lo+step-1)/step, p.stride*step
		axes[axis] = []piece{p}
	}
	if !keep && hi-lo == 1 {
		axes = slices.Delete(axes, int(axis), int(axis)+1)
	}
	return b.settled(n, l.with(axes))
}
