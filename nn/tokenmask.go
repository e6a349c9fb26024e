package nn

import (
	"fmt"
	"math"
)

// TokenMask is 1 for each step whose integer is not Padding, and 0 for the others: a mask for operations of attention. It has
// no derivatives.
type TokenMask struct{ Padding int }

func (TokenMask) below() int { return math.MaxInt }

// Out returns the shape of the mask, a number for each step.
func (TokenMask) Out(in ...Shape) Shape {
	one("mask of tokens", in)
	if in[0].T == 0 || in[0] != Seq(in[0].T, 1) {
		panic(fmt.Sprintf("nn: mask of the tokens of %v: want one integer for each step", in[0]))
	}
	return in[0]
}

// Params returns nil.
func (TokenMask) Params(...Shape) []Param { return nil }

func (m TokenMask) compile(b *binding) rules {
	plan, input, y := b.plan, b.input(0), b.out()
	return rules{
		forward: []phase{b.local(func(lo, hi, _, _ int) {
			mask := y.rows(values, lo, hi)
			for at, token := range plan.cur.in[input].I[lo*y.size : hi*y.size] {
				mask[at] = 0
				if int(token) != m.Padding {
					mask[at] = 1
				}
			}
		})},
		adjoint: func(lane) []phase { return nil },
	}
}
