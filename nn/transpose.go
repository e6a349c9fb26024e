package nn

import "fmt"

// Transpose makes channels of the steps of a sequence of vectors, and steps of its channels. A dense layer after it mixes steps,
// as in MLP-Mixer (Tolstikhin et al. 2021, Eq. 1). Steps past the end of an example are zeros.
type Transpose struct{}

// Out returns a sequence of C vectors of T numbers.
func (Transpose) Out(in ...Shape) Shape {
	one("transpose", in)
	if in[0].T == 0 || !in[0].vector() {
		panic(fmt.Sprintf("nn: transpose of %v: want a sequence of vectors", in[0]))
	}
	return Seq(in[0].C, in[0].T)
}

// Params returns nil.
func (Transpose) Params(...Shape) []Param { return nil }

func (Transpose) allSteps() {}

func (Transpose) compile(b *binding) rules {
	x, y, acc := b.in(0), b.out(), b.accumulates(0)
	each := func(i int, f func(x, y int)) {
		for t := range x.steps(i) {
			for c := range x.shape.C {
				f(t*x.shape.C+c, c*x.shape.T+t)
			}
		}
	}
	forward := func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, _ int) {
			for i := lo; i < hi; i++ {
				dst, src := y.example(l, i), x.example(l, i)
				clear(dst)
				each(i, func(from, to int) { dst[to] = src[from] })
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
				if !acc {
					clear(dst)
				}
				each(i, func(to, from int) { dst[to] += src[from] })
			}
		})}
	}
	return r
}
