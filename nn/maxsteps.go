package nn

// MaxSteps takes the maximum of each number over the steps of an example's sequence, or over those that a mask says as in
// [MeanSteps]; the gradient goes to the first step that has it. If there is no step the result is zero.
type MaxSteps struct{}

// Out returns the shape of a step.
func (MaxSteps) Out(in ...Shape) Shape { return overSteps("maximum", in) }

// Params returns nil.
func (MaxSteps) Params(...Shape) []Param { return nil }

func (MaxSteps) effects(Settings) effects { return effects{kinked: true} }

// A maximum is a compiled MaxSteps. Which step is largest is seen from the values, which are kept.
type maximum struct {
	x, y arg
	mask stepMask
	acc  bool
}

func (MaxSteps) compile(b *binding) rules {
	k := &maximum{x: b.in(0), y: b.out(), mask: b.stepMask(), acc: b.accumulates(0)}
	pick := func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, _ int) {
			y, x := k.y.rows(l, lo, hi), k.x.rows(l, lo, hi)
			clear(y)
			k.picked(lo, hi, func(to, from int) { y[to] = x[from] })
		})}
	}
	r := rules{forward: pick(values), keeps: k.mask.keeps(k.x)}
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
		x, steps, mask := k.x.example(values, i), k.x.steps(i), k.mask.of(i)
		first := 0
		for first < steps && !counts(mask, first) {
			first++
		}
		if first == steps {
			continue
		}
		for c := range n {
			best := first*n + c
			for t := first + 1; t < steps; t++ {
				if v := x[t*n+c]; counts(mask, t) && (v > x[best] || v != v) {
					best = t*n + c
				}
			}
			f((i-lo)*n+c, (i-lo)*k.x.size+best)
		}
	}
}
