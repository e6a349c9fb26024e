package onnx

import (
	"slices"
	"strings"

	"breakeven/nn"
)

// rows is a Gather that picks rows of a weight for tokens or for places, or one step or part of an
// activation; ok is false if it is none of them.
func (b *builder) rows(n *node) (v value, ok bool) {
	from, index := b.input(n, 0), b.input(n, 1)
	switch {
	case index.activation != nil:
		return b.embedding(n), true
	case from.activation != nil:
		return b.picked(n, from.activation, index.constant), true
	case len(from.constant.dims) != 2 || from.constant.kind.integer() || n.int("axis", 0) != 0:
		return v, false
	}
	at := b.ints(index.constant)
	for k, i := range at {
		if i != int64(k) || i >= from.constant.dims[0] {
			failf("rows of the constant %q are supported for tokens, and for all steps in order", from.constant.name)
		}
	}
	t := &tensor{name: n.out[0], kind: from.constant.kind, dims: []int64{int64(len(at)), from.constant.dims[1]}, of: from.constant}
	return value{constant: t}, true
}

// embedding picks a row for each token.
func (b *builder) embedding(n *node) value {
	x := b.reads(n, 1)
	if x.axes != "T" || n.int("axis", 0) != 0 {
		failf("rows are picked by an input of integers, [batch, steps], and along axis 0")
	}
	w := b.weight(n, 0, -1, -1)
	if below := x.below; int64(below) > w.dims[0] {
		failf("its weight %q has %d rows, and the tokens of the data may be up to %d: set the vocabulary of the data to %d", w.name, w.dims[0], below-1, w.dims[0])
	}
	op := nn.Embedding{Vocabulary: int(w.dims[0]), Width: int(w.dims[1])}
	return on("TC", b.addWith(n, op, map[string]source{weightName: {tensor: w}}, b.whole(x)))
}

// picked is one step of a sequence, or one part of an axis of channels.
func (b *builder) picked(n *node, x *activation, index *tensor) value {
	if len(index.dims) != 0 {
		failf("parts of an activation are picked one by one")
	}
	at, axis := b.ints(index)[0], n.int("axis", 0)
	if v, ok := b.overSteps(n, x, []int64{axis}, false, nn.Step{At: int(at)}); ok {
		return v
	}
	dims := x.dims()
	if axis < 0 {
		axis += int64(len(dims))
	}
	if axis < 0 || axis >= int64(len(dims)) {
		failf("axis %d of a tensor of %d dimensions", axis, len(dims))
	}
	if at < 0 {
		at += dims[axis]
	}
	return b.part(n, x, axis, at, at+1, false)
}

// sliced is a part of an axis of channels.
func (b *builder) sliced(n *node, x *activation) value {
	starts, ends := b.integers(n, 1, "starts", nil), b.integers(n, 2, "ends", nil)
	axes, steps := b.integers(n, 3, "axes", []int64{0}), b.integers(n, 4, "steps", []int64{1})
	if len(starts) != 1 || len(ends) != 1 || len(axes) != 1 || !slices.Equal(steps, []int64{1}) {
		failf("it is supported along one axis, with steps of 1")
	}
	dims, axis := x.dims(), axes[0]
	if axis < 0 {
		axis += int64(len(dims))
	}
	if axis < 0 || axis >= int64(len(dims)) {
		failf("axis %d of a tensor of %d dimensions", axes[0], len(dims))
	}
	within := func(k int64) int64 {
		if k < 0 {
			k += dims[axis]
		}
		return min(max(k, 0), dims[axis])
	}
	return b.part(n, x, axis, within(starts[0]), within(ends[0]), true)
}

// places adds a weight with a row for each step to a sequence; ok is false if the constant is none.
func (b *builder) places(n *node, x *activation, c *tensor) (v value, ok bool) {
	dims := slices.Clone(c.dims)
	if len(dims) == 3 && dims[0] == 1 {
		dims = dims[1:]
	}
	s := x.shape()
	if x.axes != "TC" || !slices.Equal(dims, []int64{int64(s.T), int64(s.C)}) || s.T == 1 && c.of == nil {
		return v, false
	}
	w, most := c, dims[0]
	if c.of != nil {
		w, most = c.of, c.of.dims[0]
	}
	if w.kind.integer() {
		failf("its weight %q holds integers", w.name)
	}
	return on("TC", b.addPositions(n, w, nn.Positions{Most: int(most)}, b.whole(x))), true
}

// addPositions adds a weight whose name need not end with .weight: that of PyTorch's parameters of a module.
func (b *builder) addPositions(n *node, w *tensor, op nn.Positions, x nn.Node) nn.Node {
	if _, shared := b.owner[w]; shared || strings.HasSuffix(w.name, "."+weightName) {
		return b.addWith(n, op, map[string]source{weightName: {tensor: w}}, x)
	}
	p := op.Params(x.Shape())[0]
	p.Name, p.Shape = w.name, nil
	for _, d := range w.dims {
		p.Shape = append(p.Shape, int(d))
	}
	b.net.AddParam(p)
	b.sources[p.Name], b.owner[w] = source{tensor: w}, p.Name
	return b.net.AddSharing(b.free(n.path()), op, map[string]string{weightName: p.Name}, x)
}

// layerNorm normalises each vector over its numbers.
func layerNorm(b *builder, n *node) value {
	x := b.reads(n, 0)
	if x.axes != "C" && x.axes != "TC" || x.axis(n.int("axis", -1)) != 'C' {
		failf("layer norm is supported over the numbers of vectors, and its input has the shape %s", sized(x.dims()))
	}
	if !n.has(2) {
		failf("layer norm without a bias is not supported")
	}
	eps, c := n.float("epsilon", 1e-5), int64(x.shape().C)
	if !(eps >= 0) {
		failf("its epsilon is %v", eps)
	}
	tensors := map[string]source{weightName: {tensor: b.weight(n, 1, c)}, biasName: {tensor: b.weight(n, 2, c)}}
	return on(x.axes, b.addWith(n, nn.LayerNorm{Eps: eps, Affine: true}, tensors, b.whole(x)))
}

// unmasked is scores with a mask that masks nothing.
func (b *builder) unmasked(n *node, x value, mask *tensor) value {
	if !b.zero(mask) {
		failf("masks in attention are not supported, and %q is one", mask.name)
	}
	return x
}

// rangeOf is a list of integers.
func rangeOf(b *builder, n *node) value {
	var list []int64
	var limits [3]int64
	for k := range limits {
		c := b.input(n, k).constant
		if c == nil || c.count() != 1 {
			failf("it is supported with three constants")
		}
		limits[k] = b.ints(c)[0]
	}
	if limits[2] != 1 || limits[1] > limits[0] && uint64(limits[1]-limits[0]) > small {
		failf("it is supported in steps of 1, up to %d numbers", small)
	}
	for k := limits[0]; k < limits[1]; k++ {
		list = append(list, k)
	}
	return value{constant: integers(n.out[0], []int64{int64(len(list))}, list)}
}
