package nn

import (
	"slices"

	"breakeven/tensor"
)

// sparse is a compiled Linear on a sparse input: y = X Wᵀ + b, with a row of X for each
// example. Its products run over the entries of X. They read Wᵀ, which is made whenever the
// parameters change.
type sparse struct {
	units
	plan   *Plan
	input  int          // of the network
	turned [2][]float32 // Wᵀ and its tangent, one input in a row
}

// turnTasks is the number of tasks that make Wᵀ.
const turnTasks = 16

func (l Linear) compileSparse(b *binding) rules {
	k := &sparse{units: l.units(b), plan: b.plan, input: slices.Index(b.plan.net.inputs, b.node.in[0])}
	b.scratch(k.out)
	r := rules{
		pack:     []phase{k.turn(b, 0, func() vector { return b.plan.theta })},
		forward:  []phase{k.product(0, values, func() vector { return b.plan.theta })},
		adjoint:  func(lane) []phase { return nil },
		gradient: k.finish,
		rereads:  true,
		example:  k,
		factors:  k.factors(b),
	}
	if b.plan.settings.Tangents {
		r.packTangent = []phase{k.turn(b, 1, func() vector { return b.plan.v })}
		r.tangent = []phase{k.product(1, tangents, func() vector { return b.plan.v })}
	}
	return r
}

// turn makes Wᵀ of a flat vector.
func (k *sparse) turn(b *binding, which int, from func() vector) phase {
	b.owns(4 * int64(k.in*k.out))
	b.later(func() { k.turned[which] = make([]float32, k.in*k.out) })
	return b.global(turnTasks, func(task, _ int) {
		w, dst := k.weight.of(from()), k.turned[which]
		for j := task * k.in / turnTasks; j < (task+1)*k.in/turnTasks; j++ {
			for u := range k.out {
				dst[j*k.out+u] = w[u*k.in+j]
			}
		}
	})
}

// matrix returns X.
func (k *sparse) matrix() *tensor.CSR { return k.plan.cur.in[k.input].Sparse }

// product computes y, or its tangent, from one of the matrices Wᵀ.
func (k *sparse) product(which int, l lane, from func() vector) phase {
	return phase{tasks: func() int { return k.matrix().Tasks() }, run: func(task, _ int) {
		m, y := k.matrix(), k.y.all(l)
		lo, hi := m.Block(task)
		for i := lo; i < min(hi, k.plan.cur.n); i++ {
			row := y[i*k.out : (i+1)*k.out]
			m.MulRow(row, i, k.turned[which], 1, false)
			if k.hasBias {
				tensor.Add(row, k.bias.of(from()))
			}
		}
	}}
}

// finish computes W̄ᵀ = Xᵀȳ, whose rows become columns of W̄, and in one more task the
// gradient of the bias. X is a constant, so that the second order has no further term.
func (k *sparse) finish(l lane, _ bool) []phase {
	return []phase{{
		tasks: func() int { return k.matrix().T().Tasks() + 1 },
		run: func(task, worker int) {
			m := k.matrix().T()
			if task == m.Tasks() {
				k.finishBias(l)
				return
			}
			dst, dy, row, acc := k.weight.of(k.plan.dst), k.y.all(l), k.plan.scratch[worker][:k.out], k.weight.acc()
			lo, hi := m.Block(task)
			for j := lo; j < hi; j++ {
				m.MulRow(row, j, dy, 1, false)
				for u, v := range row {
					if acc {
						v += dst[u*k.in+j]
					}
					dst[u*k.in+j] = v
				}
			}
		},
	}}
}

func (k *sparse) exampleGrad(dst []float32, i, block, _ int) {
	dy := k.y.example(adjoints, i)
	if block == k.out {
		tensor.Add(dst[:k.out], dy)
		return
	}
	index, value := k.matrix().Row(i)
	for e, j := range index {
		dst[j] += dy[block] * value[e]
	}
}
