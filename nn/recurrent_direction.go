package nn

import "breakeven/tensor"

// The direction in which a layer goes through its sequences: forward from step 0, or back from
// the last step of each. Past the end h is zero, which is what a layer that goes back finds there
// when it begins.

// order returns step number s of a pass through so many steps.
func (k *recurrence) order(s, most int) int {
	if k.back {
		return most - 1 - s
	}
	return s
}

// before returns the number of the step before step t, which for the first one is not a step.
func (k *recurrence) before(t int) int {
	if k.back {
		return t + 1
	}
	return t - 1
}

// follows reports whether step t of example i has one before it.
func (k *recurrence) follows(i, t int) bool {
	if k.back {
		return t+1 < k.h.steps(i)
	}
	return t > 0
}

// first returns the step with which example i begins, −1 if it has none.
func (k *recurrence) first(i int) int {
	if k.back {
		return k.h.steps(i) - 1
	}
	return 0
}

// beginning calls f with those ranges of the examples lo … hi−1 that begin with step t.
func (k *recurrence) beginning(t, lo, hi int, f func(lo, hi int)) {
	if !k.back {
		if t == 0 {
			f(lo, hi)
		}
		return
	}
	for i := lo; i < hi; i++ {
		if k.first(i) == t {
			f(i, i+1)
		}
	}
}

// shifted returns what the gates of an example have from h and its h so that each row of h is the one before
// that of the gates, for all steps but one.
func (k *recurrence) shifted(gates, h []float32) (g, before []float32) {
	skip := min(1, k.steps-1)
	if k.back {
		return gates, h[skip*k.size:]
	}
	return gates[skip*k.width:], h
}

// A joint is the sequence of h of both directions of a layer.
type joint struct {
	y      arg
	h      [2]arg
	read   bool    // something reads y
	seeded [2]bool // by direction: a later operation has already written the adjoint of h
}

// join returns the phase that makes y in a lane.
func (j joint) join(b *binding, l lane) phase {
	return b.local(func(lo, hi, _, _ int) {
		for d, h := range j.h {
			n := h.shape.C
			eachPixel(h.rows(l, lo, hi), j.y.rows(l, lo, hi), n, 2*n, d*n, func(h, y []float32) { copy(y, h) })
		}
	})
}

// split returns the phase that gives the directions their parts of ȳ.
func (j joint) split(b *binding, l lane) []phase {
	if !j.read {
		return nil
	}
	return []phase{b.local(func(lo, hi, _, _ int) {
		for d, h := range j.h {
			n, give := h.shape.C, func(h, y []float32) { copy(h, y) }
			if j.seeded[d] {
				give = func(h, y []float32) { tensor.Add(h, y) }
			}
			eachPixel(h.rows(l, lo, hi), j.y.rows(l, lo, hi), n, 2*n, d*n, give)
		}
	})}
}
