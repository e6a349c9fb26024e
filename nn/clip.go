package nn

import (
	"fmt"
)

// Clip is y = min(max(x, Low), High), with derivative 0 at both. ReLU6 of Howard et al. 2017 is
// Clip{0, 6}.
type Clip struct{ Low, High float32 }

// Out returns the input's shape.
func (c Clip) Out(in ...Shape) Shape {
	one("clip", in)
	if !(c.Low < c.High) {
		panic(fmt.Sprintf("nn: clip between %v and %v", c.Low, c.High))
	}
	return in[0]
}

// Params returns nil.
func (Clip) Params(...Shape) []Param { return nil }

func (Clip) effects(Settings) effects { return effects{kinked: true} }

func (c Clip) compile(b *binding) rules {
	x, y, acc := b.in(0), b.out(), b.accumulates(0)
	// through sets dst to g, or adds it, where x lies between the bounds; elsewhere it is 0.
	through := func(dst, g, x []float32, acc bool) {
		for i, v := range x {
			d := float32(0)
			if v > c.Low && v < c.High {
				d = g[i]
			}
			if acc {
				d += dst[i]
			}
			dst[i] = d
		}
	}
	r := rules{forward: []phase{b.local(func(lo, hi, _, _ int) {
		to := y.rows(values, lo, hi)
		for i, v := range x.rows(values, lo, hi) {
			to[i] = min(max(v, c.Low), c.High)
		}
	})}, keeps: ofValues(x)}
	if !x.active {
		return r
	}
	r.tangent = []phase{b.local(func(lo, hi, _, _ int) {
		through(y.rows(tangents, lo, hi), x.rows(tangents, lo, hi), x.rows(values, lo, hi), false)
	})}
	r.adjoint = func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, _ int) {
			through(x.rows(l, lo, hi), y.rows(l, lo, hi), x.rows(values, lo, hi), acc)
		})}
	}
	return r
}
