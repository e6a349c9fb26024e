package nn

import (
	"fmt"
	"slices"

	"breakeven/tensor"
)

// Positions adds a vector of its own to each step of a sequence: row t of weight [Most, C] to
// step t, an embedding of the place.
type Positions struct {
	Most int
	// At is the row of each step in place of t. Steps may have the same one. Nil means t.
	At []int32
}

// Out returns the input's shape. A sequence may have Most steps, or as many as At.
func (p Positions) Out(in ...Shape) Shape {
	one("positions", in)
	if !in[0].vector() || in[0].T == 0 || p.At == nil && in[0].T > p.Most || p.At != nil && in[0].T != len(p.At) {
		panic(fmt.Sprintf("nn: positions of %d rows, for %d steps, of %v: want a sequence of vectors of at most so many steps", p.Most, len(p.At), in[0]))
	}
	for _, row := range p.At {
		if row < 0 || int(row) >= p.Most {
			panic(fmt.Sprintf("nn: positions of %d rows, of which a step has row %d", p.Most, row))
		}
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

// positions is a compiled Positions. An example reads some rows of the weight that follow each other.
type positions struct {
	plan   *Plan
	x, y   arg
	acc    bool
	weight span
	first  int     // row
	steps  [][]int // of each of these rows
}

func (p Positions) compile(b *binding) rules {
	k := &positions{plan: b.plan, x: b.in(0), y: b.out(), acc: b.accumulates(0), weight: b.param(0)}
	k.arrange(p.At)
	r := rules{
		forward: []phase{b.local(k.add(values, func() vector { return k.plan.theta }))},
		adjoint: func(l lane) []phase { return []phase{b.local(k.adjoint(l))} },
		gradient: func(l lane, _ bool) []phase {
			return []phase{b.global(len(k.steps), func(row, _ int) { k.finish(l, row) })}
		},
		rereads: true,
		example: k,
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

// arrange finds the rows that an example reads, and the steps of each.
func (k *positions) arrange(at []int32) {
	if at == nil {
		for t := range k.x.shape.T {
			at = append(at, int32(t))
		}
	}
	k.first = int(slices.Min(at))
	k.steps = make([][]int, int(slices.Max(at))-k.first+1)
	for t, row := range at {
		k.steps[int(row)-k.first] = append(k.steps[int(row)-k.first], t)
	}
}

// part returns the rows that an example reads.
func (k *positions) part(of []float32) []float32 {
	c := k.x.shape.C
	return of[k.first*c : (k.first+len(k.steps))*c]
}

// add is y = x + weight in a lane.
func (k *positions) add(l lane, from func() vector) func(lo, hi, _, _ int) {
	return func(lo, hi, _, _ int) {
		for i := lo; i < hi; i++ {
			y := k.y.rows(l, lo, hi)[(i-lo)*k.x.size:][:k.x.size]
			if l == tangents && !k.x.active {
				k.each(func(t, row []float32) { copy(t, row) }, y, k.part(k.weight.of(from())))
				continue
			}
			if x := k.x.rows(l, lo, hi)[(i-lo)*k.x.size:][:k.x.size]; &x[0] != &y[0] {
				copy(y, x)
			}
			k.each(func(t, row []float32) { tensor.Add(t, row) }, y, k.part(k.weight.of(from())))
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

// each calls f for each step of an example, with the row of it.
func (k *positions) each(f func(step, row []float32), example, rows []float32) {
	c := k.x.shape.C
	for r, steps := range k.steps {
		for _, t := range steps {
			f(example[t*c:(t+1)*c], rows[r*c:(r+1)*c])
		}
	}
}

// finish sums ȳ of the steps of a row over the batch, in order, and clears the rows that no step has.
func (k *positions) finish(l lane, r int) {
	c, dst := k.x.shape.C, k.weight.of(k.plan.dst)
	if r == 0 && !k.weight.acc() {
		clear(dst[:k.first*c])
		clear(dst[(k.first+len(k.steps))*c:])
	}
	row := k.part(dst)[r*c : (r+1)*c]
	if !k.weight.acc() {
		clear(row)
	}
	for i := range k.plan.cur.n {
		for _, t := range k.steps[r] {
			tensor.Add(row, k.y.example(l, i)[t*c:(t+1)*c])
		}
	}
}

func (k *positions) blocks() []int { return []int{len(k.steps) * k.x.shape.C} }

func (k *positions) exampleGrad(dst []float32, i, _, _ int) {
	k.each(func(t, row []float32) { tensor.Add(row, t) }, k.y.example(adjoints, i), dst)
}

func (k *positions) places(dst []int, _ int) { k.weight.places(dst, k.first*k.x.shape.C) }
