package onnx

import (
	"slices"

	"breakeven/nn"
)

// reshape changes the shape of an activation, or of a constant.
func reshape(b *builder, n *node) value {
	if b.input(n, 0).constant != nil {
		return b.fold(n)
	}
	x := b.reads(n, 0)
	to := slices.Clone(b.integers(n, 1, "shape", nil))
	from := x.dims()
	rest, known, all := -1, int64(1), int64(1)
	for _, d := range from {
		all *= d
	}
	for i, d := range to {
		switch {
		case d == 0 && n.int("allowzero", 0) == 0 && i < len(from):
			to[i] = from[i]
		case (i == 0 || i < len(from) && from[i] == batchSize) && d == b.batch && d > 0: // the examples that the graph was exported for
			to[i] = batchSize
		case d == -1 && rest < 0:
			rest = i
			continue
		}
		if to[i] <= 0 || to[i] > all/known {
			failf("it reshapes %s to %s, which has another number of elements", sized(from), sized(to))
		}
		known *= to[i]
	}
	if rest >= 0 {
		to[rest] = all / known
		known *= to[rest]
	}
	if known != all {
		failf("it reshapes %s to %s, which has another number of elements", sized(from), sized(to))
	}
	return b.reshaped(n, x, to)
}

// reshaped returns an activation with other dimensions.
func (b *builder) reshaped(n *node, x *activation, to []int64) value {
	from, size := x.dims(), int64(x.shape().Size())
	switch {
	case slices.Equal(from, to):
		return value{activation: x}
	case x.scores != nil:
	case len(to) == 2 && to[0] == batchSize && to[1] == size && x.laid == nil:
		return b.flat(n, x)
	case len(to) == 4 && x.axes == "C" && to[0] == batchSize && to[1] == size:
		return b.renamed("CHW", x)
	default:
		if l, ok := b.layoutOf(x).reshaped(to); ok {
			return b.settled(n, l)
		}
	}
	failf("it reshapes %s to %s: one vector for each example is supported, and the heads of attention", sized(from), sized(to))
	return value{}
}

// flat returns an activation as a vector.
func (b *builder) flat(n *node, x *activation) value {
	s := x.shape()
	switch {
	case s.T == 0 && s.H*s.W == 1:
		return b.renamed("C", x)
	case x.axes != "CHW":
		failf("the shape %s cannot be made one vector for each example", sized(x.dims()))
	}
	return on("C", b.add(n, nn.Flatten{}, b.whole(x)))
}

func flatten(b *builder, n *node) value {
	x := b.reads(n, 0)
	if axis := n.int("axis", 1); axis != 1 && axis != 1-int64(len(x.dims())) {
		failf("it is supported from axis 1 on")
	}
	return b.flat(n, x)
}

// reduceMean is the mean over all pixels, or over all steps.
func reduceMean(b *builder, n *node) value {
	x, keep := b.reads(n, 0), n.int("keepdims", 1) != 0
	list := b.integers(n, 1, "axes", nil)
	if v, ok := b.overSteps(n, x, list, keep, nn.MeanSteps{}); ok {
		return v
	}
	var axes []byte
	for _, k := range list {
		axes = append(axes, x.axis(k))
	}
	slices.Sort(axes)
	switch {
	case string(axes) == "HW":
		y := on("CHW", b.add(n, nn.AvgPool{}, b.whole(x)))
		if !keep {
			y.axes = "C"
		}
		return y
	}
	failf("means are supported over height and width of images, or over the steps of sequences")
	return value{}
}

func squeeze(b *builder, n *node) value {
	if b.input(n, 0).constant != nil {
		return b.fold(n)
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
	return b.reshaped(n, x, to)
}

func unsqueeze(b *builder, n *node) value {
	if b.input(n, 0).constant != nil {
		return b.fold(n)
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
	return b.reshaped(n, x, to)
}

// renamed returns an activation whose axes are called otherwise.
func (b *builder) renamed(axes string, x *activation) value {
	b.settle(x)
	return value{activation: &activation{axes: axes, parts: x.parts}}
}
