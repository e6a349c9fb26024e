package curvature

import (
	"errors"

	"gonum.org/v1/gonum/mat"

	"breakeven/nn"
	"breakeven/spectrum"
	"breakeven/tensor"
)

// Corrected is the block-diagonal matrix with the eigenvectors of Kronecker factors and
// eigenvalues of its own: the second moments of the gradients of single examples along these
// eigenvectors, so that it is nearer to the Fisher matrix than the factors are (EKFAC, George
// et al. 2018). For the matrix W of a block the product is U_S (M ∘ U_Sᵀ W U_A) U_Aᵀ. It is an
// operator, and so is its damped inverse.
type Corrected struct {
	Blocks []nn.Block
	UA, US [][]float32 // by block: eigenvectors of A and of S, in columns
	M      [][]float32 // Out×Inputs
	Rest   float32     // of the parameters of no block
	dim    int
	work   [2][]float32
}

// NewCorrected allocates a matrix for the blocks of a network. All is 0.
func NewCorrected(net *nn.Network) *Corrected {
	c := &Corrected{Blocks: net.Blocks(), dim: net.Dim()}
	for _, b := range c.Blocks {
		c.UA = append(c.UA, make([]float32, b.Inputs*b.Inputs))
		c.US = append(c.US, make([]float32, b.Out*b.Out))
		c.M = append(c.M, make([]float32, b.Out*b.Inputs))
	}
	c.work = matrices(c.Blocks)
	return c
}

// Corrected returns the corrected factors on the problem's set, at the parameters of At. The
// problem's Settings must have Factors.
func (p *Problem) Corrected(s FactorSettings) (*Corrected, error) {
	f, err := p.Factors(s)
	if err != nil {
		return nil, err
	}
	c, m := NewCorrected(p.net), NewMoments(p.net.Blocks())
	for k := range f.Blocks {
		if err := errors.Join(Eigenvectors(c.UA[k], f.A[k], c.Blocks[k].Inputs), Eigenvectors(c.US[k], f.S[k], c.Blocks[k].Out)); err != nil {
			return nil, err
		}
	}
	for n, set := range p.chunks {
		p.ready(n)
		for pass := range p.plan.FisherPasses(s.Fisher) {
			p.loaded[p.tape(n)] = -1
			p.plan.FisherAdjoints(s.Fisher, pass, p.scale(), SignsOf(s.Seed), n)
			for k := range f.Blocks {
				if err := m.Add(p.plan, c, k, set.N); err != nil {
					return nil, err
				}
			}
		}
	}
	for k := range f.Blocks {
		m.Put(c, k, 1)
	}
	return c, p.stopped()
}

// Eigenvectors sets the columns of u to the eigenvectors of a symmetric n×n matrix, of which it
// reads what is on and below the diagonal. The error is spectrum.ErrNotFinite if an element is
// NaN or infinite.
func Eigenvectors(u, x []float32, n int) error {
	a, err := symmetricOf(x, n)
	if err != nil {
		return err
	}
	var e mat.EigenSym
	if !e.Factorize(a, true) {
		return factorError("without eigenvectors that were found")
	}
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	for i := range n {
		for j := range n {
			u[i*n+j] = float32(vectors.At(i, j))
		}
	}
	return nil
}

// symmetricOf returns a symmetric n×n matrix, of which it reads what is on and below the diagonal. The
// error is spectrum.ErrNotFinite if an element is NaN or infinite.
func symmetricOf(x []float32, n int) (*mat.SymDense, error) {
	a := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			v := float64(x[i*n+j])
			if v-v != 0 {
				return nil, spectrum.ErrNotFinite
			}
			a.SetSym(i, j, v)
		}
	}
	return a, nil
}

// Dim returns the number of parameters.
func (c *Corrected) Dim() int { return c.dim }

// MulVecTo sets dst to the product with v, which may be dst. The error is always nil.
func (c *Corrected) MulVecTo(dst, v []float32) error {
	over(c.Blocks, dst, v, c.Rest, c.work, func(k int, w, other []float32) {
		b := c.Blocks[k]
		ua, us := tensor.Rows(c.UA[k], b.Inputs), tensor.Rows(c.US[k], b.Out)
		rotate(w, w, other, us.T(), ua, b)
		tensor.Mul(w, w, c.M[k])
		rotate(w, w, other, us, ua.T(), b)
	})
	return nil
}

// Inverse returns (C + εI)⁻¹, which shares its eigenvectors with C. What belongs to no block it
// leaves as it is.
func (c *Corrected) Inverse(epsilon float64) *Corrected {
	inverse := *c
	inverse.M, inverse.Rest, inverse.work = nil, 1, matrices(c.Blocks)
	for k := range c.M {
		inverse.M = append(inverse.M, make([]float32, len(c.M[k])))
		InvertMoments(inverse.M[k], c.M[k], epsilon)
	}
	return &inverse
}

// InvertMoments sets dst, which may be m, to 1/(m + ε).
func InvertMoments(dst, m []float32, epsilon float64) {
	for i, v := range m {
		dst[i] = float32(1 / (float64(v) + epsilon))
	}
}

// Moments add up the second moments of the gradients of single examples along the eigenvectors
// of a Corrected. On a graph each node counts for an example. They own their memory.
type Moments struct {
	blocks []nn.Block
	sums   [][]float64 // Out×Inputs by block
	rows   [4][]float32
	part   []float32
}

// NewMoments allocates moments for blocks.
func NewMoments(blocks []nn.Block) *Moments {
	m := &Moments{blocks: blocks}
	inputs, out, part := 0, 0, 0
	for _, b := range blocks {
		m.sums = append(m.sums, make([]float64, b.Out*b.Inputs))
		n := max(rowsAtATime, b.Rows)
		inputs, out, part = max(inputs, n*b.Inputs), max(out, n*b.Out), max(part, b.Out*b.Inputs)
	}
	m.rows = [4][]float32{make([]float32, inputs), make([]float32, out), make([]float32, max(inputs, part)), make([]float32, max(out, part))}
	m.part = make([]float32, part)
	return m
}

// MomentsBytes returns the memory of moments.
func MomentsBytes(blocks []nn.Block) (bytes int64) {
	inputs, out, part := 0, 0, 0
	for _, b := range blocks {
		bytes += 8 * int64(b.Out) * int64(b.Inputs)
		n := max(rowsAtATime, b.Rows)
		inputs, out, part = max(inputs, n*b.Inputs), max(out, n*b.Out), max(part, b.Out*b.Inputs)
	}
	return bytes + 4*int64(inputs+out+max(inputs, part)+max(out, part)+part)
}

// Reset sets the sums of a block to 0.
func (m *Moments) Reset(block int) { clear(m.sums[block]) }

// Put sets the moments of a block to the sums times a scale.
func (m *Moments) Put(c *Corrected, block int, scale float64) {
	for i, v := range m.sums[block] {
		c.M[block][i] = float32(scale * v)
	}
}

// Add adds the moments of a block for the n examples on the plan's current tape, which has their
// adjoints. The error is the one that stopped the plan.
func (m *Moments) Add(p *nn.Plan, c *Corrected, block, n int) error {
	each, add := rowsAtATime, m.addVectors
	if m.blocks[block].Rows > 1 {
		each, add = 1, m.addMatrix
	}
	for lo := 0; lo < n; lo += each {
		if err := p.Stopped(); err != nil {
			return err
		}
		add(p, c, block, lo, min(n, lo+each))
	}
	return nil
}

// addVectors adds (U_Sᵀδ)²((U_Aᵀa)²)ᵀ for examples of one row.
func (m *Moments) addVectors(p *nn.Plan, c *Corrected, block, lo, hi int) {
	b, n := m.blocks[block], hi-lo
	a, d := m.rows[0][:n*b.Inputs], m.rows[1][:n*b.Out]
	tensor.Parallel(n, func(i int) {
		clear(a[i*b.Inputs : (i+1)*b.Inputs])
		clear(d[i*b.Out : (i+1)*b.Out])
		if p.BlockRows(block, lo+i) > 0 {
			p.BlockInputs(a[i*b.Inputs:(i+1)*b.Inputs], block, lo+i)
			copy(d[i*b.Out:(i+1)*b.Out], p.BlockAdjoints(block, lo+i))
		}
	})
	turned, turnedD := m.rows[2][:len(a)], m.rows[3][:len(d)]
	tensor.Product{M: n, K: b.Inputs, N: b.Inputs}.Mul(turned, b.Inputs, tensor.Rows(a, b.Inputs), tensor.Rows(c.UA[block], b.Inputs), false)
	tensor.Product{M: n, K: b.Out, N: b.Out}.Mul(turnedD, b.Out, tensor.Rows(d, b.Out), tensor.Rows(c.US[block], b.Out), false)
	tensor.Mul(turned, turned, turned)
	tensor.Mul(turnedD, turnedD, turnedD)
	m.outer(block, turnedD, turned, n)
	addWide(m.sums[block], m.part)
}

// addMatrix adds (U_Sᵀ G U_A)² for one example of several rows.
func (m *Moments) addMatrix(p *nn.Plan, c *Corrected, block, i, _ int) {
	b, rows := m.blocks[block], p.BlockRows(block, i)
	if rows == 0 {
		return
	}
	a := m.rows[0][:rows*b.Inputs]
	p.BlockInputs(a, block, i)
	m.outer(block, p.BlockAdjoints(block, i), a, rows)
	g := m.part[:b.Out*b.Inputs]
	rotate(g, g, m.rows[2][:len(g)], tensor.Rows(c.US[block], b.Out).T(), tensor.Rows(c.UA[block], b.Inputs), b)
	tensor.Mul(g, g, g)
	addWide(m.sums[block], g)
}

// outer sets part to dᵀa for rows of d and of a.
func (m *Moments) outer(block int, d, a []float32, rows int) {
	b := m.blocks[block]
	tensor.Product{M: b.Out, K: rows, N: b.Inputs}.Mul(m.part, b.Inputs, tensor.Rows(d, b.Out).T(), tensor.Rows(a, b.Inputs), false)
}

// addWide adds x to a float64 sum.
func addWide(sum []float64, x []float32) {
	for i := range sum {
		sum[i] += float64(x[i])
	}
}
