package nn

import (
	"fmt"

	"breakeven/tensor"
)

// Multiply is the product of two inputs, number by number: y = x∘g. They have the same shape, or g has one number for
// each channel, which all pixels are multiplied by: the gates of squeeze and excitation (Hu et al. 2018).
type Multiply struct{}

// Out returns the first input's shape.
func (Multiply) Out(in ...Shape) Shape {
	if len(in) != 2 || in[1] != in[0] && in[1] != (Shape{C: in[0].C, H: 1, W: 1, T: in[0].T}) {
		panic(fmt.Sprintf("nn: product of shapes %v", in))
	}
	return in[0]
}

// Params returns nil.
func (Multiply) Params(...Shape) []Param { return nil }

func (Multiply) effects(Settings) effects { return effects{releases: true} }

// multiplication is a compiled Multiply. The numbers of g are applied to so many pieces of x, one after the other.
type multiplication struct {
	plan       *Plan
	x, g, y    arg
	accX, accG bool
	size       int // of a piece
	pieces     int // that the same numbers of g are applied to
}

func (Multiply) compile(b *binding) rules {
	k := &multiplication{plan: b.plan, x: b.in(0), g: b.in(1), y: b.out(), accX: b.accumulates(0), accG: b.accumulates(1)}
	k.size, k.pieces = k.x.size, 1
	if k.g.shape != k.x.shape {
		k.size, k.pieces = k.x.shape.C, k.x.shape.H*k.x.shape.W
	}
	r := rules{
		forward: []phase{b.local(func(lo, hi, _, _ int) {
			k.each(k.y.rows(values, lo, hi), k.x.rows(values, lo, hi), k.g.rows(values, lo, hi), tensor.Mul)
		})},
		keeps: func(l lane) []arg {
			if l == values || l == tangents {
				return []arg{k.x, k.g}
			}
			return []arg{k.y}
		},
	}
	if !k.y.active {
		return r
	}
	r.tangent = []phase{b.local(k.tangent)}
	r.adjoint = func(l lane) []phase { return []phase{b.local(func(lo, hi, _, _ int) { k.adjoint(l, lo, hi) })} }
	if b.plan.settings.Tangents {
		r.fusedSecond = []phase{b.local(k.secondOrder)}
		r.along = []phase{{tasks: func() int { return k.plan.cur.n }, run: k.along}}
	}
	return r
}

// each calls f for the pieces of examples: of x or y in some lanes, and the numbers of g that go with each.
func (k *multiplication) each(u, v, g []float32, f func(u, v, g []float32)) {
	n := k.size
	for p := range len(u) / n {
		f(u[p*n:(p+1)*n], v[p*n:(p+1)*n], g[p/k.pieces*n:][:n])
	}
}

func (k *multiplication) tangent(lo, hi, _, _ int) {
	y := k.y.rows(tangents, lo, hi)
	if k.x.active {
		k.each(y, k.x.rows(tangents, lo, hi), k.g.rows(values, lo, hi), tensor.Mul)
	} else {
		clear(y)
	}
	if k.g.active {
		k.each(y, k.x.rows(values, lo, hi), k.g.rows(tangents, lo, hi), tensor.MulAdd)
	}
}

func (k *multiplication) adjoint(l lane, lo, hi int) {
	if k.x.active {
		mul := tensor.Mul
		if k.accX {
			mul = tensor.MulAdd
		}
		k.each(k.x.rows(l, lo, hi), k.y.rows(l, lo, hi), k.g.rows(values, lo, hi), mul)
	}
	if k.g.active {
		if !k.accG {
			clear(k.g.rows(l, lo, hi))
		}
		k.sum(l, l, values, lo, hi)
	}
}

// sum adds to the adjoints of g, in lane to, the products of those of y, in lane of, with x.
func (k *multiplication) sum(to, of, x lane, lo, hi int) {
	k.each(k.x.rows(x, lo, hi), k.y.rows(of, lo, hi), k.g.rows(to, lo, hi), func(x, y, g []float32) { tensor.MulAdd(g, x, y) })
}

// secondOrder is the tangent of adjoint: x̄̇ = ȳ̇g + ȳġ and ḡ̇ = Σ(ȳ̇x + ȳẋ).
func (k *multiplication) secondOrder(lo, hi, _, _ int) {
	k.adjoint(cotangents, lo, hi)
	if k.x.active && k.g.active {
		k.each(k.x.rows(cotangents, lo, hi), k.y.rows(adjoints, lo, hi), k.g.rows(tangents, lo, hi), tensor.MulAdd)
		k.sum(cotangents, adjoints, tangents, lo, hi)
	}
}

// along adds ⟨ȳ, 2ẋġ⟩ of an example.
func (k *multiplication) along(i, _ int) {
	if !k.x.active || !k.g.active {
		return
	}
	sum := 0.0
	x, y := k.x.example(tangents, i), k.y.example(adjoints, i)
	k.each(x, y, k.g.example(tangents, i), func(x, y, g []float32) {
		for j, v := range g {
			sum += float64(x[j] * v * y[j])
		}
	})
	k.plan.curvatures[i] += 2 * sum
}
