package spectrum

import (
	"errors"
	"math/cmplx"

	"gonum.org/v1/gonum/mat"
)

// A Rightmost is the eigenvalue with the largest real part of a map that need not be symmetric.
type Rightmost struct {
	Value complex128
	// Residual is ‖Ax − λx‖ of the unit vector x found: λ is an eigenvalue of A + E for some E of
	// this norm. If A is not normal, λ may be farther than this from the eigenvalue of A.
	Residual  float64
	Products  int
	Converged bool // the residual is at most Tol·|λ|
}

// Arnoldi returns the eigenvalue with the largest real part of a linear map that need not be
// symmetric, by Arnoldi's method, begun anew with the real part of the vector found whenever the
// basis is full (Saad 1980). Of the settings it uses Tol, MaxBasis, MaxProducts, Start, of which
// the first vector, and Src.
func Arnoldi(a Operator, s *Settings) (*Rightmost, error) {
	set := s.defaults(dimension(a))
	k := &arnoldi{a: a, n: a.Dim()}
	if v := make([]float32, k.n); len(set.Start) > 0 {
		copy(v, set.Start[0])
		k.start = v
	}
	if k.start == nil || norm(k.start) <= tiny {
		k.start = make([]float32, k.n)
		gaussian(k.start, random(set.Src, "arnoldi"))
	}
	r := new(Rightmost)
	for {
		if err := k.fill(set, r); err != nil || r.Converged || r.Products >= set.MaxProducts {
			return r, err
		}
	}
}

// An arnoldi is an orthonormal basis V with A·V = V·H + β v eᵀ, H upper Hessenberg.
type arnoldi struct {
	a     Operator
	n     int
	start []float32 // of the next basis
	v     [][]float32
	h     [][]float64 // columns
}

// fill makes a basis from the start vector, until a Ritz pair of it has converged or it is full.
// The start vector of the next one is the real part of the best vector.
func (k *arnoldi) fill(set Settings, r *Rightmost) error {
	scale(k.start, 1/norm(k.start))
	k.v, k.h = append(k.v[:0], k.start), k.h[:0]
	for {
		w := make([]float32, k.n)
		if err := k.a.MulVecTo(w, k.v[len(k.v)-1]); err != nil {
			return err
		}
		r.Products++
		c, beta := orthogonalise(w, k.v)
		if !finite(c...) || !finite(beta) {
			return ErrNotFinite
		}
		k.h = append(k.h, append(c, beta))
		invariant := beta <= max(tiny, dependent*length(c)) || len(k.v) == k.n
		full := invariant || len(k.v) >= set.MaxBasis || r.Products >= set.MaxProducts
		if full || len(k.v)%4 == 0 {
			x, err := k.rightmost(r)
			if err != nil {
				return err
			}
			if r.Converged = r.Residual <= set.Tol*cmplx.Abs(r.Value) || invariant; r.Converged || full {
				k.start = k.combined(x)
				return nil
			}
		}
		scale(w, 1/beta)
		k.v = append(k.v, w)
	}
}

// rightmost sets the eigenvalue of H with the largest real part and its residual, and returns the
// real part of its vector.
func (k *arnoldi) rightmost(r *Rightmost) ([]float64, error) {
	m := len(k.v)
	h := mat.NewDense(m, m, nil)
	for j, column := range k.h {
		for i := range min(m, j+2) {
			h.Set(i, j, column[i])
		}
	}
	var e mat.Eigen
	if !e.Factorize(h, mat.EigenRight) {
		return nil, errors.New("spectrum: the projected eigenproblem did not converge")
	}
	values, best := e.Values(nil), 0
	for i, v := range values {
		if real(v) > real(values[best]) {
			best = i
		}
	}
	var vectors mat.CDense
	e.VectorsTo(&vectors)
	x := make([]float64, m)
	for i := range x {
		x[i] = real(vectors.At(i, best))
	}
	r.Value = values[best]
	r.Residual = k.h[m-1][m] * cmplx.Abs(vectors.At(m-1, best))
	return x, nil
}

// combined returns V·x, or the first vector of the basis if that is 0.
func (k *arnoldi) combined(x []float64) []float32 {
	w := make([]float32, k.n)
	combineTo([][]float32{w}, k.v, [][]float64{x})
	if norm(w) <= tiny {
		return k.v[0]
	}
	return w
}
