package hierarchy

import "math"

// A pass holds what a forward and a backward pass leave at all points: one row
// a point, one matrix a layer. The readout is layer H+1, of one unit, with
// input x^(H) and δ = 1; so the gradient of every layer is δ^(ℓ) x^(ℓ−1)ᵀ.
type pass struct {
	shape  Shape
	points int
	x      []matrix   // x^(ℓ), ℓ = 0…H
	lambda []matrix   // ∂f/∂x^(ℓ), ℓ = 1…H; index 0 is empty
	delta  []matrix   // ∂f/∂z^(ℓ), ℓ = 1…H; index 0 is empty
	phi    [][]matrix // phi[q][ℓ] = φ^(q)(z^(ℓ)), where φ = σ/√m
	f      []float64
}

// newPass returns a pass at the points that keeps derivatives of σ up to the
// given order, which is at least one.
func newPass(s Shape, points [][]float64, derivatives int) *pass {
	p := &pass{shape: s, points: len(points), f: make([]float64, len(points))}
	p.x = []matrix{newMatrix(len(points), s.Inputs)}
	for i, x := range points {
		copy(p.x[0].row(i), x)
	}
	layer := func() matrix { return newMatrix(len(points), s.Width) }
	p.lambda, p.delta = make([]matrix, 1), make([]matrix, 1)
	p.phi = make([][]matrix, derivatives+1)
	for q := range p.phi {
		p.phi[q] = make([]matrix, 1)
	}
	for range s.Depth {
		p.lambda, p.delta = append(p.lambda, layer()), append(p.delta, layer())
		for q := range p.phi {
			p.phi[q] = append(p.phi[q], layer())
		}
		p.x = append(p.x, p.phi[0][len(p.phi[0])-1])
	}
	return p
}

// run computes the pass of a network.
func (p *pass) run(net *Network) {
	for l := 1; l <= p.shape.Depth; l++ {
		z := p.delta[l] // free until the backward pass
		z.zero()
		mulAddParallel(z, plain, p.x[l-1], transposed, net.weights(l))
		p.activate(l, z)
	}
	a := net.Readout()
	for l := p.shape.Depth; l >= 1; l-- {
		if l < p.shape.Depth {
			p.lambda[l].zero()
			mulAddParallel(p.lambda[l], plain, p.delta[l+1], plain, net.weights(l+1))
		}
		spread(p.points, p.points*p.shape.Width, func(i int) {
			lambda, slope, delta := p.lambda[l].row(i), p.phi[1][l].row(i), p.delta[l].row(i)
			if l == p.shape.Depth {
				copy(lambda, a)
				p.f[i] = dot(a, p.x[l].row(i))
			}
			for k, v := range lambda {
				delta[k] = v * slope[k]
			}
		})
	}
}

// activate sets φ and its derivatives at z in layer l.
func (p *pass) activate(l int, z matrix) {
	scale := 1 / math.Sqrt(float64(p.shape.Width))
	spread(p.points, 32*p.points*p.shape.Width, func(i int) {
		d := make([]float64, len(p.phi))
		for k, v := range z.row(i) {
			p.shape.Activation.Derivatives(d, v)
			for q := range d {
				p.phi[q][l].row(i)[k] = d[q] * scale
			}
		}
	})
}

// grams returns x^(ℓ)·x'^(ℓ) for ℓ = 0…H and δ^(ℓ)·δ′^(ℓ) for ℓ = 1…H+1, of
// all points (rows) with the first n (columns).
func (p *pass) grams(n int) (x, delta []matrix) {
	gram := func(m matrix) matrix {
		g := newMatrix(p.points, n)
		mulAddParallel(g, plain, m, transposed, m.top(n))
		return g
	}
	delta = make([]matrix, 1)
	for l := range p.x {
		x = append(x, gram(p.x[l]))
		if l > 0 {
			delta = append(delta, gram(p.delta[l]))
		}
	}
	ones := newMatrix(p.points, n)
	for i := range ones.Data {
		ones.Data[i] = 1
	}
	return x, append(delta, ones)
}

// kernel returns K^(2) of all points with the first n:
// Σ_ℓ (δ^(ℓ)·δ′^(ℓ))(x^(ℓ−1)·x'^(ℓ−1)) over ℓ = 1…H+1.
func (p *pass) kernel(n int) *Tensor {
	k := NewTensor(2, p.points, n)
	x, delta := p.grams(n)
	for l, d := range delta[1:] {
		for i, v := range d.Data {
			k.Data[i] += v * x[l].Data[i]
		}
	}
	return k
}
