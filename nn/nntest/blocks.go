package nntest

import (
	"fmt"

	"breakeven/nn"
	"breakeven/rng"
	"breakeven/tensor"
)

// blocks checks the rows of Kronecker factors: the sums of the outer products of adjoints and
// inputs are gradients, and their second moments the matrices that they are said to be.
func (tr *trial) blocks() {
	lean := *tr
	lean.settings.Tangents, lean.settings.Adjoints, lean.settings.Factors = false, false, true
	p, sum := lean.plan(tr.n), make([]float32, tr.net.Dim())
	p.Forward(tr.batch)
	g := make([]float32, tr.net.Dim())
	p.Adjoints(g, tr.scale, false)
	blocks, full, want := tr.net.Blocks(), tr.ready(), make([]float32, tr.net.Dim())
	for i := range tr.n {
		one := blockGradients(p, blocks, i)
		tensor.Add(sum, one)
		if full.PerExample() {
			full.ExampleGradient(want, i)
			tr.nearVec(fmt.Sprintf("blocks of the gradient of example %d", i), one, within(blocks, want), exact)
		}
	}
	tr.nearVec("blocks of the gradient", sum, within(blocks, g), exact)
	if p.PerExample() && tr.targetsPerExample() {
		tr.fisher(p, blocks)
	}
}

// targetsPerExample reports whether each example has one row of outputs.
func (tr *trial) targetsPerExample() bool {
	for _, o := range tr.net.Outputs() {
		if o.Shape.T > 0 {
			return false
		}
	}
	return len(tr.net.Outputs()) == 1
}

// fisher checks the passes of FisherAdjoints along v: those of Type2 against the Gauss-Newton
// product, the empirical one against the gradients of the examples.
func (tr *trial) fisher(p *nn.Plan, blocks []nn.Block) {
	v := within(blocks, tr.v)
	along := func(f nn.Fisher) (sum float64) {
		for pass := range p.FisherPasses(f) {
			signs, total := rng.NewField(1, "nntest/fisher"), make([]float32, tr.net.Dim())
			p.FisherAdjoints(f, pass, tr.scale, signs, 0)
			for i := range tr.n {
				one := blockGradients(p, blocks, i)
				tensor.Add(total, one)
				d := tensor.Dot(one, v)
				sum += d * d
			}
			g := make([]float32, tr.net.Dim())
			p.FisherGradient(g, f, pass, tr.scale, signs, 0)
			tr.nearVec("FisherGradient and its blocks", within(blocks, g), total, exact)
		}
		return sum
	}
	full, gv := tr.ready(), make([]float32, tr.net.Dim())
	full.SetTangent(v)
	full.GaussNewtonVec(gv, tr.scale, false)
	want := tensor.Dot(gv, v)
	tr.near("vᵀFv", along(nn.Type2), want, want+1e-3, 1e-4)
	if tr.batch.Target[0].Weight != nil {
		return
	}
	slopes := make([]float64, tr.n)
	full.ExampleSlopes(slopes, tr.scale)
	want = 0
	for _, s := range slopes {
		want += s * s / tr.scale
	}
	tr.near("Σ⟨g_i, v⟩²", along(nn.Empirical), want, want, 1e-4)
}

// blockGradients returns the sum of the outer products of adjoints and inputs of an example,
// at the places of the parameters.
func blockGradients(p *nn.Plan, blocks []nn.Block, i int) []float32 {
	g := make([]float32, p.Network().Dim())
	for k, b := range blocks {
		a, columns := make([]float32, b.Rows*b.Inputs), b.Columns()
		p.BlockInputs(a, k, i)
		d := p.BlockAdjoints(k, i)
		for r := range p.BlockRows(k, i) {
			row := a[r*b.Inputs : (r+1)*b.Inputs]
			for o, s := range d[r*b.Out : (r+1)*b.Out] {
				tensor.Axpy(g[b.Weight+o*columns:][:columns], s, row[:columns])
				if b.Bias >= 0 {
					g[b.Bias+o] += s * row[columns]
				}
			}
		}
	}
	return g
}

// within returns v with zeros for parameters that belong to no block.
func within(blocks []nn.Block, v []float32) []float32 {
	w := make([]float32, len(v))
	for _, b := range blocks {
		size := b.Out * b.Columns()
		copy(w[b.Weight:b.Weight+size], v[b.Weight:])
		if b.Bias >= 0 {
			copy(w[b.Bias:b.Bias+b.Out], v[b.Bias:])
		}
	}
	return w
}
