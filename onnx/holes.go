package onnx

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"breakeven/nn"
)

// A mask with holes has zeros anywhere. It is an input of the network, which operations of attention and of pooling read. Of each
// score the first have what the graph adds where the mask is 1, and what it adds where the mask is 0.

// holes reports whether operations of attention and of pooling read the mask; else sequences have lengths.
func (b *builder) holes() bool { return b.masking != (nn.Node{}) }

// readsMask notes the mask that a deferred value is computed from. If that are the tokens, those that are no padding are it.
func (b *builder) readsMask(d *deferred) {
	switch {
	case d == nil || d.mask == "" || d.mask == b.padding:
		return
	case b.padding != "":
		failf("it reads the mask of %q after that of %q: one is supported", d.mask, b.padding)
	}
	b.padding = d.mask
	if x := b.values[d.mask].activation; x != nil {
		if b.holes() {
			failf("it computes its mask from %q, and the data have one that nothing reads", d.mask)
		}
		b.hidden = b.paddingOf(d)
		b.masking = b.net.Add(b.free("mask"), nn.TokenMask{Padding: int(b.hidden)}, b.whole(x))
	}
}

// ofTokens reports whether the mask is computed from the tokens.
func (b *builder) ofTokens() bool { return b.padding != "" && b.values[b.padding].activation != nil }

// noteMask says which steps are computed. It returns an error if nothing reads the mask.
func (b *builder) noteMask() error {
	switch {
	case b.padding == "":
		return errors.New("neither attention nor a mean, sum or maximum over steps reads its mask")
	case b.ofTokens():
		b.note(fmt.Sprintf("attention and pooling leave out the steps of %q whose token is %d, and everything else computes them", b.padding, b.hidden))
	case b.along != "":
		b.note(fmt.Sprintf("%s works along all steps, also those for which the mask %q is 0", b.along, b.padding))
	default:
		b.note(fmt.Sprintf("attention and pooling leave out the steps for which the mask %q is 0, and everything else computes them", b.padding))
	}
	return nil
}

// A pattern says which numbers of a mask are 1.
type pattern func(i, size int64) bool

// ends are the patterns of masks that hide what follows the end of an example.
var ends = []pattern{
	func(i, size int64) bool { return true },
	func(i, size int64) bool { return i < (size+1)/2 },
	func(i, size int64) bool { return i < 1 },
}

// tried calls f for masks that are made up, or for those of tokens. Their examples have the patterns one after the other.
func (b *builder) tried(input string, patterns []pattern, f func(in *array, pattern func(i int64) int)) {
	k, dims, count := int64s, slices.Clone(b.maskDims(input)), int64(len(patterns))
	if v := b.values[input]; v.deferred != nil {
		k = v.kind
	}
	dims[0] = b.someExamples()
	size := product(dims[1:])
	for first := int64(0); first < count; first += dims[0] {
		pattern, in := func(i int64) int { return int((first + i) % count) }, newArray(k, dims)
		for at := range in.size() {
			if patterns[pattern(int64(at)/size)](int64(at)%size, size) {
				in.set(at, 1)
			}
		}
		f(in, pattern)
	}
}

// patterns say of which numbers of a mask with size of them are 1, in the examples that are made up.
var patterns = []pattern{
	func(i, size int64) bool { return true },
	func(i, size int64) bool { return false },
	func(i, size int64) bool { return i >= size/2 },
	func(i, size int64) bool { return i <= size/2 },
	func(i, size int64) bool { return i%2 == 0 },
	func(i, size int64) bool { return i%3 == 1 },
}

// tables returns the biases where the mask is 1 and where it is 0. It fails unless the second ones hide keys, and the bias of a
// key is decided by the mask of that key alone or, if the mask has a row for each query, of that query and key.
func (m *mask) tables() (seen, hidden []float64) {
	m.tried(m.mask, patterns, func(in *array, pattern func(i int64) int) {
		size := product(in.dims[1:])
		m.each(in, func(i int64, own []float64) {
			switch {
			case seen == nil:
				seen = own
			case hidden == nil:
				hidden = own
			default:
				m.chosen(own, seen, hidden, func(at int64) bool { return patterns[pattern(i)](at%size, size) })
			}
		})
	})
	return seen, hidden
}

// maskDims returns the shape of an input that is a mask, or of the mask of tokens.
func (b *builder) maskDims(input string) []int64 {
	v := b.values[input]
	if v.deferred != nil {
		return v.extent
	}
	return []int64{batchSize, int64(v.shape().T)}
}

// computed is a deferred value for a mask that is made up.
func (b *builder) computed(d *deferred, mask *array) *array {
	if b.ofTokens() {
		mask = tokensOf(mask, b.hidden)
	}
	return b.evaluation(mask.dims[0], mask).deferred(d)
}

// tokensOf returns tokens with a mask: padding where it is 0, and where it is 1 others, which differ from example to example.
func tokensOf(mask *array, padding int64) *array {
	others := []int64{padding + 1, padding + 2, padding + 1000, padding - 1, 0}
	if padding < 1 {
		others = others[:3]
	}
	in, steps := newArray(int64s, mask.dims), int(mask.dims[1])
	for i := range in.ints {
		if in.ints[i] = padding; mask.ints[i] != 0 {
			in.ints[i] = others[(i/steps+i%steps)%len(others)]
		}
	}
	return in
}

// chosen fails unless each bias is one of those where the mask is 1, or of those where it is 0.
func (m *mask) chosen(own, seen, hidden []float64, one func(at int64) bool) {
	for i, x := range own {
		want := hidden[i]
		if one(int64(i)) {
			want = seen[i]
		}
		if x != want {
			failf("its mask hides other steps than those for which it is 0: what it adds to the score of a key depends on more than the number of that key")
		}
		if hidden[i] > hiddenBelow {
			failf("its mask does not hide the steps for which it is 0")
		}
	}
}

// protected returns weights that are 0 where they were no numbers. The newer exporter writes a mask of truth values, of which
// PyTorch makes −Inf, with the lowest finite number, so that none of them is NaN: it is −Inf here, too.
func (s *scores) protected() value {
	other := *s
	if other.guarded = true; s.truths && s.hidden != nil {
		other.bias, other.hidden = infinite(s.bias), infinite(s.hidden)
	}
	return value{activation: &activation{scores: &other}}
}

// infinite returns biases with −Inf where they hide a key.
func infinite(bias []float64) []float64 {
	out := slices.Clone(bias)
	for i, x := range out {
		if x <= hiddenBelow {
			out[i] = math.Inf(-1)
		}
	}
	return out
}

// checkHidden fails if all keys of a query may be hidden, and the graph then has weights or derivatives that Attention has not.
// One key at least has a 1 in the mask, unless each query has a row of its own.
func (s *scores) checkHidden(rows, cols int, pairs bool) {
	n := max(rows*cols, len(s.bias), len(s.hidden))
	for first := 0; first < n; first += cols {
		open, finite := pairs, 0 // finite hidden scores
		for i := first; i < first+cols; i++ {
			open = open || s.bias[i%len(s.bias)] <= hiddenBelow
			if x := s.hidden[i%len(s.hidden)]; !math.IsInf(float64(float32(x)), -1) {
				finite++
			}
		}
		switch {
		case open && s.replaced:
			failf("its mask may hide all keys of a query, whose scores the graph then replaces by equal numbers: supported are masks that are added to the scores, or that replace them by −Inf if NaN becomes 0 after the softmax")
		case open && finite == 0 && !s.guarded:
			failf("its mask may hide all keys of a query, whose weights are NaN in the graph then: supported are masks of finite numbers, which are added to the scores, or NaN that becomes 0 after the softmax")
		}
	}
}

// biasesOf returns biases as Attention has them where the mask is 1 and where it is 0: one for all heads if they are the same
// for each. Those of layers before are taken again.
func (b *builder) biasesOf(s *scores, square int64) (seen, hidden []float32) {
	n := max(square, int64(len(s.bias)), int64(len(s.hidden)))
	lists := [2][]float32{make([]float32, n), make([]float32, n)}
	shared := true
	for k, list := range [2][]float64{s.bias, s.hidden} {
		for i := range n {
			lists[k][i] = float32(list[i%int64(len(list))])
			shared = shared && lists[k][i] == lists[k][i%square]
		}
	}
	for k, list := range lists {
		if shared {
			list = list[:square]
		}
		lists[k] = b.sameBias(list)
	}
	return lists[0], lists[1]
}

// sameBias returns biases that a layer before has, too, if they are the same.
func (b *builder) sameBias(list []float32) []float32 {
	at := slices.IndexFunc(b.biases, func(known []float32) bool { return slices.Equal(known, list) })
	if at < 0 {
		at, b.biases = len(b.biases), append(b.biases, slices.Clone(list))
	}
	return b.biases[at]
}
