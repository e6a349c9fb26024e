package nn

import (
	"fmt"

	"breakeven/tensor"
)

// Linear is a dense layer y = W x + b: weight [Units, inputs], bias [Units].
type Linear struct {
	Units  int
	NoBias bool
}

// Out returns a vector of Units numbers; the input must be a vector.
func (l Linear) Out(in ...Shape) Shape {
	one("linear", in)
	if l.Units < 1 || in[0] != Vec(in[0].C) {
		panic(fmt.Sprintf("nn: linear: %d units on %v (flatten first)", l.Units, in[0]))
	}
	return Vec(l.Units)
}

// Params returns weight and bias.
func (l Linear) Params(in ...Shape) []Param {
	ps := []Param{{Name: "weight", Shape: []int{l.Units, in[0].C}, FanIn: in[0].C, FanOut: l.Units}}
	if !l.NoBias {
		ps = append(ps, Param{Name: "bias", Shape: []int{l.Units}})
	}
	return ps
}

// linear is a compiled Linear. Its products run over the whole batch, cut by
// rows and panels, since its weights are larger than a shard of activations.
type linear struct {
	plan         *Plan
	x, y         arg
	in, out      int
	acc          bool
	weight, bias span
	hasBias      bool
	w, v         convPanels
	fromX, fromY tensor.Product
	rowsY        []int32 // offsets of the rows of y
}

func (l Linear) compile(b *binding) rules {
	k := &linear{plan: b.plan, x: b.in(0), y: b.out(), acc: b.accumulates(0), weight: b.param(0), hasBias: !l.NoBias}
	k.in, k.out = k.x.size, k.y.size
	if k.hasBias {
		k.bias = b.param(1)
	}
	k.fromX, k.fromY = tensor.NewProduct(k.in), tensor.NewProduct(k.out)
	k.rowsY = tensor.RowOffsets(b.plan.settings.Batch, k.out)
	b.scratch(b.plan.settings.Batch * tensor.OuterWidth())
	k.w = k.panels(b)
	r := rules{
		pack:    k.pack(b, &k.w, func() []float32 { return b.plan.theta }),
		value:   []phase{k.product(k.w.forward, k.value)},
		finish:  k.finish,
		example: k,
		adjoint: k.adjoint,
	}
	if b.plan.settings.Tangents {
		k.v = k.panels(b)
		r.packTangent = k.pack(b, &k.v, func() []float32 { return b.plan.v })
		r.tangent = []phase{k.product(k.v.forward, k.tangent)}
		if k.x.active {
			r.bend = []phase{k.product(k.v.data, k.bend)}
		}
	}
	return r
}

func (k *linear) panels(b *binding) convPanels {
	p := convPanels{forward: tensor.NewPanels(k.in, k.out)}
	b.owns(p.forward.Bytes())
	if k.x.active {
		p.data = tensor.NewPanels(k.out, k.in)
		b.owns(p.data.Bytes())
	}
	return p
}

func (k *linear) pack(b *binding, p *convPanels, from func() []float32) []phase {
	ps := []phase{b.global(p.forward.Count(), func(task, _ int) { p.forward.SetPanel(task, k.weight.of(from()), 1, k.in) })}
	if p.data != nil {
		ps = append(ps, b.global(p.data.Count(), func(task, _ int) { p.data.SetPanel(task, k.weight.of(from()), k.in, 1) }))
	}
	return ps
}

// product returns a phase with a task for each panel and block of rows.
func (k *linear) product(panels *tensor.Panels, f func(panel, lo, hi int)) phase {
	block := 2 * tensor.RowBlock()
	blocks := func() int { return (k.plan.cur.n + block - 1) / block }
	return phase{
		tasks: func() int { return panels.Count() * blocks() },
		run: func(task, _ int) {
			lo := task % blocks() * block
			f(task/blocks(), lo, min(lo+block, k.plan.cur.n))
		},
	}
}

func (k *linear) value(panel, lo, hi int) {
	y := k.y.rows(values, lo, hi)
	k.fromX.Mul(y, k.out, k.x.rows(values, lo, hi), hi-lo, k.w.forward, panel, false)
	k.addBias(y, k.plan.theta, k.w.forward, panel, hi-lo)
}

func (k *linear) tangent(panel, lo, hi int) {
	y := k.y.rows(tangents, lo, hi)
	k.fromX.Mul(y, k.out, k.x.rows(values, lo, hi), hi-lo, k.v.forward, panel, false)
	if k.x.active {
		k.fromX.Mul(y, k.out, k.x.rows(tangents, lo, hi), hi-lo, k.w.forward, panel, true)
	}
	k.addBias(y, k.plan.v, k.v.forward, panel, hi-lo)
}

func (k *linear) addBias(y, theta []float32, p *tensor.Panels, panel, rows int) {
	if !k.hasBias {
		return
	}
	j, cols := p.Column(panel)
	b := k.bias.of(theta)[j : j+cols]
	for r := range rows {
		tensor.Add(y[r*k.out+j:r*k.out+j+cols], b)
	}
}

func (k *linear) adjoint(l lane) []phase {
	if !k.x.active {
		return nil
	}
	return []phase{k.product(k.w.data, func(panel, lo, hi int) {
		k.fromY.Mul(k.x.rows(l, lo, hi), k.in, k.y.rows(l, lo, hi), hi-lo, k.w.data, panel, k.acc)
	})}
}

func (k *linear) bend(panel, lo, hi int) {
	k.fromY.Mul(k.x.rows(curves, lo, hi), k.in, k.y.rows(adjoints, lo, hi), hi-lo, k.v.data, panel, true)
}

// finish computes w̄ = ȳᵀx (and, for the second order, + ȳᵀẋ with the first
// order's ȳ) by column panels over the whole batch.
func (k *linear) finish(l lane, second bool) []phase {
	width := tensor.OuterWidth()
	panels := (k.in + width - 1) / width
	return []phase{{
		tasks: func() int { return panels + 1 },
		run: func(task, worker int) {
			p := k.plan
			if task == panels {
				k.finishBias(l)
				return
			}
			dst, scratch := k.weight.of(p.dst), p.scratch[worker]
			off := k.rowsY[:p.cur.n]
			tensor.OuterPanel(dst, k.in, k.y.all(l), off, k.out, k.x.all(values), k.in, k.in, task*width, scratch, p.acc)
			if second && k.x.active {
				tensor.OuterPanel(dst, k.in, k.y.all(adjoints), off, k.out, k.x.all(tangents), k.in, k.in, task*width, scratch, true)
			}
		},
	}}
}

func (k *linear) finishBias(l lane) {
	if !k.hasBias {
		return
	}
	db := k.bias.of(k.plan.dst)
	if !k.plan.acc {
		clear(db)
	}
	addColumns(db, k.y.all(l))
}

// blocks returns one block for each unit and one for the bias.
func (k *linear) blocks() (count, size int) {
	count = k.out
	if k.hasBias {
		count++
	}
	return count, max(k.in, k.out)
}

func (k *linear) exampleGrad(dst []float32, i, block int, x, y lane) {
	dy := k.y.example(y, i)
	if block < k.out {
		if x == values || k.x.active {
			tensor.Axpy(dst[:k.in], dy[block], k.x.example(x, i))
		}
		return
	}
	if x == values {
		tensor.Add(dst[:k.out], dy)
	}
}

func (k *linear) block(dst, theta []float32, block int) {
	if block == k.out {
		copy(dst, k.bias.of(theta))
		return
	}
	copy(dst, k.weight.of(theta)[block*k.in:(block+1)*k.in])
}
