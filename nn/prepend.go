package nn

import (
	"fmt"

	"breakeven/tensor"
)

// Prepend puts a step before those of a sequence of vectors: its weight [C], as the class token of a
// transformer on images is.
type Prepend struct{}

func (Prepend) shift() int { return -1 }

// Out returns the shape with one step more.
func (Prepend) Out(in ...Shape) Shape {
	one("prepend", in)
	if !in[0].vector() || in[0].T == 0 {
		panic(fmt.Sprintf("nn: prepend to %v: want a sequence of vectors", in[0]))
	}
	return Seq(in[0].T+1, in[0].C)
}

// Params returns the weight, with fans as those of an embedding of one row.
func (Prepend) Params(in ...Shape) []Param {
	return []Param{{Name: "weight", Shape: []int{in[0].C}, FanIn: in[0].C, FanOut: 1}}
}

func (Prepend) effects(Settings) effects { return effects{releases: true} } // the gradient reads ȳ later

// prepend is a compiled Prepend.
type prepend struct {
	plan   *Plan
	x, y   arg
	acc    bool
	weight span
}

func (Prepend) compile(b *binding) rules {
	k := &prepend{plan: b.plan, x: b.in(0), y: b.out(), acc: b.accumulates(0), weight: b.param(0)}
	r := rules{
		forward:  []phase{b.local(k.join(values, func() vector { return k.plan.theta }))},
		adjoint:  func(l lane) []phase { return []phase{b.local(k.adjoint(l))} },
		gradient: func(l lane, _ bool) []phase { return []phase{b.global(1, func(int, int) { k.finish(l) })} },
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
		r.tangent = []phase{b.local(k.join(tangents, func() vector { return k.plan.v }))}
	}
	return r
}

// join is y = (weight, x) in a lane.
func (k *prepend) join(l lane, from func() vector) func(lo, hi, _, _ int) {
	return func(lo, hi, _, _ int) {
		c := k.x.shape.C
		for i := lo; i < hi; i++ {
			y := k.y.example(l, i)
			copy(y, k.weight.of(from()))
			if l == tangents && !k.x.active {
				clear(y[c:])
				continue
			}
			copy(y[c:], k.x.example(l, i))
		}
	}
}

func (k *prepend) adjoint(l lane) func(lo, hi, shard, worker int) {
	return func(lo, hi, _, _ int) {
		if !k.x.active {
			return
		}
		for i := lo; i < hi; i++ {
			x, y := k.x.example(l, i), k.y.example(l, i)[k.x.shape.C:]
			if k.acc {
				tensor.Add(x, y)
			} else {
				copy(x, y)
			}
		}
	}
}

// finish sums ȳ of the first step over the batch, in order.
func (k *prepend) finish(l lane) {
	dst := k.weight.of(k.plan.dst)
	if !k.weight.acc() {
		clear(dst)
	}
	for i := range k.plan.cur.n {
		tensor.Add(dst, k.y.example(l, i)[:len(dst)])
	}
}

func (k *prepend) blocks() []int { return []int{k.x.shape.C} }

func (k *prepend) exampleGrad(dst []float32, i, _, _ int) {
	tensor.Add(dst, k.y.example(adjoints, i)[:k.x.shape.C])
}

func (k *prepend) places(dst []int, _ int) { k.weight.places(dst, 0) }
