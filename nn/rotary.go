package nn

import "fmt"

// Rotary turns the numbers of queries or keys by angles that grow with the step (Su et al. 2021), so that the product of a query
// with a key depends on how far they are from each other. The channels are heads of equal size d, one after the other. Of
// each head at step t
//
//	y_j = Own[t·d + j]·x_j + Other[t·d + j]·x_{Pair[j]}
//
// where for a rotation by φ Own is cos φ, and Other −sin φ for the first number of a pair and sin φ for the second one. The
// coefficients are constants.
type Rotary struct {
	Pair       []int32   // of d numbers
	Own, Other []float32 // [steps, d]
}

// Out returns the input's shape: a sequence of as many steps as there are coefficients for, of vectors that are heads.
func (r Rotary) Out(in ...Shape) Shape {
	one("rotary", in)
	d, s := len(r.Pair), in[0]
	if d == 0 || !s.vector() || s.T == 0 || s.C%d != 0 || len(r.Own) != s.T*d || len(r.Other) != s.T*d {
		panic(fmt.Sprintf("nn: rotary of heads of %d numbers, with %d and %d coefficients, of %v: want a sequence of heads, and a coefficient for each number of a head at each step", d, len(r.Own), len(r.Other), s))
	}
	for _, p := range r.Pair {
		if p < 0 || int(p) >= d {
			panic(fmt.Sprintf("nn: rotary with number %d of heads of %d", p, d))
		}
	}
	return s
}

// Params returns nil.
func (Rotary) Params(...Shape) []Param { return nil }

func (r Rotary) compile(b *binding) rules {
	c, d := b.out().shape.C, len(r.Pair)
	// each calls f for each head of each step of an example, with its coefficients.
	each := func(y, x []float32, f func(y, x, own, other []float32)) {
		for at := 0; at < len(y); at += d {
			t := at / c
			f(y[at:at+d], x[at:at+d], r.Own[t*d:(t+1)*d], r.Other[t*d:(t+1)*d])
		}
	}
	return linearMap(b, 1, func(y, x []float32) {
		each(y, x, func(y, x, own, other []float32) {
			for j, p := range r.Pair {
				y[j] = own[j]*x[j] + other[j]*x[p]
			}
		})
	}, func(x, y []float32) {
		each(y, x, func(y, x, own, other []float32) {
			for j, p := range r.Pair {
				x[j] += own[j] * y[j]
				x[p] += other[j] * y[j]
			}
		})
	})
}
