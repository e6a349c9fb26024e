package onnx

import (
	"slices"
)

// reshape changes the shape of an activation, or of a constant.
func reshape(b *builder, n *node) value {
	if b.input(n, 0).constant != nil {
		return reformed(b, n)
	}
	x := b.reads(n, 0)
	to := b.integers(n, 1, "shape", nil)
	dims, fits := b.dimsOf(n, x, to)
	if fits {
		if v, ok := b.reshaped(n, x, dims); ok {
			return v
		}
	}
	if v, ok := b.reshapedAsExported(n, x, to); ok {
		return v
	}
	if !fits {
		failf("it reshapes %s to %s, which has another number of elements", sized(x.dims()), sized(to))
	}
	failf("it reshapes %s to %s: one vector for each example is supported, and the heads of attention", sized(x.dims()), sized(dims))
	return value{}
}

// dimsOf returns the shape that a Reshape asks for; fits is false if it has another number of elements. In
// the first place the number of examples that the graph was exported for means the batch.
func (b *builder) dimsOf(n *node, x *activation, asked []int64) (to []int64, fits bool) {
	to = slices.Clone(asked)
	from := x.dims()
	rest, known, all := -1, int64(1), product(from)
	for i, d := range to {
		switch {
		case d == 0 && n.int("allowzero", 0) == 0 && i < len(from):
			to[i] = from[i]
		case (i == 0 || i < len(from) && from[i] == batchSize) && d == b.batch && d > 0:
			to[i] = batchSize
		case d == -1 && rest < 0:
			rest = i
			continue
		}
		if to[i] <= 0 || to[i] > all/known {
			return to, false
		}
		known *= to[i]
	}
	if rest >= 0 {
		to[rest] = all / known
		known *= to[rest]
	}
	return to, known == all
}

// reshapedAsExported is a reshape of a graph that was exported for some examples, to a shape with a multiple of their
// number anywhere: the batch may be joined with heads or steps, and stand behind these. ok is false if the
// shape is no such one.
func (b *builder) reshapedAsExported(n *node, x *activation, to []int64) (v value, ok bool) {
	if b.batch < 1 {
		return v, false
	}
	var l *layout
	if x.scores != nil {
		l = x.scores.layout()
	} else {
		l = b.layoutOf(x)
	}
	known, rest, all := int64(1), -1, b.batch*(product(l.dims())/batchSize)
	dims := slices.Clone(to)
	for i, d := range dims {
		switch {
		case d >= batchSize && d%batchSize == 0:
			dims[i] = d / batchSize * b.batch
		case d == 0 && n.int("allowzero", 0) == 0 && i < len(l.axes):
			dims[i] = sizeOf(l.sized(batchSize, b.batch).axes[i])
		case d == -1 && rest < 0:
			rest = i
			continue
		}
		if dims[i] < 1 || dims[i] > all/known {
			return v, false
		}
		known *= dims[i]
	}
	if rest >= 0 {
		dims[rest] = all / known
		known *= dims[rest]
	}
	if known != all {
		return v, false
	}
	cut, ok := l.sized(batchSize, b.batch).reshaped(dims)
	if !ok {
		return v, false
	}
	if cut = cut.sized(b.batch, batchSize); x.scores != nil {
		return x.scores.withAxes(cut)
	}
	return b.settled(n, cut), true
}

// sized returns the layout with another size of the batch.
func (l *layout) sized(from, to int64) *layout {
	other := *l
	other.axes = nil
	for _, axis := range l.axes {
		axis = slices.Clone(axis)
		for i := range axis {
			if axis[i].axis == 'N' && axis[i].size == from {
				axis[i].size = to
			}
		}
		other.axes = append(other.axes, axis)
	}
	return &other
}

// reshaped returns an activation with other dimensions; ok is false if that is not supported.
func (b *builder) reshaped(n *node, x *activation, to []int64) (v value, ok bool) {
	from := x.dims()
	size := product(from) / batchSize
	switch {
	case slices.Equal(from, to):
		return value{activation: x}, true
	case x.moment != nil && x.groups > 0:
		return x.inShape(to)
	case x.scores != nil:
		if l, ok := x.scores.layout().reshaped(to); ok {
			return x.scores.withAxes(l)
		}
		return v, false
	case x.pooled != nil:
		return x.pooled.reshaped(to)
	case x.turn != nil && x.turn.reshaped(to) != nil:
		return value{activation: &activation{turn: x.turn.reshaped(to)}}, true
	case len(to) == 2 && to[0] == batchSize && to[1] == size && x.laid == nil && (x.view == nil || x.order() == "CT"):
		return b.flat(n, x), true
	case len(to) == 4 && x.axes == "C" && x.view == nil && to[0] == batchSize && to[1] == size:
		return b.renamed("CHW", x), true
	}
	l, ok := b.layoutOf(x).reshaped(to)
	if !ok {
		return v, false
	}
	return b.settled(n, l), true
}

// reformedTo returns an activation with axes of length 1 more or less.
func (b *builder) reformedTo(n *node, x *activation, to []int64) value {
	v, ok := b.reshaped(n, x, to)
	if !ok {
		failf("it reshapes %s to %s: one vector for each example is supported, and the heads of attention", sized(x.dims()), sized(to))
	}
	return v
}

// spans reports whether a list of axes is those of some letters, in any order.
func (a *activation) spans(list []int64, letters string) bool {
	var axes []byte
	for _, k := range list {
		axes = append(axes, a.axis(k))
	}
	slices.Sort(axes)
	return string(axes) == letters
}

func squeeze(b *builder, n *node) value {
	if b.input(n, 0).constant != nil {
		return reformed(b, n)
	}
	x := b.reads(n, 0)
	to := x.dims()
	var drop []int
	for _, k := range b.integers(n, 1, "axes", nil) {
		if k < 0 {
			k += int64(len(to))
		}
		if k < 0 || k >= int64(len(to)) || to[k] != 1 {
			failf("axis %d of the shape %s cannot be left out", k, sized(to))
		}
		drop = append(drop, int(k))
	}
	slices.Sort(drop)
	for _, k := range slices.Backward(slices.Compact(drop)) {
		to = slices.Delete(to, k, k+1)
	}
	return b.reformedTo(n, x, to)
}

func unsqueeze(b *builder, n *node) value {
	if b.input(n, 0).constant != nil {
		return reformed(b, n)
	}
	x := b.reads(n, 0)
	to, axes := x.dims(), b.integers(n, 1, "axes", nil)
	rank := int64(len(to) + len(axes))
	for i, k := range axes {
		if k < 0 {
			axes[i] += rank
		}
	}
	slices.Sort(axes)
	for _, k := range axes {
		if k < 0 || k > int64(len(to)) {
			failf("axis %d cannot be put into the shape %s", k, sized(to))
		}
		to = slices.Insert(to, int(k), 1)
	}
	return b.reformedTo(n, x, to)
}

// renamed returns an activation whose axes are called otherwise.
func (b *builder) renamed(axes string, x *activation) value {
	b.settle(x)
	return value{activation: &activation{axes: axes, parts: x.parts}}
}
