package onnx

import "slices"

// pad adds pixels around an image or a signal: zeros, those of its edge, or its own mirrored or repeated. Where a number of them is negative it
// takes as many away.
func pad(b *builder, n *node) value {
	if b.input(n, 0).constant != nil {
		return b.fold(n)
	}
	rank := len(b.reads(n, 0).dims())
	before, after := padsOf(b.integers(n, 1, "pads", nil), b.integers(n, 3, "axes", nil), rank)
	if empty(before) && empty(after) {
		return b.input(n, 0)
	}
	x := b.grid(n)
	if !empty(before[:2]) || !empty(after[:2]) {
		failf("it pads the batch or the channels of %s: supported are height, width and length", sized(x.dims()))
	}
	mode, place := n.padding()
	if n.has(2) && mode == "constant" && b.number(n, 2) != 0 {
		failf("it pads with %v: zeros are supported", b.number(n, 2))
	}
	s, last := x.shape(), rank-1
	top, bottom := 0, 0
	if rank == 4 {
		top, bottom = int(before[2]), int(after[2])
	}
	left := int(before[last])
	h, w := top+s.H+bottom, left+s.W+int(after[last])
	if h < 1 || w < 1 {
		failf("it leaves nothing of %v", s)
	}
	return on(x.axes, b.pixelsAt(n, b.whole(x), h, w, func(r, c int) (int, int) { return place(r-top, s.H), place(c-left, s.W) }))
}

// padsOf returns how many numbers a Pad adds before and after those of each axis. Without a list of axes it has those of all.
func padsOf(list, axes []int64, rank int) (before, after []int64) {
	const most = 1 << 20
	if axes == nil {
		for k := range rank {
			axes = append(axes, int64(k))
		}
	}
	if len(list) != 2*len(axes) {
		failf("its pads are %v for %d axes", list, len(axes))
	}
	before, after = make([]int64, rank), make([]int64, rank)
	for k, axis := range axes {
		lo, hi := list[k], list[len(axes)+k]
		if min(lo, hi) < -most || max(lo, hi) > most {
			failf("its pads are %v", list)
		}
		before[within(axis, rank)], after[within(axis, rank)] = lo, hi
	}
	return before, after
}

// paddings say which of the pixels 0 … size−1 of a row stands at a place before, in or behind it; −1: a zero.
var paddings = map[string]func(at, size int) int{
	"constant": func(at, size int) int {
		if at < 0 || at >= size {
			return -1
		}
		return at
	},
	"edge": func(at, size int) int { return min(max(at, 0), size-1) },
	"wrap": func(at, size int) int { return (at%size + size) % size },
	"reflect": func(at, size int) int {
		around := max(1, 2*(size-1))
		at = (at%around + around) % around
		return min(at, around-at)
	},
}

// padding returns the mode of a Pad, and what it does.
func (n *node) padding() (mode string, place func(at, size int) int) {
	mode = n.text("mode", "constant")
	place, ok := paddings[mode]
	if !ok {
		failf("its mode %q is not known", mode)
	}
	return mode, place
}

// padded is a Pad of a constant.
func padded(_ *builder, n *node, in []*array) *array {
	x, rank := in[0], len(in[0].dims)
	before, after := padsOf(in[1].whole(), optional(in, 3), rank)
	_, place := n.padding()
	dims := slices.Clone(x.dims)
	for k := range dims {
		if dims[k] += before[k] + after[k]; dims[k] < 0 || x.dims[k] == 0 {
			failf("it pads the shape %s to %s", sized(x.dims), sized(dims))
		}
	}
	out, own, places := newArray(x.kind, dims), strides(x.dims), strides(dims)
	for i := range out.size() {
		at := int64(0)
		for k, size := range dims {
			from := place(int(int64(i)/places[k]%size-before[k]), int(x.dims[k]))
			if from < 0 {
				at = -1
				break
			}
			at += int64(from) * own[k]
		}
		switch {
		case at >= 0:
			out.copy(i, x, int(at))
		case len(in) > 2 && in[2] != nil && in[2].size() == 1 && in[2].kind.integer() == x.kind.integer():
			out.copy(i, in[2], 0)
		}
	}
	return out
}

// empty reports whether numbers are all 0.
func empty(numbers []int64) bool {
	return !slices.ContainsFunc(numbers, func(x int64) bool { return x != 0 })
}
