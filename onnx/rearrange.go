package onnx

import (
	"math"
	"slices"
)

// within returns an axis of a tensor, counted from the last one if it is negative.
func within(k int64, rank int) int {
	at := k
	if at < 0 {
		at += int64(rank)
	}
	if at < 0 || at >= int64(rank) {
		failf("axis %d of a tensor of %d dimensions", k, rank)
	}
	return int(at)
}

// product returns the number of elements, and fails if they are too many.
func product(dims []int64) int64 {
	size := int64(1)
	for _, d := range dims {
		if d < 0 || d > 0 && size > math.MaxInt64/d {
			failf("the shape %s is no shape", sized(dims))
		}
		size *= d
	}
	return size
}

// reshapedDims returns the shape that Reshape asks for.
func reshapedDims(from, to []int64, zeros bool) []int64 {
	dims, rest, known := slices.Clone(to), -1, int64(1)
	all := product(from)
	for i, d := range dims {
		switch {
		case d == 0 && !zeros && i < len(from):
			dims[i] = from[i]
		case d == -1 && rest < 0:
			rest = i
			continue
		}
		if dims[i] < 0 || dims[i] > 0 && known > math.MaxInt64/dims[i] {
			failf("a constant of the shape %s is reshaped to %s", sized(from), sized(to))
		}
		known *= dims[i]
	}
	if rest >= 0 && known > 0 {
		dims[rest] = all / known
		known *= dims[rest]
	}
	if known != all || len(dims) > maxRank {
		failf("a constant of the shape %s is reshaped to %s", sized(from), sized(to))
	}
	return dims
}

// squeezedDims leaves out axes of length 1: those given, or all of them.
func squeezedDims(from, axes []int64) []int64 {
	drop := make([]bool, len(from))
	for k := range from {
		drop[k] = len(axes) == 0 && from[k] == 1
	}
	for _, a := range axes {
		drop[within(a, len(from))] = true
	}
	dims := []int64{}
	for k, d := range from {
		if !drop[k] {
			dims = append(dims, d)
		} else if d != 1 {
			failf("axis %d of the shape %s cannot be left out", k, sized(from))
		}
	}
	return dims
}

// unsqueezedDims puts in axes of length 1.
func unsqueezedDims(from, axes []int64) []int64 {
	rank := len(from) + len(axes)
	if rank > maxRank {
		failf("it makes a tensor of %d dimensions", rank)
	}
	dims, next := slices.Repeat([]int64{0}, rank), 0
	for _, a := range axes {
		dims[within(a, rank)] = 1
	}
	for k := range dims {
		if dims[k] == 1 {
			continue
		}
		if next == len(from) {
			failf("its axes %v occur twice", axes)
		}
		dims[k] = from[next]
		next++
	}
	return dims
}

func flattened(_ *builder, n *node, in []*array) *array {
	dims, axis := in[0].dims, n.int("axis", 1)
	if axis < 0 {
		axis += int64(len(dims))
	}
	if axis < 0 || axis > int64(len(dims)) {
		failf("axis %d of a tensor of %d dimensions", axis, len(dims))
	}
	return in[0].shaped([]int64{product(dims[:axis]), product(dims[axis:])})
}

// joined joins arrays along an axis.
func joined(_ *builder, n *node, in []*array) *array {
	axis := within(n.int("axis", 0), len(in[0].dims))
	dims := slices.Clone(in[0].dims)
	dims[axis] = 0
	for _, a := range in {
		if a == nil || len(a.dims) != len(dims) || a.kind.integer() != in[0].kind.integer() {
			failf("it joins constants that do not fit")
		}
		for k, d := range a.dims {
			if k != axis && d != dims[k] {
				failf("the shapes %s and %s cannot be joined", sized(in[0].dims), sized(a.dims))
			}
		}
		dims[axis] += a.dims[axis]
	}
	out, first := newArray(in[0].kind, dims), 0
	inner := int(product(dims[axis+1:]))
	for _, a := range in {
		run := int(a.dims[axis]) * inner
		for i := range a.size() {
			out.copy(i/run*int(dims[axis])*inner+first+i%run, a, i)
		}
		first += run
	}
	return out
}

func turned(_ *builder, n *node, in []*array) *array {
	x, perm := in[0], n.permutation(len(in[0].dims))
	dims, steps, own := make([]int64, len(perm)), make([]int64, len(perm)), strides(x.dims)
	for k, from := range perm {
		dims[k], steps[k] = x.dims[from], own[from]
	}
	return x.taken(dims, steps, 0)
}

// permutation returns the order in which a Transpose has the axes of its input.
func (n *node) permutation(rank int) []int {
	var perm []int
	for _, k := range n.ints("perm", nil) {
		perm = append(perm, int(k))
	}
	if len(perm) == 0 {
		for k := range rank {
			perm = append(perm, rank-1-k)
		}
	}
	sorted := slices.Sorted(slices.Values(perm))
	for k := range sorted {
		if len(perm) != rank || sorted[k] != k {
			failf("its perm is %v for %d axes", perm, rank)
		}
	}
	return perm
}

// gathered picks parts along an axis.
func gathered(_ *builder, n *node, in []*array) *array {
	x, index := in[0], in[1].whole()
	axis := within(n.int("axis", 0), len(x.dims))
	out := newArray(x.kind, slices.Concat(x.dims[:axis], in[1].dims, x.dims[axis+1:]))
	inner, length := int(product(x.dims[axis+1:])), x.dims[axis]
	for i := range out.size() {
		outer, k, rest := i/inner/len(index), index[i/inner%len(index)], i%inner
		if k < 0 {
			k += length
		}
		if k < 0 || k >= length {
			failf("it picks element %d of %d", k, length)
		}
		out.copy(i, x, (outer*int(length)+int(k))*inner+rest)
	}
	return out
}
