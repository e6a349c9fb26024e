package onnx

import (
	"encoding/binary"
	"math"
	"slices"
)

// fold computes a node of constants alone: what exporters write for shapes.
func (b *builder) fold(n *node) value {
	var in []*tensor
	for k := range n.in {
		v := b.input(n, k)
		if v.constant == nil {
			failf("it mixes constants and activations, which is not supported")
		}
		in = append(in, v.constant)
	}
	if len(in) == 0 {
		failf("it has no inputs")
	}
	switch n.op {
	case "Add", "Sub", "Mul", "Div", "Pow":
		return value{constant: b.arithmetic(n, in)}
	case "Concat":
		return value{constant: b.joined(n, in)}
	case "Reshape", "Squeeze", "Unsqueeze":
		return value{constant: b.reformed(n, in)}
	}
	failf("it is not supported on constants")
	return value{}
}

// constant is a constant in an attribute.
func constant(_ *builder, n *node) value {
	for name, a := range n.attributes {
		switch name {
		case "value":
			if a.t != nil {
				return value{constant: a.t}
			}
		case "value_int":
			return value{constant: integers(n.out[0], nil, []int64{a.i})}
		case "value_ints":
			return value{constant: integers(n.out[0], []int64{int64(len(a.ints))}, a.ints)}
		case "value_float":
			return value{constant: reals(n.out[0], nil, []float64{float64(a.f)})}
		}
	}
	failf("a constant of this form is not supported")
	return value{}
}

// shapeOf is the shape of an activation or a constant.
func shapeOf(b *builder, n *node) value {
	v := b.input(n, 0)
	var dims []int64
	if v.constant != nil {
		dims = v.constant.dims
	} else {
		dims = v.dims()
	}
	from, to := clamp(n.int("start", 0), len(dims)), clamp(n.int("end", math.MaxInt32), len(dims))
	dims = slices.Clone(dims[from:max(from, to)])
	return value{constant: integers(n.out[0], []int64{int64(len(dims))}, dims)}
}

// clamp returns an index of a list of n, counted from its end if it is negative.
func clamp(k int64, n int) int {
	if k < 0 {
		k += int64(n)
	}
	return int(min(max(k, 0), int64(n)))
}

// gather picks elements of a vector of integers.
func gather(b *builder, n *node) value {
	if v, ok := b.rows(n); ok {
		return v
	}
	from, index := b.input(n, 0).constant, b.input(n, 1).constant
	if from == nil || index == nil || len(from.dims) != 1 || len(index.dims) > 1 || n.int("axis", 0) != 0 {
		failf("it is supported on constant vectors, for embeddings and for one step or part")
	}
	list, at := b.ints(from), b.ints(index)
	picked := make([]int64, len(at))
	for i, k := range at {
		if k < 0 {
			k += int64(len(list))
		}
		if k < 0 || k >= int64(len(list)) {
			failf("it picks element %d of %d", at[i], len(list))
		}
		picked[i] = list[k]
	}
	return value{constant: integers(n.out[0], index.dims, picked)}
}

// slice takes a part of a vector of integers, or of an axis of channels.
func slice(b *builder, n *node) value {
	v := b.input(n, 0)
	from := v.constant
	if from == nil {
		return b.sliced(n, v.activation)
	}
	starts, ends := b.integers(n, 1, "starts", nil), b.integers(n, 2, "ends", nil)
	axes, steps := b.integers(n, 3, "axes", []int64{0}), b.integers(n, 4, "steps", []int64{1})
	if len(starts) != 1 || len(ends) != 1 || !slices.Equal(axes, []int64{0}) && !slices.Equal(axes, []int64{-1}) || !slices.Equal(steps, []int64{1}) {
		failf("it is supported along one axis, with steps of 1")
	}
	if len(from.dims) > 0 && (len(from.dims) > 1 || !from.kind.integer()) && axes[0] == 0 {
		return value{constant: b.cutRows(n, from, starts[0], ends[0])}
	}
	if len(from.dims) != 1 {
		failf("it is supported on constants along their first axis")
	}
	list := b.ints(from)
	lo, hi := clamp(starts[0], len(list)), clamp(ends[0], len(list))
	part := slices.Clone(list[lo:max(lo, hi)])
	return value{constant: integers(n.out[0], []int64{int64(len(part))}, part)}
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
	case to.integer() && v.constant.kind.integer():
		return value{constant: integers(n.out[0], v.constant.dims, b.ints(v.constant))}
	case to.integer():
		x := b.floats(v.constant)
		whole := make([]int64, len(x))
		for i := range x {
			whole[i] = int64(x[i])
		}
		return value{constant: integers(n.out[0], v.constant.dims, whole)}
	}
	return value{constant: reals(n.out[0], v.constant.dims, b.floats(v.constant))}
}

// reals returns a constant of real numbers.
func reals(name string, dims []int64, x []float64) *tensor {
	t := &tensor{name: name, kind: float64s, dims: dims, made: true, raw: make([]byte, 0, 8*len(x))}
	for _, v := range x {
		t.raw = binary.LittleEndian.AppendUint64(t.raw, math.Float64bits(v))
	}
	return t
}

// joined joins constants along their first axis.
func (b *builder) joined(n *node, in []*tensor) *tensor {
	var all []int64
	if !in[0].kind.integer() || len(in[0].dims) > 1 {
		return stacked(n, in)
	}
	for _, t := range in {
		if len(t.dims) != 1 || n.int("axis", 0) != 0 && n.int("axis", 0) != -1 {
			failf("constants are joined if they are vectors")
		}
		if all = append(all, b.ints(t)...); len(all) > small {
			failf("it makes a constant of more than %d numbers", small)
		}
	}
	return integers(n.out[0], []int64{int64(len(all))}, all)
}

// reformed returns a constant with another shape.
func (b *builder) reformed(n *node, in []*tensor) *tensor {
	t := *in[0]
	t.name = n.out[0]
	switch {
	case n.op == "Squeeze":
		t.dims = slices.DeleteFunc(slices.Clone(t.dims), func(d int64) bool { return d == 1 })
		if len(in) > 1 && len(t.dims)+len(b.ints(in[1])) != len(in[0].dims) {
			failf("of the axes of length 1 of %v all are left out, or none", in[0].dims)
		}
	case n.op == "Unsqueeze" && len(t.dims) == 0 && len(in) > 1 && in[1].count() == 1:
		t.dims = []int64{1}
	case n.op == "Unsqueeze" && len(in) > 1:
		axes := slices.Clone(b.ints(in[1]))
		for i, k := range axes {
			if k < 0 {
				axes[i] += int64(len(t.dims) + len(axes))
			}
		}
		slices.Sort(axes)
		t.dims = slices.Clone(t.dims)
		for _, k := range axes {
			if k < 0 || k > int64(len(t.dims)) || len(t.dims) == maxRank {
				failf("axis %d cannot be put into the shape %v", k, in[0].dims)
			}
			t.dims = slices.Insert(t.dims, int(k), 1)
		}
	case n.op == "Reshape" && len(in) > 1:
		to, rest, known := slices.Clone(b.ints(in[1])), -1, int64(1)
		for i, d := range to {
			if d == -1 && rest < 0 {
				rest = i
				continue
			}
			if d < 1 || d > max(1, t.count())/known {
				failf("the constant %q of shape %v is reshaped to %v", t.name, t.dims, to)
			}
			known *= d
		}
		if rest >= 0 {
			to[rest] = t.count() / known
			known *= to[rest]
		}
		if known != t.count() || len(to) > maxRank {
			failf("the constant %q of shape %v is reshaped to %v", t.name, t.dims, to)
		}
		t.dims = to
	default:
		failf("the constant %q of shape %v is not reshaped", t.name, t.dims)
	}
	if !t.kind.integer() && !t.made && (t.raw != nil || t.external != nil) {
		computable(in[0])
		return mosaic(t.name, t.dims, run{in[0], 0, t.count()})
	}
	return &t
}

// expand repeats a constant of one number.
func expand(b *builder, n *node) value {
	t, to := b.input(n, 0).constant, b.input(n, 1).constant
	if t == nil || to == nil {
		failf("it is supported on constants of one number")
	}
	if t.count() != 1 && t.same == nil && !t.kind.integer() && len(t.dims) <= len(b.ints(to)) && b.zero(t) {
		return value{constant: uniform(n.out[0], b.ints(to), 0)} // zeros of a shape that fits, as initial states are
	}
	if t.count() != 1 {
		failf("it is supported on constants of one number")
	}
	return b.expanded(n, t, b.ints(to))
}

// expanded is a constant of one number in a shape.
func (b *builder) expanded(n *node, t *tensor, dims []int64) value {
	size := int64(1)
	if withBatch(dims) && !t.kind.integer() {
		return value{constant: uniform(n.out[0], dims, b.floats(t)[0])}
	}
	for _, d := range dims {
		if d < 1 || d > small/size {
			failf("it makes a constant of more than %d numbers, or of none: %v", small, dims)
		}
		size *= d
	}
	all := make([]float64, size)
	x := b.floats(t)[0]
	for i := range all {
		all[i] = x
	}
	if !t.kind.integer() {
		return value{constant: reals(n.out[0], dims, all)}
	}
	whole := make([]int64, size)
	for i := range whole {
		whole[i] = int64(x)
	}
	return value{constant: integers(n.out[0], dims, whole)}
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
	if t.same != nil {
		return *t.same == 0
	}
	zero := true
	err := t.each(b.file.folder, func(_ int, bits uint64) { zero = zero && t.kind.float(bits) == 0 })
	if err != nil {
		panic(fault{err})
	}
	return zero
}
