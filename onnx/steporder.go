package onnx

import (
	"slices"

	"breakeven/nn"
)

// The steps of a sequence, and the pixels of an image as those of one, may stand in any order: windows follow each other, rows are
// shifted, every other one is taken. Slice, Concat, Reshape and Transpose compute with their places, and what reads the result makes
// one nn.PickSteps of it.

// ordering are the operators that compute with the places of steps.
var ordering = []string{"Slice", "Concat", "Reshape", "Transpose", "Unsqueeze", "Squeeze", "Identity", "Shape"}

// length returns how many steps a layout has.
func (l *layout) length() int64 {
	if l.at != nil {
		return int64(len(l.at))
	}
	return int64(l.of.Shape().T)
}

// inOrder reports whether a layout has all steps of its operation in their order, or none.
func (l *layout) inOrder() bool {
	size, found := int64(1), false
	for _, p := range slices.Backward(slices.Concat(l.axes...)) {
		if p.axis != 'T' {
			continue
		}
		if found = true; p.stride != size {
			return false
		}
		size *= p.size
	}
	return l.at == nil && (!found || size == l.length())
}

// mostSteps is how many steps all layouts of a network may put in an order.
const mostSteps = 1 << 24

// stepsOf returns the places of the steps of a layout, with the axes that it has.
func (b *builder) stepsOf(l *layout) *array {
	if b.ordered += l.length(); b.ordered > mostSteps {
		failf("the sequences whose steps it puts in another order, and those before it, have more than %d steps", mostSteps)
	}
	var sizes, dims, strides []int64
	for _, axis := range l.axes {
		size := int64(1)
		for k, p := range axis {
			if p.axis == 'T' {
				if size > 1 && axis[k-1].axis != 'T' {
					failf("it joins steps and channels of %s in an order that is not supported", sized(l.dims()))
				}
				size, dims, strides = size*p.size, append(dims, p.size), append(strides, p.stride)
			}
		}
		sizes = append(sizes, size)
	}
	all := &array{kind: int64s, ints: make([]int64, l.length())}
	for t := range all.ints {
		if all.ints[t] = int64(t); l.at != nil {
			all.ints[t] = int64(l.at[t])
		}
	}
	return all.taken(dims, strides, 0).shaped(sizes)
}

// withSteps returns a layout with the steps at the given places, which have its axes.
func (l *layout) withSteps(n *node, at *array) *layout {
	out := *l
	out.axes, out.at, out.by = nil, nil, n
	for k, stride := range strides(at.dims) {
		axis := slices.DeleteFunc(slices.Clone(l.axes[k]), func(p piece) bool { return p.axis == 'T' })
		first := max(0, slices.IndexFunc(l.axes[k], func(p piece) bool { return p.axis == 'T' }))
		out.axes = append(out.axes, trimmed(slices.Insert(axis, min(first, len(axis)), piece{'T', at.dims[k], stride})))
	}
	for _, t := range at.ints {
		out.at = append(out.at, int32(t))
	}
	if out.isWhole() {
		out.at = nil
	}
	return &out
}

// isWhole reports whether a layout has all steps of its operation in their order, whatever axes they have.
func (l *layout) isWhole() bool {
	for t, at := range l.at {
		if int(at) != t {
			return false
		}
	}
	return l.at == nil || len(l.at) == l.of.Shape().T
}

// inItsOrder returns a layout of an operation that has the steps in the order of the layout.
func (b *builder) inItsOrder(l *layout) *layout {
	if l.inOrder() {
		return l
	}
	out := l.withSteps(l.by, b.stepsOf(l))
	if out.by = nil; out.at != nil {
		b.along = l.by.String()
		out.of, out.at = b.add(&node{name: l.by.path() + ".steps"}, nn.PickSteps{At: out.at}, l.of), nil
	}
	return out
}

// asSteps returns the layout of an image as that of a sequence of its pixels.
func (b *builder) asSteps(n *node, l *layout) *layout {
	s := l.of.Shape()
	if s.T > 0 || s.H*s.W == 1 {
		return l
	}
	of, ok := b.stepped[l.of]
	if !ok {
		of = b.add(&node{name: n.path() + ".pixels"}, nn.PixelSteps{}, l.of)
		b.stepped[l.of] = of
	}
	out := *l
	out.of, out.axes, out.by = of, nil, n
	for _, axis := range l.axes {
		axis = slices.Clone(axis)
		for k, p := range axis {
			if p.axis == 'H' {
				p.stride *= int64(s.W)
			}
			if p.axis != 'C' && p.axis != 'N' {
				p.axis = 'T'
			}
			axis[k] = p
		}
		out.axes = append(out.axes, trimmed(axis))
	}
	return &out
}

// cutPixels reports whether height or width of an image is cut.
func (l *layout) cutPixels() bool {
	s := l.of.Shape()
	return s.T == 0 && slices.ContainsFunc(slices.Concat(l.axes...), func(p piece) bool {
		return p.axis == 'H' && p.size != int64(s.H) || p.axis == 'W' && p.size != int64(s.W)
	})
}

// pixels returns an axis of all pixels of an image, row by row.
func pixels(s nn.Shape) []piece { return trimmed([]piece{{'H', int64(s.H), 1}, {'W', int64(s.W), 1}}) }

// isPixels reports whether an axis has no pieces but those of the height or width of an image, and one at least.
func isPixels(axis []piece) bool {
	return len(axis) > 0 && !slices.ContainsFunc(axis, func(p piece) bool { return p.axis != 'H' && p.axis != 'W' })
}

// isStepAxis reports whether an axis has no pieces but those of steps, and one at least.
func isStepAxis(axis []piece) bool {
	return len(axis) > 0 && !slices.ContainsFunc(axis, func(p piece) bool { return p.axis != 'T' })
}

// partOfSteps returns the layout with the part lo … hi−1 of an axis of steps, in steps of so many.
func (b *builder) partOfSteps(n *node, l *layout, axis int, lo, hi, step int64) *layout {
	at := b.stepsOf(l)
	dims, own := slices.Clone(at.dims), strides(at.dims)
	first := lo * own[axis]
	dims[axis] = (hi - lo + step - 1) / step
	own[axis] *= step
	return l.withSteps(n, at.taken(dims, own, first))
}

// joins reports whether layouts are the same apart from their steps.
func (l *layout) joins(other *layout) bool {
	same := func(x, y []piece) bool {
		others := func(axis []piece) []piece {
			return slices.DeleteFunc(slices.Clone(axis), func(p piece) bool { return p.axis == 'T' })
		}
		return slices.Equal(others(x), others(y))
	}
	return l.of == other.of && l.first == other.first && l.scale == other.scale && slices.EqualFunc(l.axes, other.axes, same)
}

// joinedSteps joins parts of one sequence along an axis of steps, as a shift of rows does; ok is false if a Concat is something else.
func (b *builder) joinedSteps(n *node) (v value, ok bool) {
	var all []*array
	var first *layout
	axis := 0
	for k := range n.in {
		x := b.input(n, k).activation
		if x == nil || x.laid == nil && x.view == nil || x.moment != nil {
			return v, false
		}
		l := x.laid
		if l == nil {
			l = b.layoutOf(x)
		}
		if axis = within(n.int("axis", 0), len(l.axes)); first == nil {
			first = l
		}
		if !l.joins(first) || len(l.axes[axis]) > 0 && !isStepAxis(l.axes[axis]) {
			return v, false
		}
		all = append(all, b.stepsOf(l))
	}
	if len(all) < 2 || !slices.ContainsFunc(all, func(a *array) bool { return a.dims[axis] > 1 }) {
		return v, false
	}
	return b.settled(n, first.withSteps(n, joined(b, &node{attributes: map[string]*attribute{"axis": {i: int64(axis)}}}, all))), true
}
