package spectrum

import (
	"cmp"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Centre turns, in place, the inner products of n vectors g_i into those of
// the centred vectors g_i − ḡ, where ḡ is their mean: P·G·P with P = I − 11ᵀ/n.
//
// If the mean is much longer than the deviations, digits are lost: the inner products have an
// error of ε‖ḡ‖². Then subtract ḡ from the vectors before taking inner products; Centre does
// no harm after that.
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

// GramSettings are the settings of [GramSpectrum]. Nil and the zero GramSettings ask for one
// eigenpair.
type GramSettings struct {
	// Largest is the number of eigenpairs wanted from the upper end. Zero: 1.
	Largest int
	// Floor is the size, of the caller's scaling, below which an eigenvalue is rounding and
	// counts as 0. If the largest one does, so does the trace.
	Floor float64
	// Work is memory of GramBytes, or more, that may serve for several matrices. Nil: it is
	// allocated.
	Work []float64
	// Stop, if not nil, is asked again and again whether to stop. Its error ends the
	// computation and is returned as it is.
	Stop func() error
}

// A Gram holds the ends of the spectrum of the Gram matrix of n centred vectors, with the
// caller's scaling. Divided by n it has the eigenvalues of their covariance matrix: the n×n
// and the D×D matrix have the same non-zero ones.
type Gram struct {
	// Values are the largest eigenvalues, descending: n, or as many as were wanted. The last
	// of n is zero up to rounding, because the centred vectors sum to zero.
	Values []float64
	// Vectors has the unit eigenvectors as columns, in the same order. If column u belongs
	// to an eigenvalue λ > 0 of the inner products themselves, Σ u_i·g_i/√λ is the unit
	// eigenvector in the space of the g_i. The g_i need not be centred there, since
	// Σ u_i = 0.
	Vectors *mat.Dense

	min, trace float64
}

// GramBytes returns the memory, in bytes, that [GramSpectrum] takes for n vectors: half of a
// matrix.
func GramBytes(n int) int64 { return 8 * int64(n) * int64(n+1) / 2 }

// GramSpectrum returns the ends of the spectrum of a centred Gram matrix (see [Centre]). It
// takes (4/3)n³ operations, on all cores, and n²/2 numbers besides g. The error is
// ErrNotFinite, wrapped, that of s.Stop, or that of an eigenvector that does not converge.
//
// Eigenvalues are accurate to some 1e-15 of the largest one: a smallest one that is 1e-12 of
// it has three digits. The error of an eigenvector is ten times that over the distance to the
// nearest other eigenvalue. Those of a multiple eigenvalue are an arbitrary orthonormal basis
// of its space.
func GramSpectrum(g mat.Symmetric, s *GramSettings) (*Gram, error) {
	n, set := g.SymmetricDim(), GramSettings{}
	if s != nil {
		set = *s
	}
	switch {
	case n == 0:
		panic("spectrum: Gram matrix of no vectors")
	case set.Largest < 0 || set.Floor < 0:
		panic("spectrum: negative setting")
	}
	set.Largest = min(cmp.Or(set.Largest, 1), n)
	largest, err := magnitude(g)
	if err != nil {
		return nil, err
	}
	// The squares of entries near 1 neither underflow nor overflow.
	_, exponent := math.Frexp(largest)
	exponent = max(-1000, min(exponent, 1000))
	r, err := reduce(g, math.Ldexp(1, -exponent), set.Work, set.Stop)
	if err != nil {
		return nil, err
	}
	gram, err := r.gram(set, math.Ldexp(1, exponent))
	if err != nil {
		return nil, err
	}
	for i := range n {
		gram.trace += g.At(i, i)
	}
	gram.round(set.Floor)
	return gram, nil
}

// round sets eigenvalues that are not above the floor to 0.
func (s *Gram) round(floor float64) {
	if floor == 0 {
		return
	}
	if s.Max() <= floor {
		s.trace = 0
	}
	if s.min <= floor {
		s.min = 0
	}
	for i, v := range s.Values {
		if v <= floor {
			s.Values[i] = 0
		}
	}
}

// magnitude returns the largest magnitude of an entry of g.
func magnitude(g mat.Symmetric) (largest float64, err error) {
	n := g.SymmetricDim()
	for i := range n {
		for j := range i + 1 {
			x := g.At(i, j)
			if !finite(x) {
				return 0, fmt.Errorf("spectrum: Gram matrix, entry %d, %d: %w", i, j, ErrNotFinite)
			}
			largest = max(largest, math.Abs(x))
		}
	}
	return largest, nil
}

// gram computes the wanted eigenvalues, times the factor, and eigenvectors of a reduced
// matrix.
func (r *reduction) gram(set GramSettings, factor float64) (*Gram, error) {
	s := &Gram{Vectors: mat.NewDense(r.n, set.Largest, nil), min: math.NaN()}
	source := random(nil, "gram")
	var found [][]float64
	for k := range set.Largest {
		if err := ask(set.Stop); err != nil {
			return nil, err
		}
		value := r.value(r.n - 1 - k)
		z, err := r.vector(value, found, source)
		if err != nil {
			return nil, err
		}
		found = append(found, z)
		x := append([]float64(nil), z...)
		r.lift(x)
		s.Values = append(s.Values, value*factor)
		s.Vectors.SetCol(k, x)
	}
	if r.n > 1 {
		s.min = r.value(1) * factor
	}
	return s, nil
}

// Max returns λ¹, the largest eigenvalue.
func (s *Gram) Max() float64 { return s.Values[0] }

// Min returns λ*, the (n−1)-th eigenvalue: the smallest that centring does not
// make zero. It is NaN for a single vector.
func (s *Gram) Min() float64 { return s.min }

// Trace returns the sum of all eigenvalues.
func (s *Gram) Trace() float64 { return s.trace }

// Rank returns Tr/λ¹, the effective rank, between 1 and n−1. It is NaN if all vectors are
// equal.
func (s *Gram) Rank() float64 { return s.perMax(s.Trace()) }

// Condition returns λ*/λ¹, the conditioning of Jastrzębski et al. (2020), at most 1. It is NaN
// for a single vector, and if all vectors are equal.
func (s *Gram) Condition() float64 { return s.perMax(s.Min()) }

func (s *Gram) perMax(x float64) float64 {
	if !(s.Max() > 0) {
		return math.NaN()
	}
	return x / s.Max()
}
