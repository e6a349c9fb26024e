package onnx

import (
	"math"
	"slices"
)

// cut takes a part of each axis.
func cut(_ *builder, _ *node, in []*array) *array {
	x, starts, ends := in[0], in[1].whole(), in[2].whole()
	axes, steps := optional(in, 3), optional(in, 4)
	dims, own, first := slices.Clone(x.dims), strides(x.dims), int64(0)
	if len(starts) != len(ends) || axes != nil && len(axes) != len(starts) || steps != nil && len(steps) != len(starts) || len(starts) > len(dims) {
		failf("its starts, ends, axes and steps are not as many as each other")
	}
	for k, start := range starts {
		axis, step := k, int64(1)
		if axes != nil {
			axis = within(axes[k], len(dims))
		}
		if steps != nil {
			step = steps[k]
		}
		lo, count := sliceOf(start, ends[k], step, x.dims[axis])
		dims[axis] = count
		first += lo * own[axis]
		own[axis] *= step
	}
	return x.taken(dims, own, first)
}

// sliceOf returns the first of size numbers that a Slice takes, and how many it takes.
func sliceOf(start, end, step, size int64) (first, count int64) {
	if step == 0 || step > math.MaxInt32 || step < -math.MaxInt32 {
		failf("it takes numbers in steps of %d", step)
	}
	if step > 0 {
		lo, hi := int64(clamp(start, int(size))), int64(clamp(end, int(size)))
		return lo, (max(0, hi-lo) + step - 1) / step
	}
	back := func(k int64) int64 { // a place from −1, before the first number
		if k < 0 {
			k += size
		}
		return min(max(k, -1), size-1)
	}
	hi, lo := back(start), back(end)
	return max(hi, 0), (max(0, hi-lo) - step - 1) / -step
}

// gatheredND picks parts by their places along the first axes.
func gatheredND(_ *builder, n *node, in []*array) *array {
	x, rank := in[0], len(in[1].dims)
	if n.int("batch_dims", 0) != 0 || rank == 0 || in[1].dims[rank-1] < 1 || in[1].dims[rank-1] > int64(len(x.dims)) {
		failf("it is supported without batch_dims, by places along the first axes")
	}
	depth := int(in[1].dims[rank-1])
	out, own := newArray(x.kind, slices.Concat(in[1].dims[:rank-1], x.dims[depth:])), strides(x.dims)
	inner, index := int(product(x.dims[depth:])), in[1].whole()
	for i := range out.size() {
		out.copy(i, x, i%inner+x.placeOf(own, index[i/inner*depth:][:depth], "it picks element"))
	}
	return out
}

// placeOf returns where a part of an array with the given strides begins, whose place along the first axes is given, from their ends where
// it is negative. An error begins with what is done to it.
func (a *array) placeOf(own, index []int64, what string) int {
	at := int64(0)
	for d, k := range index {
		if k < 0 {
			k += a.dims[d]
		}
		if k < 0 || k >= a.dims[d] {
			failf("%s %d of %d", what, k, a.dims[d])
		}
		at += k * own[d]
	}
	return int(at)
}

// gatheredElements picks one number for each of the indices, at their other places.
func gatheredElements(_ *builder, n *node, in []*array) *array {
	x, index := in[0], in[1].whole()
	axis := within(n.int("axis", 0), len(x.dims))
	if len(in[1].dims) != len(x.dims) {
		failf("it reads the shapes %s and %s", sized(x.dims), sized(in[1].dims))
	}
	out, own, places := newArray(x.kind, in[1].dims), strides(x.dims), strides(in[1].dims)
	for i := range out.size() {
		at := int64(0)
		for d, size := range x.dims {
			k := int64(i) / places[d] % in[1].dims[d]
			if d == axis {
				if k = index[i]; k < 0 {
					k += size
				}
			}
			if k < 0 || k >= size {
				failf("it picks element %d of %d", k, size)
			}
			at += k * own[d]
		}
		out.copy(i, x, int(at))
	}
	return out
}

// scattered puts parts into an array at their places along the first axes.
func scattered(_ *builder, n *node, in []*array) *array {
	x, places, parts := in[0], in[1], in[2]
	rank := len(places.dims)
	if rank == 0 || places.dims[rank-1] < 1 || places.dims[rank-1] > int64(len(x.dims)) || n.text("reduction", "none") != "none" {
		failf("it is supported without reduction, at places along the first axes")
	}
	depth := int(places.dims[rank-1])
	if !slices.Equal(parts.dims, slices.Concat(places.dims[:rank-1], x.dims[depth:])) || parts.kind.integer() != x.kind.integer() {
		failf("it puts the shape %s at places of the shape %s of %s", sized(parts.dims), sized(places.dims), sized(x.dims))
	}
	out, own := newArray(x.kind, x.dims), strides(x.dims)
	for i := range x.size() {
		out.copy(i, x, i)
	}
	inner, index := int(product(x.dims[depth:])), places.whole()
	for i := range parts.size() {
		out.copy(i%inner+x.placeOf(own, index[i/inner*depth:][:depth], "it puts a part at"), parts, i)
	}
	return out
}
