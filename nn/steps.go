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
	return overTime(b, func(steps int) (from, to int, scale float32) {
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

// MeanSteps takes the mean over the steps of an example's sequence; if it is empty, zero.
type MeanSteps struct{}

// Out returns the shape of a step.
func (MeanSteps) Out(in ...Shape) Shape {
	one("meansteps", in)
	if in[0].T == 0 {
		panic(fmt.Sprintf("nn: mean over the steps of %v", in[0]))
	}
	return in[0].Step()
}

// Params returns nil.
func (MeanSteps) Params(...Shape) []Param { return nil }

func (MeanSteps) compile(b *binding) rules {
	return overTime(b, func(steps int) (from, to int, scale float32) { return 0, steps, 1 / float32(max(1, steps)) })
}

// overTime makes the rules of y = scale · Σ x over the steps from … to−1, which depend on
// the length of the example's sequence.
func overTime(b *binding, sum func(steps int) (from, to int, scale float32)) rules {
	x, y, acc := b.in(0), b.out(), b.accumulates(0)
	forward := func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, _ int) {
			for i := lo; i < hi; i++ {
				dst, src := y.example(l, i), x.example(l, i)
				from, to, scale := sum(x.steps(i))
				clear(dst)
				for t := from; t < to; t++ {
					tensor.Axpy(dst, scale, src[t*y.size:(t+1)*y.size])
				}
			}
		})}
	}
	r := rules{forward: forward(values)}
	if !x.active {
		return r
	}
	r.tangent = forward(tangents)
	r.adjoint = func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, _ int) {
			for i := lo; i < hi; i++ {
				dst, src := x.example(l, i), y.example(l, i)
				from, to, scale := sum(x.steps(i))
				if !acc {
					clear(dst)
				}
				for t := from; t < to; t++ {
					tensor.Axpy(dst[t*y.size:(t+1)*y.size], scale, src)
				}
			}
		})}
	}
	return r
}
