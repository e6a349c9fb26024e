package curvature

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"breakeven/nn"
	"breakeven/tensor"
)

// A Root is a matrix B with B Bᵀ = C for a symmetric positive definite C.
type Root struct {
	blocks []nn.Block
	a, s   [][]float32 // by block, square
	m      [][]float32 // by block, Out×Inputs; nil: all are 1
	rest   float32     // of the parameters of no block
	work   [2][]float32
}

// RootBytes returns the memory of a root.
func RootBytes(blocks []nn.Block) int64 {
	bytes, n := FactorsBytes(blocks), int64(0)
	for _, b := range blocks {
		bytes += 4 * int64(b.Out) * int64(b.Inputs)
		n = max(n, int64(b.Inputs), int64(b.Out))
	}
	return bytes + 16*n*n
}

// ErrIndefinite says that a matrix is not positive definite and has no root.
var ErrIndefinite error = errIndefinite

// Root returns a root of A ⊗ S: with the Cholesky factors of both, W becomes L_S W L_Aᵀ. The error
// is ErrIndefinite if there is none, up to rounding, or spectrum.ErrNotFinite.
func (f *Factors) Root() (*Root, error) {
	r := &Root{blocks: f.Blocks, rest: float32(math.Sqrt(float64(f.Rest))), work: matrices(f.Blocks)}
	for k, b := range f.Blocks {
		a, err := lower(f.A[k], b.Inputs)
		s, err2 := lower(f.S[k], b.Out)
		if err = errors.Join(err, err2); err != nil {
			return nil, err
		}
		r.a, r.s = append(r.a, a), append(r.s, s)
	}
	return r, nil
}

// Root returns the root U_S (√M ∘ W) U_Aᵀ.
func (c *Corrected) Root() (*Root, error) {
	r := &Root{blocks: c.Blocks, a: c.UA, s: c.US, rest: float32(math.Sqrt(float64(c.Rest))), work: matrices(c.Blocks)}
	for _, m := range c.M {
		root := make([]float32, len(m))
		for i, v := range m {
			if !(v > 0) {
				return nil, ErrIndefinite
			}
			root[i] = float32(math.Sqrt(float64(v)))
		}
		r.m = append(r.m, root)
	}
	return r, nil
}

// lower returns the lower Cholesky factor of a symmetric n×n matrix, of which it reads what is
// on and below the diagonal.
func lower(x []float32, n int) ([]float32, error) {
	a, err := symmetricOf(x, n)
	if err != nil {
		return nil, err
	}
	var c mat.Cholesky
	if !c.Factorize(a) {
		return nil, ErrIndefinite
	}
	var l mat.TriDense
	c.LTo(&l)
	root := make([]float32, n*n)
	for i := range n {
		for j := range i + 1 {
			root[i*n+j] = float32(l.At(i, j))
		}
	}
	return root, nil
}

// MulVecTo sets dst to B·v; dst may be v.
func (r *Root) MulVecTo(dst, v []float32) {
	over(r.blocks, dst, v, r.rest, r.work, func(k int, w, other []float32) {
		b := r.blocks[k]
		if r.m != nil {
			tensor.Mul(w, w, r.m[k])
		}
		rotate(w, w, other, tensor.Rows(r.s[k], b.Out), tensor.Rows(r.a[k], b.Inputs).T(), b)
	})
}

// TransMulVecTo sets dst to Bᵀ·v; dst may be v.
func (r *Root) TransMulVecTo(dst, v []float32) {
	over(r.blocks, dst, v, r.rest, r.work, func(k int, w, other []float32) {
		b := r.blocks[k]
		rotate(w, w, other, tensor.Rows(r.s[k], b.Out).T(), tensor.Rows(r.a[k], b.Inputs), b)
		if r.m != nil {
			tensor.Mul(w, w, r.m[k])
		}
	})
}
