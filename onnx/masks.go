package onnx

import (
	"math"
	"slices"
)

// hiddenBelow is what a key's bias is at most if it is hidden: exporters write −Inf, the smallest number of
// float32, or −10,000, of all of which the softmax in float32 makes 0.
const hiddenBelow = -1e4

// where chooses: it masks scores, leaves out a guard of their softmax, or works on constants.
func where(b *builder, n *node) value {
	var in [3]value
	for k := range in {
		in[k] = b.raw(n, k)
	}
	for k, v := range in[1:] {
		if v.activation == nil || v.scores == nil {
			continue
		}
		if guard := in[0].activation; guard != nil && guard.scores != nil && guard.scores.isNaN && k == 1 {
			return v // for rows without a key, which Attention makes 0, too
		}
		if other := in[2-k]; in[0].activation == nil && other.constant != nil && other.constant.count() == 1 {
			return b.masked(n, v.activation, b.floats(other.constant)[0], in[0], k == 1)
		}
		failf("it chooses between scores of attention and something else than a number")
	}
	if slices.ContainsFunc(in[:], func(v value) bool { return v.activation != nil }) {
		failf("it is supported on constants and on the scores of attention")
	}
	return b.fold(n)
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
	return b.biased(n, a, condition, func(x float64) float64 {
		if (x != 0) == when {
			return math.Inf(-1)
		}
		return 0
	})
}

// withBias adds constants, or a mask, to scores.
func (b *builder) withBias(n *node, a *activation, bias value) value {
	return b.biased(n, a, bias, func(x float64) float64 { return x })
}

// biased adds to scores what f makes of each number of a constant or a deferred value.
func (b *builder) biased(n *node, a *activation, bias value, f func(x float64) float64) value {
	if a.scores.soft {
		failf("masks after the softmax of attention are not supported")
	}
	s := *a.scores
	heads, rows, cols := sizeOf(heads(s.lead)), int64(s.q.of.Shape().T), int64(s.k.of.Shape().T)
	m := &mask{builder: b, value: bias, f: f, dims: []int64{heads, rows, cols}}
	if len(s.lead) == 1 { // heads are joined with the batch, or there is one
		m.joined = true
	}
	var more []float64
	switch {
	case bias.constant != nil:
		more = m.constant(b.array(bias.constant))
	case bias.mask == "":
		more = m.constant(b.forEach(bias.deferred))
	default:
		if b.padding != "" && b.padding != bias.mask {
			failf("it reads the mask %q after %q: one is supported", bias.mask, b.padding)
		}
		more, b.padding = m.padding(), bias.mask
	}
	s.bias = added(s.bias, more)
	return value{activation: &activation{scores: &s}}
}

// added returns the sum of biases, each for all heads or for every one.
func added(x, y []float64) []float64 {
	if len(x) < len(y) {
		x, y = y, x
	}
	sum := slices.Clone(x)
	for i := range sum {
		if len(y) > 0 {
			sum[i] += y[i%len(y)]
		}
	}
	return sum
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
	steps, examples := m.dims[2], m.someExamples()
	lengths := []int64{steps, (steps + 1) / 2, 1}
	var whole []float64
	for turn := int64(0); turn < 3 && (turn == 0 || examples < 3); turn++ {
		in := newArray(m.maskKind(), []int64{examples, steps})
		length := func(i int64) int64 { return lengths[(i+turn)%3] }
		for i := range in.size() {
			if int64(i)%steps < length(int64(i)/steps) {
				in.set(i, 1)
			}
		}
		a := m.evaluation(examples, in).deferred(m.value.deferred)
		if m.joined && len(a.dims) == 3 && a.dims[0] == examples*m.dims[0] {
			a = a.shaped([]int64{examples, m.dims[0], a.dims[1], a.dims[2]})
		}
		a = a.expanded(m.fitting(a, examples, 1, m.dims[1], m.dims[2]))
		size := product(a.dims[1:])
		for i := range examples {
			own := m.numbers(a, i*size, a.dims[1:])
			if whole == nil {
				whole = own
			}
			m.hides(own, whole, length(i))
		}
	}
	return whole
}

// hides fails unless the biases of an example of some length are those of a whole one with the keys past its
// end hidden.
func (m *mask) hides(own, whole []float64, length int64) {
	for i, x := range own {
		key, query := int64(i)%m.dims[2], int64(i)/m.dims[2]%m.dims[1]
		switch {
		case query >= length && length < m.dims[1]: // a step of padding
		case key >= length && x > hiddenBelow:
			failf("its mask does not hide the steps past the end of an example: only masks of padding are supported as inputs")
		case key < length && x != whole[i] && !(x <= hiddenBelow && whole[i] <= hiddenBelow):
			failf("its mask hides other steps than those past the end of an example: only masks of padding are supported as inputs")
		}
	}
}

// maskKind returns the kind of the mask's numbers.
func (m *mask) maskKind() kind { return m.values[m.mask].kind }

// set sets number i.
func (a *array) set(i int, x float64) {
	if a.kind.integer() {
		a.ints[i] = int64(x)
	} else {
		a.reals[i] = x
	}
}

// causal reports whether biases hide the keys of later steps, and do nothing else.
func causal(bias []float64, rows, cols int64) bool {
	for i, x := range bias {
		later := int64(i)%cols > int64(i)/cols%rows
		if later && x > hiddenBelow || !later && x != 0 {
			return false
		}
	}
	return len(bias) > 0 && rows > 1
}

// biases returns biases as Attention has them, nil if they are 0: one for all heads if they are the same for
// each.
func biases(bias []float64, square int64) []float32 {
	var out []float32
	zero, shared := true, true
	for i, x := range bias {
		if x <= hiddenBelow {
			x = math.Inf(-1)
		}
		out = append(out, float32(x))
		zero = zero && x == 0
		shared = shared && out[i] == out[int64(i)%square]
	}
	if zero {
		return nil
	}
	if shared {
		out = out[:square]
	}
	return out
}
