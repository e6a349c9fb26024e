package onnx

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// hiddenBelow is what a key's bias is at most if it is hidden: exporters write −Inf, the smallest number of
// float32, or −10,000, of all of which the softmax in float32 makes 0.
const hiddenBelow = -1e4

// where chooses: it masks scores or the steps of a sequence, leaves out a guard of a softmax, or works on constants.
func where(b *builder, n *node) value {
	var in [3]value
	for k := range in {
		in[k] = b.raw(n, k)
	}
	for k, v := range in[1:] {
		other := in[2-k]
		if v.activation != nil && v.scores == nil && in[0].deferred != nil && in[0].mask != "" && other.constant != nil && other.constant.count() == 1 {
			return b.filled(n, v.activation, b.floats(other.constant)[0], in[0].deferred, k == 1)
		}
		if v.activation == nil || v.scores == nil {
			continue
		}
		if guard := in[0].activation; guard != nil && guard.scores != nil && guard.scores.isNaN && k == 1 {
			return v.scores.protected() // for rows without a key, which Attention makes 0, too
		}
		if in[0].activation == nil && other.constant != nil && other.constant.count() == 1 {
			return b.masked(n, v.activation, b.floats(other.constant)[0], in[0], k == 1)
		}
		failf("it chooses between scores of attention and something else than a number")
	}
	if in[0].activation == nil && slices.ContainsFunc(in[1:], func(v value) bool { return v.activation != nil }) {
		failf("with a condition that is a constant or a mask it is supported on constants, on the scores of attention and, with a mask and one number, on sequences")
	}
	return chooser(n.op)(b, n)
}

// isNaN is the guard that exporters put behind a softmax whose row may have no key.
func isNaN(b *builder, n *node) value {
	v := b.raw(n, 0)
	if v.activation == nil {
		return b.fold(n)
	}
	if v.scores == nil || !v.scores.soft {
		failf("it is supported on constants and after the softmax of attention")
	}
	s := *v.scores
	s.isNaN = true
	return value{activation: &activation{scores: &s}}
}

// masked replaces scores by a number where a condition is true, or where it is false.
func (b *builder) masked(n *node, a *activation, number float64, condition value, when bool) value {
	if !(number <= hiddenBelow) {
		failf("it replaces scores of attention by %v: only numbers of %v and less, which hide a key, are supported", number, hiddenBelow)
	}
	if b.readsMask(condition.deferred); !b.holes() {
		number = math.Inf(-1)
	}
	v := b.biased(a, condition, func(x float64) float64 {
		if (x != 0) == when {
			return number
		}
		return 0
	}, func(before, x float64) float64 {
		if x != 0 {
			return x
		}
		return before
	})
	v.scores.replaced = v.scores.replaced || !math.IsInf(number, -1)
	return v
}

// withBias adds constants, or a mask, to scores.
func (b *builder) withBias(a *activation, bias value) value {
	if bias.constant != nil && bias.constant.source != nil {
		return b.withTable(a, bias.constant)
	}
	if c := bias.constant; c != nil && weightly(c) && strings.Contains(c.name, "::") {
		b.note(fmt.Sprintf("what is added to scores of attention, %q, was computed by the exporter and is no parameter: if it was made of biases that are learned, export the network with do_constant_folding=False, or with dynamo=True and optimize=False", c.name))
	}
	v := b.biased(a, bias, func(x float64) float64 { return x }, func(before, x float64) float64 { return before + x })
	v.scores.truths = v.scores.truths || bias.deferred != nil && bias.deferred.node != nil && bias.deferred.node.op == "Where"
	return v
}

// biased combines the biases of scores with what f makes of each number of a constant or a deferred value.
func (b *builder) biased(a *activation, bias value, f func(x float64) float64, combine func(before, x float64) float64) value {
	if a.scores.soft {
		failf("masks after the softmax of attention are not supported")
	}
	s := *a.scores
	rows, cols := s.square()
	if s.window > 0 {
		return b.biasedInWindows(&s, bias, f, combine)
	}
	m := &mask{builder: b, value: bias, f: f, dims: []int64{sizeOf(heads(s.lead)), rows, cols}}
	if len(s.lead) == 1 { // heads are joined with the batch, or there is one
		m.joined = true
	}
	switch {
	case bias.constant != nil:
		s.combine(combine, m.constant(b.array(bias.constant)), nil)
	case bias.mask == "":
		s.combine(combine, m.constant(b.forEach(bias.deferred)), nil)
	default:
		b.readsMask(bias.deferred)
		if s.seesMask = true; b.holes() {
			seen, hidden := m.tables()
			s.combine(combine, seen, hidden)
		} else {
			s.combine(combine, m.padding(), nil)
		}
	}
	return value{activation: &activation{scores: &s}}
}

// A mask is what is added to the scores of attention.
type mask struct {
	*builder
	value
	f      func(x float64) float64
	dims   []int64 // heads, queries, keys
	joined bool    // the graph's scores have no axis of heads
}

// constant returns the biases of an array that all examples have, [1 or heads, queries, keys].
func (m *mask) constant(a *array) []float64 {
	dims := m.dims
	if m.joined {
		if dims[0] != 1 && len(a.dims) > 2 && a.dims[0] != 1 {
			failf("a mask of the shape %s is not supported where batch and heads are one axis", sized(a.dims))
		}
	} else if len(a.dims) == 4 && m.batch > 0 {
		a = m.same(a, m.batch)
	}
	if n := len(a.dims); n > 3 {
		if product(a.dims[:n-3]) != 1 {
			failf("its mask has the shape %s, which does not fit scores of %d heads, %d queries and %d keys", sized(a.dims), dims[0], dims[1], dims[2])
		}
		a = a.shaped(a.dims[n-3:])
	}
	a = a.expanded(m.fitting(a, 1, dims[1], dims[2]))
	return m.numbers(a, 0, a.dims)
}

// fitting returns the shape that an array is expanded to: the given one, with the heads of the mask if the array has
// them.
func (m *mask) fitting(a *array, dims ...int64) []int64 {
	to, at := common(a.dims, dims), len(dims)-3
	for k, d := range to {
		if heads := len(to) == len(dims) && k == at && d == m.dims[0]; len(to) != len(dims) || d != dims[k] && !heads {
			failf("its mask has the shape %s, which does not fit scores of %d heads, %d queries and %d keys", sized(a.dims), m.dims[0], m.dims[1], m.dims[2])
		}
	}
	return to
}

// numbers returns f of as many numbers as dims says, from one on.
func (m *mask) numbers(a *array, first int64, dims []int64) []float64 {
	out := make([]float64, product(dims))
	for i := range out {
		out[i] = m.f(a.real(int(first) + i))
		if math.IsNaN(out[i]) || out[i] > math.MaxFloat32 {
			failf("its mask has the number %v", out[i])
		}
	}
	return out
}

// padding returns the biases of examples without padding. It makes up examples of several lengths, and
// fails unless the mask hides the keys past the end of each, and does nothing else.
func (m *mask) padding() []float64 {
	var whole []float64
	m.tried(m.mask, ends, func(in *array, _ func(i int64) int) {
		m.each(in, func(i int64, own []float64) {
			if whole == nil {
				whole = own
			}
			length := int64(0)
			for length < m.dims[2] && in.real(int(i*m.dims[2]+length)) != 0 {
				length++
			}
			m.hides(own, whole, length)
		})
	})
	return whole
}

// each calls f for the biases of each example that is made up, [1 or heads, queries, keys].
func (m *mask) each(in *array, f func(example int64, own []float64)) {
	examples := in.dims[0]
	a := m.computed(m.value.deferred, in)
	if m.joined && len(a.dims) == 3 && a.dims[0] == examples*m.dims[0] {
		a = a.shaped([]int64{examples, m.dims[0], a.dims[1], a.dims[2]})
	}
	a = a.expanded(m.fitting(a, examples, 1, m.dims[1], m.dims[2]))
	size := product(a.dims[1:])
	for i := range examples {
		f(i, m.numbers(a, i*size, a.dims[1:]))
	}
}

// hides fails unless the biases of an example of some length are those of a whole one with the keys past its
// end hidden.
func (m *mask) hides(own, whole []float64, length int64) {
	for i, x := range own {
		key, query := int64(i)%m.dims[2], int64(i)/m.dims[2]%m.dims[1]
		switch {
		case query >= length && length < m.dims[1]: // a step of padding
		case key >= length && x > hiddenBelow:
			failf("its mask does not hide the steps past the end of an example: only masks that hide the steps for which they are 0 are supported as inputs")
		case key < length && x != whole[i] && !(x <= hiddenBelow && whole[i] <= hiddenBelow):
			failf("its mask hides other steps than those past the end of an example: only masks that hide the steps for which they are 0 are supported as inputs")
		}
	}
}

// set sets number i.
func (a *array) set(i int, x float64) {
	if a.kind.integer() {
		a.ints[i] = int64(x)
	} else {
		a.reals[i] = x
	}
}
