package onnx

import (
	"slices"

	"breakeven/nn"
)

// rows is a Gather that picks rows of a weight for tokens or for places, or one step or part of an
// activation; ok is false if it is none of them.
func (b *builder) rows(n *node) (v value, ok bool) {
	from, index := b.input(n, 0), b.raw(n, 1)
	if from.activation != nil {
		if v, ok := b.strided(n, from.activation, index); ok {
			return v, true
		}
	}
	switch {
	case index.deferred == nil || from.constant == nil:
		index = b.input(n, 1)
	case index.mask == "":
		index = value{constant: b.forEach(index.deferred).tensor(n.in[1])}
	default:
		return b.countedRows(n, index.deferred), true
	}
	switch {
	case index.activation != nil:
		return b.embedding(n), true
	case from.activation != nil:
		return b.picked(n, from.activation, index.constant), true
	}
	return b.constantRows(n, index.constant)
}

// constantRows picks rows of a weight by constants; ok is false if input 0 is no weight of rows.
func (b *builder) constantRows(n *node, index *tensor) (v value, ok bool) {
	from := b.input(n, 0).constant
	if len(from.dims) != 2 || from.kind.integer() || n.int("axis", 0) != 0 {
		return v, false
	}
	rows := &tensor{name: n.out[0], kind: from.kind, of: from, dims: append(slices.Clone(index.dims), from.dims[1])}
	inOrder := true
	for k, i := range b.ints(index) {
		if i < 0 || i >= from.dims[0] {
			failf("it picks row %d of the %d of %q", i, from.dims[0], from.name)
		}
		rows.at, inOrder = append(rows.at, int32(i)), inOrder && i == int64(k)
	}
	if inOrder {
		rows.at = nil
	}
	return value{constant: rows}, true
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
	b.tables = append(b.tables, w)
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
	if len(starts) != 1 || len(ends) != 1 || len(axes) != 1 || len(steps) != 1 || steps[0] < 1 {
		failf("it is supported along one axis, forwards")
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
	return b.everyPart(n, x, axis, within(starts[0]), within(ends[0]), steps[0], true)
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
	w := c
	if c.of != nil {
		w = c.of
	}
	if w.kind.integer() || w.made {
		failf("it adds the constant %q to each step, which is no weight: integers, or numbers that the graph computes", w.name)
	}
	op := nn.Positions{Most: int(w.dims[len(w.dims)-2]), At: c.at}
	return on("TC", b.addRows(n, w, op, b.whole(x))), true
}
