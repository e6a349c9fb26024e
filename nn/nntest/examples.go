package nntest

import (
	"fmt"
	"math"
	"strings"

	"breakeven/nn"
	"breakeven/tensor"
)

// exampleGradients checks the gradients of single examples, their sum, their
// Gram matrix and their inner products with a vector.
func (tr *trial) exampleGradients() {
	p, dim := tr.plan(tr.n), tr.net.Dim()
	g := tr.gradient(p)
	examples, sum := make([][]float32, tr.n), make([]float32, dim)
	for i := range examples {
		examples[i] = make([]float32, dim)
		p.ExampleGradient(examples[i], i)
		tensor.Add(sum, examples[i])
	}
	tr.nearVec("sum of the examples' gradients", sum, g, exact)
	tr.batchesOfOne(examples)

	gram := make([]float64, tr.n*tr.n)
	gram[0] = 1 // ExampleGram adds
	p.ExampleGram(gram)
	gram[0]--
	tr.nearGram("g", gram, examples)
	lean := *tr
	lean.settings.Tangents = false
	tr.outputGram(p, lean.ready())
	tr.exampleSlopes(examples)
}

// nearGram fails unless gram has the inner products of the rows.
func (tr *trial) nearGram(what string, gram []float64, rows [][]float32) {
	m := len(rows)
	norms := make([]float64, m)
	for r, x := range rows {
		norms[r] = tensor.Norm(x)
	}
	for r, x := range rows {
		for s, y := range rows[:r+1] {
			want, scale := tensor.Dot(x, y), norms[r]*norms[s]
			for _, at := range [...]int{r*m + s, s*m + r} {
				if !(math.Abs(gram[at]-want) <= exact*scale) {
					tr.near(fmt.Sprintf("⟨%s_%d, %s_%d⟩", what, at/m, what, at%m), gram[at], want, scale, exact)
				}
			}
		}
	}
}

// exampleSlopes checks the inner products of the examples' gradients with v.
func (tr *trial) exampleSlopes(examples [][]float32) {
	p, slopes := tr.ready(), make([]float64, tr.n)
	p.SetTangent(tr.v)
	p.ExampleSlopes(slopes, tr.scale)
	for i, gi := range examples {
		tr.near(fmt.Sprintf("⟨g_%d, v⟩", i), slopes[i], tensor.Dot(gi, tr.v), tensor.Norm(gi), exact)
	}
}

// outputGram checks the inner products of the gradients of all outputs, as each plan has them.
func (tr *trial) outputGram(p *nn.Plan, others ...*nn.Plan) {
	outputs := numbers(tr.net)
	m := tr.n * outputs
	rows := make([][]float32, m)
	for r := range rows {
		u := make([]float32, m)
		u[tr.place(r/outputs, r%outputs)] = 1
		rows[r] = make([]float32, tr.net.Dim())
		p.JacTVec(rows[r], u, false)
	}
	for _, p := range append(others, p) {
		gram := make([]float64, m*m)
		gram[0] = 1 // OutputGram adds
		p.OutputGram(gram)
		gram[0]--
		tr.nearGram("∂z", gram, rows)
	}
}

// place returns the place of number c of the outputs of example i in all outputs.
func (tr *trial) place(i, c int) int {
	at := 0
	for _, o := range tr.net.Outputs() {
		if c < o.Shape.Size() {
			return at + i*o.Shape.Size() + c
		}
		c -= o.Shape.Size()
		at += tr.n * o.Shape.Size()
	}
	panic("nntest: an output too many")
}

// first checks that the first examples of a batch can be used as a batch.
func (tr *trial) first() {
	fewer := *tr
	fewer.n = (tr.n + 1) / 2
	fewer.batch = tr.batch.Slice(0, fewer.n)
	want := fewer.hessVec(fewer.ready(), tr.v)
	p := tr.ready()
	p.SetTangent(tr.v)
	all, got := tr.hessVec(p, tr.v), make([]float32, tr.net.Dim())
	p.First(fewer.n, func() { p.HessVec(got, tr.scale, false) })
	tr.nearVec("Hv of the first examples", got, want, exact)
	tr.same("Hv of all examples after that of the first", tr.hessVec(p, tr.v), all)
	tr.panics("First", func() { p.First(tr.n+1, func() {}) })
	tr.panics("First", func() { p.First(0, func() {}) })
}

// one returns a trial of the batch's example i alone.
func (tr *trial) one(i int) *trial {
	one := *tr
	one.settings.Batch, one.n, one.batch = 1, 1, tr.batch.Slice(i, i+1)
	return &one
}

func (tr *trial) batchesOfOne(examples [][]float32) {
	for i, gi := range examples {
		one := tr.one(i)
		tr.nearVec(fmt.Sprintf("gradient of example %d", i), gi, one.gradient(one.plan(1)), exact)
	}
}

// exampleCurvatures checks vᵀH_i v against batches of one and against vᵀHv.
func (tr *trial) exampleCurvatures() {
	p := tr.ready()
	hv := tr.hessVec(p, tr.v)
	got, sum, scale := make([]float64, tr.n), 0.0, 0.0
	p.ExampleCurvatures(got, tr.scale)
	for i, c := range got {
		one := tr.one(i)
		q := one.ready()
		h := one.hessVec(q, tr.v)
		tr.near(fmt.Sprintf("curvature of example %d", i), c, tensor.Dot(h, tr.v), tensor.Norm(h), exact)
		sum += c
		scale += tensor.Norm(h)
	}
	tr.near("sum of the curvatures", sum, tensor.Dot(hv, tr.v), scale, exact)
}

// noExamples checks that what is not defined panics.
func (tr *trial) noExamples() {
	p := tr.ready()
	tr.panics("ExampleGradient", func() { p.ExampleGradient(make([]float32, tr.net.Dim()), 0) })
	p.SetTangent(tr.v)
	tr.panics("ExampleSlopes", func() { p.ExampleSlopes(make([]float64, tr.n), 1) })
	tr.panics("ExampleCurvatures", func() { p.ExampleCurvatures(make([]float64, tr.n), 1) })
	tr.panics("ExampleGram", func() { p.ExampleGram(make([]float64, tr.n*tr.n)) })
	tr.panics("First", func() { p.First(1, func() {}) })
	tr.panics("OutputGram", func() { p.OutputGram(make([]float64, tr.n*tr.n)) })
}

func (tr *trial) panics(what string, f func()) {
	tr.Helper()
	defer func() {
		tr.Helper()
		if text, ok := recover().(string); !ok || !strings.HasPrefix(text, "nn: ") {
			tr.Errorf("%s under batch statistics does not panic", what)
		}
	}()
	f()
}
