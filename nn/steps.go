package nn

import (
	"fmt"

	"breakeven/tensor"
)

// Step takes one step of a sequence: step At or, if At is negative, the one −At before the
// end of the example's sequence, so that −1 is the last. If the sequence is too short the
// result is zero.
type Step struct{ At int }

// Out returns the shape of a step.
func (s Step) Out(in ...Shape) Shape {
	one("step", in)
	if s.At >= in[0].T || s.At < -in[0].T {
		panic(fmt.Sprintf("nn: step %d of %v", s.At, in[0]))
	}
	return in[0].Step()
}

// Params returns nil.
func (Step) Params(...Shape) []Param { return nil }

func (s Step) compile(b *binding) rules {
	return overTime(b, func(steps int, _ []float32) (from, to int, scale float32) {
		at := s.At
		if at < 0 {
			at += steps
		}
		if at < 0 || at >= steps {
			return 0, 0, 0
		}
		return at, at + 1, 1
	})
}

// MeanSteps takes the mean over the steps of an example's sequence; if it is empty, zero. A second input of one number for
// each step, which depends on no parameter, may be a mask: only steps for which it is above 0 then count.
type MeanSteps struct{}

// Out returns the shape of a step.
func (MeanSteps) Out(in ...Shape) Shape { return overSteps("mean", in) }

// Params returns nil.
func (MeanSteps) Params(...Shape) []Param { return nil }

func (MeanSteps) compile(b *binding) rules {
	return overTime(b, func(steps int, mask []float32) (from, to int, scale float32) {
		n := 0
		for t := range steps {
			if counts(mask, t) {
				n++
			}
		}
		return 0, steps, 1 / float32(max(1, n))
	})
}

// SumSteps takes the sum over the steps of an example's sequence, or over those that a mask says as in [MeanSteps].
type SumSteps struct{}

// Out returns the shape of a step.
func (SumSteps) Out(in ...Shape) Shape { return overSteps("sum", in) }

// Params returns nil.
func (SumSteps) Params(...Shape) []Param { return nil }

func (SumSteps) compile(b *binding) rules {
	return overTime(b, func(steps int, _ []float32) (from, to int, scale float32) { return 0, steps, 1 })
}

// overTime makes the rules of y = scale · Σ x over those of the steps from … to−1 that the mask says, if there is one. They
// depend on the length of the example's sequence, and on its mask.
func overTime(b *binding, sum func(steps int, mask []float32) (from, to int, scale float32)) rules {
	x, y, acc, m := b.in(0), b.out(), b.accumulates(0), b.stepMask()
	forward := func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, _ int) {
			for i := lo; i < hi; i++ {
				dst, src, mask := y.example(l, i), x.example(l, i), m.of(i)
				from, to, scale := sum(x.steps(i), mask)
				clear(dst)
				for t := from; t < to; t++ {
					if counts(mask, t) {
						tensor.Axpy(dst, scale, src[t*y.size:(t+1)*y.size])
					}
				}
			}
		})}
	}
	r := rules{forward: forward(values), keeps: m.keeps()}
	if !x.active {
		return r
	}
	r.tangent = forward(tangents)
	r.adjoint = func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, _ int) {
			for i := lo; i < hi; i++ {
				dst, src, mask := x.example(l, i), y.example(l, i), m.of(i)
				from, to, scale := sum(x.steps(i), mask)
				if !acc {
					clear(dst)
				}
				for t := from; t < to; t++ {
					if counts(mask, t) {
						tensor.Axpy(dst[t*y.size:(t+1)*y.size], scale, src)
					}
				}
			}
		})}
	}
	return r
}
