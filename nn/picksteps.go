package nn

import (
	"fmt"

	"breakeven/tensor"
)

// PickSteps takes steps of a sequence in any order and each as often as it is named: step t of the result is step At[t] of the
// input. So the windows of an image follow each other, or its rows are shifted (Liu et al. 2021, Sec. 3.2). Steps past the end of
// an example are zeros.
type PickSteps struct{ At []int32 }

// Out returns a sequence of as many steps as are picked.
func (p PickSteps) Out(in ...Shape) Shape {
	one("picksteps", in)
	out := in[0]
	out.T = len(p.At)
	for _, t := range p.At {
		if t < 0 || int(t) >= in[0].T {
			panic(fmt.Sprintf("nn: picksteps of step %d of %v", t, in[0]))
		}
	}
	if out.T == 0 || in[0].T == 0 {
		panic(fmt.Sprintf("nn: picksteps of %d steps of %v: want a sequence, and at least one", len(p.At), in[0]))
	}
	return out
}

// Params returns nil.
func (PickSteps) Params(...Shape) []Param { return nil }

func (PickSteps) allSteps() {}

func (p PickSteps) compile(b *binding) rules {
	size := b.in(0).shape.Step().Size()
	return b.rearranged(func(y, x []float32, steps int) {
		for t, from := range p.At {
			if int(from) < steps {
				copy(y[t*size:(t+1)*size], x[int(from)*size:])
			}
		}
	}, func(x, y []float32, steps int) {
		for t, from := range p.At {
			if int(from) < steps {
				tensor.Add(x[int(from)*size:(int(from)+1)*size], y[t*size:(t+1)*size])
			}
		}
	})
}

// rearranged makes the rules of an operation that copies numbers of its input. Of an example with so many steps, pick copies
// numbers of x to y, which is 0, and put adds those of y to x.
func (b *binding) rearranged(pick, put func(to, from []float32, steps int)) rules {
	x, y, acc := b.in(0), b.out(), b.accumulates(0)
	forward := func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, _ int) {
			for i := lo; i < hi; i++ {
				to := y.example(l, i)
				clear(to)
				pick(to, x.example(l, i), x.steps(i))
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
				to := x.example(l, i)
				if !acc {
					clear(to)
				}
				put(to, y.example(l, i), x.steps(i))
			}
		})}
	}
	return r
}
