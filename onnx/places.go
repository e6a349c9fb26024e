package onnx

import (
	"slices"

	"breakeven/nn"
)

// Places may be counted: those of RoBERTa among the tokens that are no padding, those of OPT among the steps that the mask does
// not hide.

// comparison reports whether a node compares the tokens of an input with something, of which masks and places are computed.
func comparison(n *node, v value) bool {
	_, two := truths[n.op]
	return two && v.activation != nil && v.tokens != ""
}

// countedRows picks rows of a weight by places that are computed from the tokens or the mask.
func (b *builder) countedRows(n *node, d *deferred) value {
	if x := b.values[d.mask].activation; x != nil {
		return b.amongTokens(n, d, x)
	}
	if b.holes() {
		failf("it counts places with the mask %q, in which examples may have zeros anywhere: zeros after the last step of an example are supported", d.mask)
	}
	steps := b.maskDims(d.mask)[1]
	var whole *array
	b.tried(d.mask, ends, func(in *array, _ func(i int64) int) {
		at := b.placesOf(d, in)
		if whole == nil {
			whole = at.taken([]int64{1, steps}, []int64{steps, 1}, 0)
		}
		for i, place := range at.ints {
			if t := int64(i) % steps; in.real(i) != 0 && place != whole.ints[t] {
				failf("the place of step %d depends on how long an example is", t)
			}
		}
	})
	v, ok := b.constantRows(n, whole.tensor(n.in[1]))
	if !ok {
		failf("it picks rows of something that is no weight of rows")
	}
	return v
}

// placesOf computes places for examples that are made up, one for each of their steps.
func (b *builder) placesOf(d *deferred, in *array) *array {
	at := b.evaluation(in.dims[0], in).deferred(d)
	if !at.kind.integer() || !slices.Equal(at.dims, in.dims) {
		failf("it picks rows by numbers of the shape %s: one integer for each step is supported", sized(at.dims))
	}
	return at
}

// amongTokens picks the rows of places that are counted among the tokens that are no padding, or that are the same for any
// tokens.
func (b *builder) amongTokens(n *node, d *deferred, x *activation) value {
	steps, padding := int64(x.shape().T), b.paddingOf(d)
	var tokens, at []int64
	b.tried(d.mask, patterns, func(in *array, _ func(i int64) int) {
		in = tokensOf(in, padding)
		tokens, at = append(tokens, in.ints...), append(at, b.placesOf(d, in).ints...)
	})
	first := &array{kind: int64s, dims: []int64{1, steps}, ints: at[:steps]}
	if slices.Equal(at, slices.Repeat(first.ints, len(at)/int(steps))) {
		if v, ok := b.constantRows(n, first.tensor(n.in[1])); ok {
			return v
		}
	}
	w := b.weight(n, 0, -1, -1)
	checkCounted(tokens, at, padding, steps)
	if padding+steps >= w.dims[0] {
		failf("its weight %q has rows for %d places, and the data have %d steps", w.name, w.dims[0]-padding-1, steps)
	}
	op := nn.Embedding{Vocabulary: int(w.dims[0]), Width: int(w.dims[1]), Counted: true, Padding: int(padding)}
	return on("TC", b.addWith(n, op, map[string]source{weightName: {tensor: w}}, b.whole(x)))
}

// checkCounted fails unless each step has the row that nn.Embedding has for it if it counts.
func checkCounted(tokens, rows []int64, padding, steps int64) {
	place := padding
	for i, token := range tokens {
		if int64(i)%steps == 0 {
			place = padding
		}
		want := padding
		if token != padding {
			place++
			want = place
		}
		if rows[i] != want {
			failf("it picks row %d for the token %d, of which %d are before it that are not %d: rows are supported that follow each other after row %d, and row %d for the token %d",
				rows[i], token, place-padding-min(1, want-padding), padding, padding, padding, padding)
		}
	}
}

// paddingOf returns the token that others are told from in what is computed from them.
func (b *builder) paddingOf(d *deferred) int64 {
	paddings := b.comparedWith(d, map[*deferred]bool{})
	if len(paddings) != 1 {
		failf("it reads what is computed from the tokens %q: masks and places are supported that tell the one of padding from the others", d.mask)
	}
	return paddings[0]
}

// comparedWith returns the integers that the tokens of a deferred value are compared with.
func (b *builder) comparedWith(d *deferred, seen map[*deferred]bool) (integers []int64) {
	if d == nil || d.node == nil || seen[d] {
		return nil
	}
	seen[d] = true
	for k, name := range d.node.in {
		v := b.values[name]
		if v.deferred != nil {
			integers = append(integers, b.comparedWith(v.deferred, seen)...)
		}
		if !comparison(d.node, v) || len(d.node.in) != 2 {
			continue
		}
		if c := b.values[d.node.in[1-k]].constant; c != nil && c.count() == 1 && c.kind.integer() {
			integers = append(integers, b.ints(c)[0])
		}
	}
	slices.Sort(integers)
	return slices.Compact(integers)
}
