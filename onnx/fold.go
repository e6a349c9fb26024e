package onnx

import (
	"math"
	"slices"
)

// fold computes a node of constants alone: what exporters write for shapes and masks.
func (b *builder) fold(n *node) value {
	constants := make([]*tensor, len(n.in))
	for k := range n.in {
		if !n.has(k) {
			continue
		}
		v := b.input(n, k)
		if v.constant == nil {
			failf("it mixes constants and activations, which is not supported")
		}
		constants[k] = v.constant
	}
	if t := b.picking(n, constants); t != nil {
		return value{constant: t}
	}
	in := make([]*array, len(n.in))
	for k, t := range constants {
		if t != nil {
			in[k] = b.array(t)
		}
	}
	return value{constant: b.compute(n, in).tensor(n.out[0])}
}

// constant is a constant in an attribute.
func constant(_ *builder, n *node) value {
	for name, a := range n.attributes {
		switch name {
		case "value":
			if a.t != nil {
				t := *a.t
				t.inline = true
				return value{constant: &t}
			}
		case "value_int":
			return value{constant: &tensor{name: n.out[0], kind: int64s, words: []int64{a.i}}}
		case "value_ints":
			return value{constant: &tensor{name: n.out[0], kind: int64s, dims: []int64{int64(len(a.ints))}, words: append([]int64{}, a.ints...)}}
		case "value_float":
			return value{constant: reals(n.out[0], nil, []float64{float64(a.f)})}
		}
	}
	failf("a constant of this form is not supported")
	return value{}
}

// shapeOf is the shape of an activation or a constant.
func shapeOf(b *builder, n *node) value {
	v := b.raw(n, 0)
	var dims []int64
	switch {
	case v.deferred != nil && v.deferred.extent != nil:
		dims = v.deferred.extent
	case v.deferred != nil:
		dims = b.deferredDims(v.deferred)
	case v.constant != nil:
		dims = v.constant.dims
	default:
		dims = b.input(n, 0).activation.dims()
	}
	return value{constant: shapeArray(n, dims).tensor(n.out[0])}
}

// shapeArray is a shape, or the part of it that a node asks for.
func shapeArray(n *node, dims []int64) *array {
	from, to := clamp(n.int("start", 0), len(dims)), clamp(n.int("end", math.MaxInt32), len(dims))
	dims = slices.Clone(dims[from:max(from, to)])
	return &array{kind: int64s, dims: []int64{int64(len(dims))}, ints: dims}
}

// clamp returns an index of a list of n, counted from its end if it is negative.
func clamp(k int64, n int) int {
	if k < 0 {
		k += int64(n)
	}
	return int(min(max(k, 0), int64(n)))
}

// gather picks rows for tokens or places, a part of an activation, or elements of a constant.
func gather(b *builder, n *node) value {
	if v, ok := b.rows(n); ok {
		return v
	}
	return b.fold(n)
}

// slice takes a part of a constant, or of an axis of channels.
func slice(b *builder, n *node) value {
	v := b.input(n, 0)
	switch {
	case v.constant == nil:
		return b.sliced(n, v.activation)
	case !v.constant.kind.integer() && !v.constant.made:
		if t := b.firstRows(n, v.constant); t != nil {
			return value{constant: t}
		}
		if t := b.cutRows(n, v.constant); t != nil {
			return value{constant: t}
		}
	}
	return b.fold(n)
}

// firstRows returns the first rows of a weight as a part of it; nil: something else is cut.
func (b *builder) firstRows(n *node, w *tensor) *tensor {
	if n.op != "Slice" || len(w.dims) < 2 || w.of != nil || w.flip != nil {
		return nil
	}
	starts, ends := b.integers(n, 1, "starts", nil), b.integers(n, 2, "ends", nil)
	axes, steps := b.integers(n, 3, "axes", []int64{0}), b.integers(n, 4, "steps", []int64{1})
	if len(starts) != 1 || starts[0] != 0 || len(ends) != 1 || len(axes) != 1 || !slices.Equal(steps, []int64{1}) {
		return nil
	}
	axis := within(axes[0], len(w.dims))
	if axis != len(w.dims)-2 || product(w.dims[:axis]) != 1 {
		return nil
	}
	rows := int64(clamp(ends[0], int(w.dims[axis])))
	if rows == w.dims[axis] {
		return w
	}
	dims := slices.Clone(w.dims)
	dims[axis] = rows
	return &tensor{name: n.out[0], kind: w.kind, dims: dims, of: w}
}

// cast changes the kind of the numbers of a constant. Activations are float32.
func cast(b *builder, n *node) value { return b.cast(n, kind(n.int("to", 0))) }

func (b *builder) cast(n *node, to kind) value {
	v := b.input(n, 0)
	switch {
	case v.constant == nil && (to == float32s || to == float64s):
		return v
	case v.constant == nil && to.integer() && v.axes == "T":
		return v
	case v.constant == nil:
		failf("activations are numbers of float32, and it makes them %v", to)
	case v.constant.kind == to:
		return v
	}
	return value{constant: b.array(v.constant).as(to).tensor(n.out[0])}
}

// reformed is a constant with another shape. Its numbers are not read.
func reformed(b *builder, n *node) value {
	c := b.input(n, 0).constant
	if c.of != nil || c.flip != nil || c.source != nil {
		return b.fold(n)
	}
	t := b.named(n.out[0], c)
	switch axes := b.integers(n, 1, "axes", nil); n.op {
	case "Squeeze":
		t.dims = squeezedDims(c.dims, axes)
	case "Unsqueeze":
		t.dims = unsqueezedDims(c.dims, axes)
	default:
		t.dims = reshapedDims(c.dims, axes, n.int("allowzero", 0) != 0)
	}
	return value{constant: t}
}

// castLike is a cast to the kind of another tensor.
func castLike(b *builder, n *node) value {
	to := float32s
	if t := b.input(n, 1).constant; t != nil {
		to = t.kind
	}
	return b.cast(n, to)
}

// zero reports whether all numbers of a constant are 0.
func (b *builder) zero(t *tensor) bool {
	zero := true
	err := t.each(b.file.folder, func(_ int, bits uint64) { zero = zero && t.kind.float(bits) == 0 })
	if err != nil {
		panic(fault{err})
	}
	return zero
}
