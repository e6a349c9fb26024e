package onnx

import "slices"

// joinedTurns joins parts of the same heads along their numbers; ok is false if a Concat is something else.
func (b *builder) joinedTurns(n *node) (v value, ok bool) {
	var parts []*activation
	axes := 0 // of the numbers; 0: there is no turn
	for k := range n.in {
		x := b.reads(n, k)
		if parts = append(parts, x); x.turn != nil {
			axes = max(axes, len(x.turn.axes()))
		}
	}
	if axes == 0 {
		return v, false
	}
	var joined *turn
	for _, x := range parts {
		t := x.turn
		if t == nil {
			t = b.turnOfLast(n, x, axes)
		}
		at := within(n.int("axis", 0), len(x.dims()))
		if t == nil || len(t.axes()) != axes || at < len(t.lead) || joined != nil && !joined.fits(t) {
			failf("the shapes %s and %s cannot be joined: rotary embeddings join numbers of the same head", sized(parts[0].dims()), sized(x.dims()))
		}
		if joined = joined.with(t, at-len(t.lead)); joined == nil {
			failf("the shapes %s and %s cannot be joined", sized(parts[0].dims()), sized(x.dims()))
		}
	}
	joined.node = n
	if len(joined.numbers) > widest {
		failf("it joins more than %d numbers of a head", widest)
	}
	return value{activation: &activation{turn: joined}}, true
}

// axes returns the shape of a turn's numbers.
func (t *turn) axes() []int64 {
	if t.inner != nil {
		return t.inner
	}
	return []int64{int64(len(t.numbers))}
}

// with returns two turns of the same heads joined along an axis of their numbers; nil: their other axes differ. A nil turn is
// one without numbers.
func (t *turn) with(u *turn, at int) *turn {
	out := *u
	if t == nil {
		return &out
	}
	x, y := slices.Clone(t.axes()), u.axes()
	outer := product(x[:at])
	x[at] = y[at]
	if !slices.Equal(x, y) {
		return nil
	}
	x[at] += t.axes()[at]
	if out.inner = nil; len(x) > 1 {
		out.inner = x
	}
	first, second := len(t.numbers)/int(outer), len(u.numbers)/int(outer)
	out.numbers = nil
	for k := range int(outer) {
		out.numbers = slices.Concat(out.numbers, t.numbers[k*first:(k+1)*first], u.numbers[k*second:(k+1)*second])
	}
	return &out
}

// reshaped returns a turn with a further axis of one number behind the others, as those have that are joined pair by pair, or
// one whose numbers become other axes again; nil: it is reshaped in another way.
func (t *turn) reshaped(to []int64) *turn {
	lead := (&layout{axes: t.lead}).dims()
	if len(to) > maxRank || len(to) <= len(lead) || !slices.Equal(to[:len(lead)], lead) || product(to[len(lead):]) != int64(len(t.numbers)) {
		return nil
	}
	inner := to[len(lead):]
	if t.inner == nil && (len(inner) != 2 || inner[1] != 1) {
		return nil
	}
	out := *t
	if out.inner = nil; len(inner) > 1 {
		out.inner = slices.Clone(inner)
	}
	return &out
}
