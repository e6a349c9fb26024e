package onnx

import (
	"math"
	"slices"
)

// A run is consecutive numbers of a tensor. Exporters compute weights of recurrent layers from several
// initializers, whose rows they put into another order.
type run struct {
	of          *tensor
	from, count int64
}

// largestMosaic is how many runs a tensor may have.
const largestMosaic = 256

// resolved returns some of the numbers of a tensor as runs of tensors that have numbers of their own.
func (t *tensor) resolved(from, count int64) []run {
	switch {
	case t.of != nil: // of whose first numbers it is made
		return t.of.resolved(from, count)
	case t.runs == nil:
		return []run{{t, from, count}}
	}
	var all []run
	for _, r := range t.runs {
		lo, hi := max(from, 0), min(from+count, r.count)
		if lo < hi {
			all = append(all, run{r.of, r.from + lo, hi - lo})
		}
		from -= r.count
	}
	return all
}

// mosaic returns a constant of runs of other ones.
func mosaic(name string, dims []int64, runs ...run) *tensor {
	t := &tensor{name: name, kind: runs[0].of.kind, dims: dims}
	for _, r := range runs {
		if r.of.kind != t.kind {
			failf("it mixes numbers of %v and %v", t.kind, r.of.kind)
		}
		for _, next := range r.of.resolved(r.from, r.count) {
			last := len(t.runs) - 1
			if last >= 0 && t.runs[last].of == next.of && t.runs[last].from+t.runs[last].count == next.from {
				t.runs[last].count += next.count
				continue
			}
			if t.runs = append(t.runs, next); len(t.runs) > largestMosaic {
				failf("it makes a constant of more than %d parts of others", largestMosaic)
			}
		}
	}
	return t
}

// whole returns the initializer that all numbers of a tensor are, in their order; nil: there is none.
func (t *tensor) whole() *tensor {
	if len(t.runs) == 1 && t.runs[0].of.count() == t.runs[0].count && !t.runs[0].of.made {
		return t.runs[0].of
	}
	return nil
}

// weightly reports whether a constant has numbers of initializers, whose places are worth knowing.
func weightly(t *tensor) bool {
	return !t.kind.integer() && !t.made && !t.inline && t.flip == nil && !slices.Contains(t.dims, 0)
}

// named returns a constant under another name. What it has of initializers stays known.
func (b *builder) named(name string, c *tensor) *tensor {
	if weightly(c) && c.of == nil {
		return mosaic(name, c.dims, run{c, 0, c.count()})
	}
	t := *c
	t.name = name
	return &t
}

// cutRows returns rows of a weight along its first axis as a part of it; nil: something else is cut.
func (b *builder) cutRows(n *node, t *tensor) *tensor {
	starts, ends := b.integers(n, 1, "starts", nil), b.integers(n, 2, "ends", nil)
	axes, steps := b.integers(n, 3, "axes", []int64{0}), b.integers(n, 4, "steps", []int64{1})
	if !weightly(t) || len(t.dims) == 0 || len(starts) != 1 || len(ends) != 1 || !slices.Equal(axes, []int64{0}) || !slices.Equal(steps, []int64{1}) {
		return nil
	}
	rows := t.dims[0]
	lo, hi := int64(clamp(starts[0], int(rows))), int64(clamp(ends[0], int(rows)))
	if lo >= hi {
		failf("it takes no rows of the constant %q of shape %v", t.name, t.dims)
	}
	each := t.count() / rows
	return mosaic(n.out[0], append([]int64{hi - lo}, t.dims[1:]...), run{t, lo * each, (hi - lo) * each})
}

// joinedConstants joins constants: weights along their first axis as parts of one.
func (b *builder) joinedConstants(n *node) value {
	var runs []run
	var dims []int64
	for k := range n.in {
		t := b.input(n, k).constant
		if t == nil || !weightly(t) || len(t.dims) == 0 || n.int("axis", 0) != 0 || dims != nil && (len(t.dims) != len(dims) || !slices.Equal(t.dims[1:], dims[1:])) {
			return b.fold(n)
		}
		if dims == nil {
			dims = append([]int64{0}, t.dims[1:]...)
		}
		if dims[0] += t.dims[0]; product(dims) > math.MaxInt32 {
			failf("it makes a constant of the shape %v", dims)
		}
		runs = append(runs, run{t, 0, t.count()})
	}
	return value{constant: mosaic(n.out[0], dims, runs...)}
}
