package onnx

import (
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
	if t.runs == nil {
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

// computable fails unless a constant has numbers that can be cut and joined.
func computable(t *tensor) {
	if t.of != nil || t.made && t.runs == nil && t.raw == nil && t.words == nil || slices.Contains(t.dims, 0) {
		failf("parts of the constant %q of shape %v are not supported", t.name, t.dims)
	}
}

// cutRows returns rows lo … hi−1 of a constant, along its first axis.
func (b *builder) cutRows(n *node, t *tensor, lo, hi int64) *tensor {
	rows := t.dims[0]
	lo, hi = int64(clamp(lo, int(rows))), int64(clamp(hi, int(rows)))
	if lo >= hi {
		failf("it takes no rows of the constant %q of shape %v", t.name, t.dims)
	}
	dims := append([]int64{hi - lo}, t.dims[1:]...)
	if t.same != nil {
		return uniform(n.out[0], dims, *t.same)
	}
	computable(t)
	each := t.count() / rows
	return mosaic(n.out[0], dims, run{t, lo * each, (hi - lo) * each})
}

// stacked joins constants along their first axis.
func stacked(n *node, in []*tensor) *tensor {
	dims, runs := slices.Clone(in[0].dims), []run(nil)
	if len(dims) == 0 || n.int("axis", 0) != 0 {
		failf("constants are joined along their first axis")
	}
	dims[0] = 0
	for _, t := range in {
		computable(t)
		if len(t.dims) != len(dims) || !slices.Equal(t.dims[1:], dims[1:]) {
			failf("the constants %v and %v cannot be joined", in[0].dims, t.dims)
		}
		dims[0] += t.dims[0]
		runs = append(runs, run{t, 0, t.count()})
	}
	t := mosaic(n.out[0], dims, runs...)
	for count, k := int64(1), 0; k < len(dims); k++ {
		if dims[k] > 1<<31/count {
			failf("it makes a constant of shape %v", dims)
		}
		count *= dims[k]
	}
	return t
}

// uniform is a constant of one number for all, in whose shape the batch may be.
func uniform(name string, dims []int64, x float64) *tensor {
	return &tensor{name: name, kind: float32s, dims: dims, made: true, same: &x}
}

// withBatch reports whether a shape has the batch in it.
func withBatch(dims []int64) bool {
	return slices.ContainsFunc(dims, func(d int64) bool { return d > 0 && d%batchSize == 0 })
}

// constantOfShape is a constant of one number for all.
func constantOfShape(b *builder, n *node) value {
	to := b.input(n, 0).constant
	if to == nil {
		failf("its shape is computed from activations, which is not supported")
	}
	one := reals(n.out[0], nil, []float64{0})
	if a, ok := n.attributes["value"]; ok && a.t != nil {
		if one = a.t; one.count() != 1 {
			failf("its value has the shape %v, and it is one number", one.dims)
		}
	}
	return b.expanded(n, one, b.ints(to))
}
