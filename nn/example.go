package nn

import (
	"fmt"

	"breakeven/tensor"
)

// An exampler gives the gradient of each example in the parameters of one
// operation, cut into blocks of up to size numbers in an order of its own.
type exampler interface {
	blocks() (count, size int)
	// exampleGrad adds to dst a block of example i's gradient, made of the
	// inputs in lane x and the adjoints in lane y.
	exampleGrad(dst []float32, i, block int, x, y lane)
	// block copies the same block of a flat parameter vector.
	block(dst, theta []float32, block int)
}

// PerExample reports whether gradients of single examples are defined: not
// where a batch norm mixes the examples of a batch.
func (p *Plan) PerExample() bool {
	for id, nd := range p.net.nodes {
		if len(nd.params) > 0 && p.rules[id].example == nil {
			return false
		}
	}
	return true
}

func (p *Plan) mustPerExample() {
	if !p.PerExample() {
		panic("nn: gradients of single examples are not defined under batch statistics")
	}
}

// ExampleGradient computes the gradient of loss i of the current batch, times
// the scale given to Gradient, which must have run. It is the slow twin of
// ExampleGram.
func (p *Plan) ExampleGradient(dst []float32, i int) {
	p.mustPerExample()
	p.ready(dst)
	if i < 0 || i >= p.cur.n {
		panic(fmt.Sprintf("nn: example %d of %d", i, p.cur.n))
	}
	// Distribute block by block through the inverse of block: number the
	// parameters, read the numbers back.
	index := make([]float32, p.net.dim)
	for _, r := range p.examplers() {
		count, size := r.blocks()
		buf, pos := make([]float32, size), make([]float32, size)
		for b := range count {
			for j := range index {
				index[j] = float32(j + 1)
			}
			clear(buf)
			clear(pos)
			r.exampleGrad(buf, i, b, values, adjoints)
			r.block(pos, index, b)
			for j, at := range pos {
				if at > 0 {
					dst[int(at)-1] = buf[j]
				}
			}
		}
	}
}

func (p *Plan) examplers() []exampler {
	var ex []exampler
	for _, r := range p.rules {
		if r.example != nil {
			ex = append(ex, r.example)
		}
	}
	return ex
}

// ExampleDots computes dst[i] = ⟨g_i, v⟩ for the gradients of the examples of
// the current batch, times the scale given to Gradient, which must have run.
func (p *Plan) ExampleDots(dst []float64, v []float32) {
	p.dots(dst, v, func(ex exampler, buf []float32, i, b int) {
		ex.exampleGrad(buf, i, b, values, adjoints)
	})
}

// ExampleCurvatures computes dst[i] = vᵀH_i v for the Hessians of the losses of
// the examples of the current batch, times scale, where v was given to
// SetTangent and HessVec has run with it.
func (p *Plan) ExampleCurvatures(dst []float64) {
	p.dots(dst, p.v, func(ex exampler, buf []float32, i, b int) {
		ex.exampleGrad(buf, i, b, values, curves)
		ex.exampleGrad(buf, i, b, tangents, adjoints)
	})
}

func (p *Plan) dots(dst []float64, v []float32, grad func(ex exampler, buf []float32, i, b int)) {
	p.mustPerExample()
	p.check(v)
	n := p.cur.n
	if len(dst) != n {
		panic(fmt.Sprintf("nn: %d results for %d examples", len(dst), n))
	}
	clear(dst)
	for _, ex := range p.examplers() {
		count, size := ex.blocks()
		bufs := make([]float32, tensor.Workers()*size)
		block := make([]float32, size)
		for b := range count {
			clear(block)
			ex.block(block, v, b)
			tensor.Parallel(n, func(i, worker int) {
				buf := bufs[worker*size : (worker+1)*size]
				clear(buf)
				grad(ex, buf, i, b)
				dst[i] += tensor.Dot(buf, block)
			})
		}
	}
}

// ExampleGram adds to dst (n×n, row-major) the inner products ⟨g_i, g_j⟩ of the
// gradients of the n examples of the current batch, times the square of the
// scale given to Gradient (or of u given to JacTVec), which must have run. It
// holds one block of parameters at a time, never n×D numbers; dense layers use
// ⟨g_i, g_j⟩ = ⟨x_i, x_j⟩⟨ȳ_i, ȳ_j⟩.
func (p *Plan) ExampleGram(dst []float64) {
	p.mustPerExample()
	n := p.cur.n
	if len(dst) != n*n {
		panic(fmt.Sprintf("nn: Gram matrix of %d numbers for %d examples", len(dst), n))
	}
	for _, ex := range p.examplers() {
		if l, ok := ex.(*linear); ok {
			l.gram(dst, n)
			continue
		}
		count, size := ex.blocks()
		g := newGram(n, size)
		e := make([]float32, n*size)
		for b := range count {
			tensor.Parallel(n, func(i, _ int) {
				row := e[i*size : (i+1)*size]
				clear(row)
				ex.exampleGrad(row, i, b, values, adjoints)
			})
			g.of(e)
			g.each(func(i, j int, v float32) { dst[i*n+j] += float64(v) })
		}
	}
}

func (k *linear) gram(dst []float64, n int) {
	gx, gy := newGram(n, k.in), newGram(n, k.out)
	gx.of(k.x.all(values))
	gy.of(k.y.all(adjoints))
	bias := float32(0)
	if k.hasBias {
		bias = 1
	}
	gy.each(func(i, j int, v float32) {
		dst[i*n+j] += float64(gx.at(i, j)+bias) * float64(v)
	})
}

// A gram computes E·Eᵀ for n rows of a given size.
type gram struct {
	n, size int
	c       []float32
}

func newGram(n, size int) *gram {
	return &gram{n, size, make([]float32, n*n)}
}

// of computes the part of E·Eᵀ on and below the diagonal.
func (g *gram) of(e []float32) {
	rows := tensor.Rows(e, g.size)
	tensor.Product{M: g.n, K: g.size, N: g.n, Lower: true}.Mul(g.c, g.n, rows, rows.T(), false)
}

func (g *gram) at(i, j int) float32 { return g.c[max(i, j)*g.n+min(i, j)] }

// each calls f for every pair, both halves.
func (g *gram) each(f func(i, j int, v float32)) {
	for i := range g.n {
		for j := range g.n {
			f(i, j, g.at(i, j))
		}
	}
}
