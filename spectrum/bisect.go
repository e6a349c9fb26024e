package spectrum

import (
	"errors"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// epsilon is the distance from 1 to the next larger float64.
const epsilon = 0x1p-52

// below returns how many eigenvalues of T are smaller than x. By Sylvester's law of inertia
// they are as many as the negative pivots of T − x. The count is exact for a matrix within
// some units in the last place of T's entries (Demmel, Dhillon and Ren 1995).
func (r *reduction) below(x float64) int {
	count, pivot := 0, 1.0
	for i, d := range r.d {
		couple := 0.0
		if i > 0 {
			couple = r.e[i-1] * r.e[i-1]
		}
		pivot = d - x - couple/pivot
		if math.Abs(pivot) <= nothing*nothing {
			pivot = -nothing * nothing
		}
		if pivot < 0 {
			count++
		}
	}
	return count
}

// value returns the eigenvalue of T with the given number of smaller ones. It bisects to the
// last place but one, or to 1e-31 of the norm.
func (r *reduction) value(smaller int) float64 {
	lo, hi := -r.norm, r.norm // Gershgorin's discs are within
	for {
		mid := lo + (hi-lo)/2
		if !(hi-lo > 2*epsilon*math.Abs(mid)+epsilon*epsilon*r.norm) { // also if it is NaN
			return mid
		}
		if r.below(mid) > smaller {
			hi = mid
		} else {
			lo = mid
		}
	}
}

// vector returns the unit eigenvector of T for one of its eigenvalues, orthogonal to those
// found before, by inverse iteration from a random vector. Each solution of
// (T − value)·z = b has a component in the wanted direction some 1e15 times as large as b's;
// eigenvectors of the same eigenvalue are kept apart by orthogonality.
func (r *reduction) vector(value float64, before [][]float64, random *rand.Rand) ([]float64, error) {
	z, enough, solved := make([]float64, r.n), 32*math.Sqrt(float64(r.n))*epsilon*r.norm, 0
	for i := range z {
		z[i] = random.NormFloat64()
	}
	for tries := range 12 {
		// Each attempt has another shift, in case this one is singular to the last bit.
		shift := value + float64(tries)*epsilon*max(r.norm, nothing)
		if b := append([]float64(nil), z...); settle(b, before) && r.solve(b, shift) && settle(b, before) {
			z = b
			solved++
		}
		if solved > 1 && r.residual(z, value) <= enough {
			return z, nil
		}
	}
	return nil, errors.New("spectrum: an eigenvector of the Gram matrix did not converge")
}

// solve sets b to (T − shift)⁻¹b, and reports whether it could.
func (r *reduction) solve(b []float64, shift float64) bool {
	t := lapack64.Tridiagonal{N: r.n, D: make([]float64, r.n), DL: append([]float64(nil), r.e...), DU: append([]float64(nil), r.e...)}
	for i, d := range r.d {
		t.D[i] = d - shift
	}
	return lapack64.Gtsv(blas.NoTrans, t, blas64.General{Rows: r.n, Cols: 1, Stride: 1, Data: b})
}

// settle makes z a unit vector orthogonal to those before, and reports whether that was
// possible.
func settle(z []float64, before [][]float64) bool {
	for range 2 {
		size := length(z)
		if !finite(size) || size == 0 {
			return false
		}
		for i := range z {
			z[i] /= size
		}
		for _, v := range before {
			s := 0.0
			for i, x := range v {
				s += x * z[i]
			}
			for i, x := range v {
				z[i] -= s * x
			}
		}
	}
	size := length(z)
	for i := range z {
		z[i] /= size
	}
	return finite(size) && size > 0.5
}

// residual returns ‖Tz − value·z‖.
func (r *reduction) residual(z []float64, value float64) float64 {
	w := make([]float64, r.n)
	for i, x := range z {
		w[i] += (r.d[i] - value) * x
		if i > 0 {
			w[i] += r.e[i-1] * z[i-1]
		}
		if i < r.n-1 {
			w[i] += r.e[i] * z[i+1]
		}
	}
	return length(w)
}
