package nn

import (
	"fmt"

	"breakeven/tensor"
)

// Positions adds a vector of its own to each step of a sequence: row t of weight [Most, C] to
// step t, an embedding of the place.
type Positions struct{ Most int }

// Out returns the input's shape. A sequence may have Most steps.
func (p Positions) Out(in ...Shape) Shape {
	one("positions", in)
	if !in[0].vector() || in[0].T == 0 || in[0].T > p.Most {
		panic(fmt.Sprintf("nn: %+v of %v: want a sequence of vectors of at most so many steps", p, in[0]))
	}
	return in[0]
}

// Params returns the weight, with fans as those of an embedding.
func (p Positions) Params(in ...Shape) []Param {
	return []Param{{Name: "weight", Shape: []int{p.Most, in[0].C}, FanIn: in[0].C, FanOut: p.Most}}
}

func (Positions) effects(Settings) effects {
	return effects{inPlace: lanes(1<<values | 1<<tangents), releases: true} // the gradient reads ȳ later
}

// positions is a compiled Positions. An example reads the first rows of the weight, which lie
// in memory as its own numbers do.
type positions struct {
	plan   *Plan
	x, y   arg
	acc    bool
	weight span
}

func (Positions) compile(b *binding) rules {
	k := &positions{plan: b.plan, x: b.in(0), y: b.out(), acc: b.accumulates(0), weight: b.param(0)}
	r := rules{
		forward:  []phase{b.local(k.add(values, func() vector { return k.plan.theta }))},
		adjoint:  func(l lane) []phase { return []phase{b.local(k.adjoint(l))} },
		gradient: func(l lane, _ bool) []phase { return []phase{b.global(k.x.shape.T, func(t, _ int) { k.finish(l, t) })} },
		rereads:  true,
		example:  k,
		keeps: func(l lane) []arg {
			if l == adjoints {
				return []arg{k.y}
			}
			return nil
		},
	}
	if b.plan.settings.Tangents {
		r.tangent = []phase{b.local(k.add(tangents, func() vector { return k.plan.v }))}
	}
	return r
}

// rows returns the rows of the weight, or of its tangent, that an example reads.
func (k *positions) rows(from vector) []float32 { return k.weight.of(from)[:k.x.size] }

// add is y = x + weight in a lane.
func (k *positions) add(l lane, from func() vector) func(lo, hi, _, _ int) {
	return func(lo, hi, _, _ int) {
		for i := lo; i < hi; i++ {
			y := k.y.rows(l, lo, hi)[(i-lo)*k.x.size:][:k.x.size]
			if l == tangents && !k.x.active {
				copy(y, k.rows(from()))
				continue
			}
			x := k.x.rows(l, lo, hi)[(i-lo)*k.x.size:][:k.x.size]
			tensor.Sum(y, x, k.rows(from()))
		}
	}
}

func (k *positions) adjoint(l lane) func(lo, hi, shard, worker int) {
	return func(lo, hi, _, _ int) {
		switch {
		case !k.x.active:
		case k.acc:
			tensor.Add(k.x.rows(l, lo, hi), k.y.rows(l, lo, hi))
		default:
			copy(k.x.rows(l, lo, hi), k.y.rows(l, lo, hi))
		}
	}
}

// finish sums ȳ of step t over the batch, in order, and clears the rows of places that no step
// has.
func (k *positions) finish(l lane, t int) {
	c, dst := k.x.shape.C, k.weight.of(k.plan.dst)
	if t == 0 && !k.weight.acc() {
		clear(dst[k.x.size:])
	}
	row := dst[t*c : (t+1)*c]
	if !k.weight.acc() {
		clear(row)
	}
	for i := range k.plan.cur.n {
		tensor.Add(row, k.y.example(l, i)[t*c:(t+1)*c])
	}
}

func (k *positions) blocks() []int { return []int{k.x.size} }

func (k *positions) exampleGrad(dst []float32, i, _, _ int) {
	tensor.Add(dst[:k.x.size], k.y.example(adjoints, i))
}

func (k *positions) places(dst []int, _ int) { k.weight.places(dst, 0) }
