package nn

import (
	"fmt"

	"breakeven/tensor"
)

// Propagate sends the features x of each node along the edges of the batch's graph: y = P x,
// with P the matrix By. With a Restart α > 0 it has a second input h and is a step of
// personalised PageRank, y = (1 − α) P x + α h (Gasteiger et al. 2019, Eq. 5). It couples
// the examples of a batch.
type Propagate struct {
	By      Propagation
	Restart float64
	// Bias is the name of a parameter that is added to the features of each node: "bias", for
	// instance. Empty means none.
	Bias string
}

func (Propagate) readsGraph() {}

// Out returns the shape of the inputs.
func (g Propagate) Out(in ...Shape) Shape {
	want := 1
	if g.Restart > 0 {
		want = 2
	}
	if len(in) != want || in[0] != in[want-1] || in[0].T > 0 || !(g.Restart >= 0 && g.Restart < 1) || g.By < Symmetric || g.By > Mean {
		panic(fmt.Sprintf("nn: propagate %+v on %v", g, in))
	}
	return in[0]
}

// Params returns the bias, if there is one.
func (g Propagate) Params(in ...Shape) []Param {
	if g.Bias == "" {
		return nil
	}
	return []Param{{Name: g.Bias, Shape: []int{in[0].Size()}}}
}

func (Propagate) effects(Settings) effects { return effects{releases: true, couples: true} }

// propagate is a compiled Propagate. All its passes are the same product, with P or its
// transpose.
type propagate struct {
	Propagate
	plan *Plan
	x, y arg
	h    *arg // nil: no restart
	acc  [2]bool
	bias span
}

func (g Propagate) compile(b *binding) rules {
	k := &propagate{Propagate: g, plan: b.plan, x: b.in(0), y: b.out()}
	k.acc[0] = b.accumulates(0)
	if g.Restart > 0 {
		h := b.in(1)
		k.h, k.acc[1] = &h, b.accumulates(1)
	}
	r := rules{forward: []phase{k.product(values, func() vector { return b.plan.theta })}, factors: k.factors(b)}
	if g.Bias != "" {
		k.bias = b.param(0)
		r.rereads = true
		r.gradient = func(l lane, _ bool) []phase { return []phase{b.global(1, func(_, _ int) { k.bias.sumRows(k.y, l) })} }
	}
	if k.y.active {
		r.tangent = []phase{k.product(tangents, func() vector { return b.plan.v })}
		r.adjoint = k.adjoint
	}
	return r
}

// matrix returns P for the current batch.
func (k *propagate) matrix() *tensor.CSR { return k.plan.cur.graph.Matrix(k.By) }

// product computes y of a lane from the inputs that have it, and the bias of a flat vector.
func (k *propagate) product(l lane, from func() vector) phase {
	return phase{tasks: func() int { return k.matrix().Tasks() }, run: func(task, _ int) {
		m, n := k.matrix(), k.x.size
		lo, hi := m.Block(task)
		y := k.y.all(l)
		if l == values || k.x.active {
			m.Mul(task, y, k.x.all(l), n, float32(1-k.Restart), false)
		} else {
			clear(y[lo*n : hi*n])
		}
		if k.h != nil && (l == values || k.h.active) {
			tensor.Axpy(y[lo*n:hi*n], float32(k.Restart), k.h.all(l)[lo*n:hi*n])
		}
		if k.Bias != "" {
			bias := k.bias.of(from())
			for i := lo; i < hi; i++ {
				tensor.Add(y[i*n:(i+1)*n], bias)
			}
		}
	}}
}

// adjoint computes x̄ = (1 − α) Pᵀȳ and h̄ = α ȳ.
func (k *propagate) adjoint(l lane) []phase {
	return []phase{{tasks: func() int { return k.matrix().T().Tasks() }, run: func(task, _ int) {
		m, n, dy := k.matrix().T(), k.x.size, k.y.all(l)
		if k.x.active {
			m.Mul(task, k.x.all(l), dy, n, float32(1-k.Restart), k.acc[0])
		}
		if k.h != nil && k.h.active {
			lo, hi := m.Block(task)
			dh := k.h.all(l)[lo*n : hi*n]
			if !k.acc[1] {
				clear(dh)
			}
			tensor.Axpy(dh, float32(k.Restart), dy[lo*n:hi*n])
		}
	}}}
}
