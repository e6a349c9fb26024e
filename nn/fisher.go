package nn

import (
	"fmt"
	"math"

	"breakeven/rng"
)

// A Fisher is a second moment of gradients that Kronecker factors approximate: of what is
// propagated from the outputs (Kunstner et al. 2019).
type Fisher int

const (
	// Empirical is the second moment of the gradients with the targets as they are.
	Empirical Fisher = iota
	// Sampled estimates the Fisher matrix of the model, Jᵀ (∂²ℓ/∂z²) J, in one pass: ∂²ℓ/∂z² is
	// L Lᵀ, and L times random signs is propagated.
	Sampled
	// Type2 is that matrix: the columns of L are propagated, each in a pass of its own.
	Type2
)

// FisherPasses returns how many calls of FisherAdjoints a matrix needs.
func (p *Plan) FisherPasses(f Fisher) int {
	if f != Type2 {
		return 1
	}
	columns := 0
	for _, h := range p.heads {
		columns += h.out.shape.C
	}
	return columns
}

// FisherAdjoints computes, after Forward, the adjoints of one pass and keeps them on the tape:
// the sum of their second moments over the passes and the examples of the batch is scale times
// Σ w F, with w the weights of rows. Each row of an output has a random sign of its own, which a
// field decides by the step and the row. Where examples or steps are mixed, products of different
// rows' adjoints so vanish on average.
func (p *Plan) FisherAdjoints(f Fisher, pass int, scale float64, signs rng.Field, step int) {
	if !p.settings.keeps() {
		panic("nn: plan was compiled without adjoints")
	}
	p.mustBeCurved()
	p.fisherOutputs(adjoints, f, pass, scale, signs, step)
	p.backward(adjoints, nil, false)
	p.cur.adjoints = 0
}

// FisherGradient computes, after Forward, the sum over the batch of the gradients whose adjoints
// FisherAdjoints keeps. The mean of its squared length over the signs, summed over the passes, is
// scale times the trace of Σ w F. It does not change the tape.
func (p *Plan) FisherGradient(dst []float32, f Fisher, pass int, scale float64, signs rng.Field, step int) {
	p.mustDerive(dst)
	p.fisherOutputs(cotangents, f, pass, scale, signs, step)
	p.backward(cotangents, dst, false)
}

// fisherOutputs sets the adjoints of the outputs, in a lane, for one pass.
func (p *Plan) fisherOutputs(l lane, f Fisher, pass int, scale float64, signs rng.Field, step int) {
	p.mustHaveTargets()
	if pass < 0 || pass >= p.FisherPasses(f) {
		panic(fmt.Sprintf("nn: pass %d of %d", pass, p.FisherPasses(f)))
	}
	column := pass
	for k := range p.heads {
		h := &p.heads[k]
		for i := range p.cur.n {
			if !h.out.active {
				break
			}
			for r := range h.rows {
				place := uint64(pass)<<40 | uint64(k)<<36 | uint64((i*h.rows+r)*(h.out.shape.C+1))
				dst := h.out.example(l, i)[r*h.out.shape.C : (r+1)*h.out.shape.C]
				p.fisherRow(dst, f, k, i, r, column, scale, draw{signs, uint64(step), place})
			}
		}
		column -= h.out.shape.C
	}
}

// A draw is a sequence of random signs.
type draw struct {
	field       rng.Field
	step, place uint64
}

func (d *draw) sign() float64 {
	a, _ := d.field.At(d.step, d.place)
	d.place++
	return 1 - 2*float64(a&1)
}

// fisherRow sets dst to the adjoints of a row of output k.
func (p *Plan) fisherRow(dst []float32, f Fisher, k, i, r, column int, scale float64, d draw) {
	h := &p.heads[k]
	c := h.out.shape.C
	clear(dst)
	row, weight := p.row(k, i, r)
	if weight == 0 {
		return
	}
	s := d.sign() * math.Sqrt(weight*scale)
	if f == Empirical {
		h.loss.Adjoint(dst, row, s)
		return
	}
	root := p.curvatureRoot(h, row)
	for j := range c {
		by := s
		switch {
		case f == Sampled:
			by *= d.sign()
		case j != column:
			continue
		}
		for o := j; o < c; o++ {
			dst[o] += float32(by * root[o*c+j])
		}
	}
}

// semidefinite is how small a pivot is, relative to the largest diagonal element, that is the
// rounding of 0.
const semidefinite = 1e-6

// curvatureRoot returns the lower triangular L with L Lᵀ = ∂²ℓ/∂z² of a row, or of the positive
// semidefinite form that the loss has in its place. The matrix is the plan's.
func (p *Plan) curvatureRoot(h *head, row Row) []float64 {
	c := h.out.shape.C
	if len(p.fisherRoot) < c*c {
		p.fisherRoot, p.fisherColumn = make([]float64, c*c), make([]float32, 2*c)
	}
	a, unit, column := p.fisherRoot[:c*c], p.fisherColumn[:c], p.fisherColumn[c:2*c]
	largest := 0.0
	for j := range c {
		clear(unit)
		unit[j] = 1
		h.convex(column, unit, row, 1)
		for o, v := range column {
			a[o*c+j] = float64(v)
		}
		largest = max(largest, a[j*c+j])
	}
	for j := range c {
		pivot := a[j*c+j]
		for o := j; o < c; o++ {
			if pivot > semidefinite*largest {
				a[o*c+j] /= math.Sqrt(pivot)
			} else {
				a[o*c+j] = 0
			}
		}
		for m := j + 1; m < c; m++ {
			for o := m; o < c; o++ {
				a[o*c+m] -= a[o*c+j] * a[m*c+j]
			}
		}
	}
	return a
}
