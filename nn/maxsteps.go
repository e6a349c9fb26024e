package nn

import "fmt"

// MaxSteps takes the maximum of each number over the steps of an example's sequence; the gradient goes to
// the first step that has it. If the sequence is empty the result is zero.
type MaxSteps struct{}

// Out returns the shape of a step.
func (MaxSteps) Out(in ...Shape) Shape {
	one("maxsteps", in)
	if in[0].T == 0 {
		panic(fmt.Sprintf("nn: maximum over the steps of %v", in[0]))
	}
	return in[0].Step()
}

// Params returns nil.
func (MaxSteps) Params(...Shape) []Param { return nil }

func (MaxSteps) effects(Settings) effects { return effects{kinked: true} }

// A maximum is a compiled MaxSteps. Which step is largest is seen from the values, which are kept.
type maximum struct {
	x, y arg
	acc  bool
}

func (MaxSteps) compile(b *binding) rules {
	k := &maximum{x: b.in(0), y: b.out(), acc: b.accumulates(0)}
	pick := func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, _ int) {
			y, x := k.y.rows(l, lo, hi), k.x.rows(l, lo, hi)
			clear(y)
			k.picked(lo, hi, func(to, from int) { y[to] = x[from] })
		})}
	}
	r := rules{forward: pick(values), keeps: ofValues(k.x)}
	if !k.x.active {
		return r
	}
	r.tangent = pick(tangents)
	r.adjoint = func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, _ int) {
			y, x := k.y.rows(l, lo, hi), k.x.rows(l, lo, hi)
			if !k.acc {
				clear(x)
			}
			k.picked(lo, hi, func(from, to int) { x[to] += y[from] })
		})}
	}
	return r
}

// picked calls f for each number of the output of examples lo … hi−1, with its place and that of its maximum.
func (k *maximum) picked(lo, hi int, f func(y, x int)) {
	n := k.y.size
	for i := lo; i < hi; i++ {
		x, steps := k.x.example(values, i), k.x.steps(i)
		if steps == 0 {
			continue
		}
		for c := range n {
			best := c
			for at := c + n; at < steps*n; at += n {
				if v := x[at]; v > x[best] || v != v {
					best = at
				}
			}
			f((i-lo)*n+c, (i-lo)*k.x.size+best)
		}
	}
}
