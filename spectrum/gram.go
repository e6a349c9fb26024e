package spectrum

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Centre turns, in place, the inner products of n vectors g_i into those of
// the centred vectors g_i − ḡ, where ḡ is their mean: P·G·P with P = I − 11ᵀ/n.
//
// Where the mean is much longer than the deviations, digits are lost: an error
// of ε‖ḡ‖² in the inner products stays. Then subtract ḡ from the vectors
// before the inner products; Centre after that does no harm.
func Centre(g *mat.SymDense) {
	n := g.SymmetricDim()
	mean := make([]float64, n)
	var all float64
	for i := range n {
		for j := range n {
			mean[i] += g.At(i, j) / float64(n)
		}
		all += mean[i] / float64(n)
	}
	for i := range n {
		for j := i; j < n; j++ {
			g.SetSym(i, j, g.At(i, j)-mean[i]-mean[j]+all)
		}
	}
}

// A Gram holds the eigenpairs of the Gram matrix of n centred vectors, scaled
// as the caller scaled it. Divided by n it has the eigenvalues of their
// covariance matrix (the n×n and the D×D matrix share those that are not zero).
type Gram struct {
	// Values are the n eigenvalues, descending. The last is zero up to
	// rounding, of either sign, because the centred vectors sum to zero.
	Values []float64
	// Vectors has the unit eigenvectors as columns, in the same order. With
	// column u of a value λ > 0 of the inner products themselves, Σ u_i·g_i/√λ
	// is the unit eigenvector in the space of the g_i; there it does not
	// matter whether the g_i are centred, for Σ u_i = 0.
	Vectors *mat.Dense
}

// GramBytes returns the memory, in bytes, that [GramSpectrum] takes for n vectors,
// its result included: three matrices.
func GramBytes(n int) int64 { return 3 * 8 * int64(n) * int64(n) }

// GramSpectrum returns the eigenpairs of a centred Gram matrix (see [Centre]).
// The error is ErrNotFinite, wrapped, or that of the eigenvalue solver.
func GramSpectrum(g mat.Symmetric) (*Gram, error) {
	n := g.SymmetricDim()
	if n == 0 {
		panic("spectrum: Gram matrix of no vectors")
	}
	for i := range n {
		for j := range n {
			if !finite(g.At(i, j)) {
				return nil, fmt.Errorf("spectrum: Gram matrix, entry %d, %d: %w", i, j, ErrNotFinite)
			}
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(g, true) {
		return nil, errors.New("spectrum: the eigenproblem of the Gram matrix did not converge")
	}
	var up mat.Dense
	eig.VectorsTo(&up)
	s := &Gram{Values: make([]float64, n), Vectors: mat.NewDense(n, n, nil)}
	column := make([]float64, n)
	for i, v := range eig.Values(nil) {
		s.Values[n-1-i] = v
		s.Vectors.SetCol(n-1-i, mat.Col(column, i, &up))
	}
	return s, nil
}

// Max returns λ¹, the largest eigenvalue.
func (s *Gram) Max() float64 { return s.Values[0] }

// Min returns λ*, the (n−1)-th eigenvalue: the smallest that centring does not
// make zero. It is NaN for a single vector.
func (s *Gram) Min() float64 {
	if len(s.Values) < 2 {
		return math.NaN()
	}
	return s.Values[len(s.Values)-2]
}

// Trace returns the sum of the eigenvalues.
func (s *Gram) Trace() float64 {
	var t float64
	for _, v := range s.Values {
		t += v
	}
	return t
}

// Rank returns Tr/λ¹, the effective rank, between 1 and n−1. It is NaN where
// all vectors are equal.
func (s *Gram) Rank() float64 { return s.perMax(s.Trace()) }

// Condition returns λ*/λ¹, the conditioning of Jastrzębski et al. (2020), at
// most 1. It is NaN for a single vector and where all vectors are equal.
func (s *Gram) Condition() float64 { return s.perMax(s.Min()) }

func (s *Gram) perMax(x float64) float64 {
	if !(s.Max() > 0) {
		return math.NaN()
	}
	return x / s.Max()
}
