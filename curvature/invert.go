package curvature

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"breakeven/spectrum"
	"breakeven/tensor"
)

// A factorError says why a matrix has no inverse.
type factorError string

func (e factorError) Error() string { return string(e) }

// errIndefinite says that a matrix is not positive definite.
const errIndefinite factorError = "not positive definite"

// isFactorError reports whether a matrix has no inverse, and not a stop is the reason.
func isFactorError(err error) bool {
	var e factorError
	return errors.As(err, &e)
}

// An Inverter inverts symmetric positive definite matrices by halves: with W = A₂₁A₁₁⁻¹ and
// the Schur complement C = A₂₂ − W A₂₁ᵀ,
//
//	A⁻¹ = [A₁₁⁻¹ + Wᵀ C⁻¹ W, −Wᵀ C⁻¹; −C⁻¹ W, C⁻¹]
//
// Blocks of up to smallBlock rows are inverted by Cholesky factorisation.
type Inverter struct {
	Stop func() error // asked before each block; nil: never
	a, w []float64

	small   [smallBlock * smallBlock]float64
	factor  mat.Cholesky
	inverse mat.SymDense
}

const smallBlock = 128

// InverterBytes returns the memory of an Inverter for matrices of n rows.
func InverterBytes(n int) int64 { return 8 * int64(n*n+workSize(n)+3*smallBlock*smallBlock) }

// workSize returns how many numbers the products W of all levels have.
func workSize(n int) int {
	if n <= smallBlock {
		return 0
	}
	h := n / 2
	return h*(n-h) + workSize(n-h)
}

// NewInverter allocates an inverter for matrices of up to n rows.
func NewInverter(n int) *Inverter {
	return &Inverter{a: make([]float64, n*n), w: make([]float64, workSize(n))}
}

// Jitter is what is added to the diagonal, relative to its mean, of a matrix that has no
// Cholesky factor, at the first of several trials; at each further one it is ten times more.
const (
	jitter       = 1e-6
	jitterTrials = 5
)

// Invert sets dst to the inverse of x + shift·I, for a symmetric n×n matrix x of which it
// reads what is on and below the diagonal. A matrix that is not positive definite is raised by
// some jitter; if that does not suffice there is an error. If an element is NaN or infinite, that
// is spectrum.ErrNotFinite.
func (v *Inverter) Invert(dst, x []float32, n int, shift float64) error {
	mean := 0.0
	for i := range n {
		mean += float64(x[i*n+i]) / float64(n)
	}
	extra := 0.0
	for trial := 0; ; trial++ {
		for i := range n {
			for j := range i + 1 {
				v.a[i*n+j] = float64(x[i*n+j])
			}
			v.a[i*n+i] += shift + extra
		}
		err := v.block(v.a, n, n, v.w)
		if err == nil {
			break
		}
		if !errors.Is(err, errIndefinite) || trial == jitterTrials {
			return err
		}
		extra = jitter * math.Pow(10, float64(trial)) * (math.Abs(mean) + shift)
	}
	for i := range n {
		for j := range i + 1 {
			dst[i*n+j], dst[j*n+i] = float32(v.a[i*n+j]), float32(v.a[i*n+j])
		}
	}
	return nil
}

// block inverts the leading n×n matrix of a, whose rows are lda apart, in place. The result
// is on both sides of the diagonal.
func (v *Inverter) block(a []float64, lda, n int, work []float64) error {
	if v.Stop != nil {
		if err := v.Stop(); err != nil {
			return err
		}
	}
	if n <= smallBlock {
		return v.invertSmall(a, lda, n)
	}
	h := n / 2
	m := n - h
	a21, a22 := a[h*lda:], a[h*lda+h:]
	w, rest := work[:m*h], work[m*h:]
	first, low, wide := tensor.Rows64(a, lda), tensor.Rows64(a21, lda), tensor.Rows64(w, h)
	if err := v.block(a, lda, h, rest); err != nil {
		return err
	}
	tensor.Product64{M: m, K: h, N: h}.Mul(w, h, low, first, false)
	tensor.Product64{M: m, K: h, N: m, Minus: true, Lower: true}.Mul(a22, lda, wide, low.T(), true)
	if err := v.block(a22, lda, m, rest); err != nil {
		return err
	}
	tensor.Product64{M: m, K: m, N: h, Minus: true}.Mul(a21, lda, tensor.Rows64(a22, lda), wide, false)
	tensor.Product64{M: h, K: m, N: h, Minus: true}.Mul(a, lda, wide.T(), low, true)
	for i := range h {
		for j := range m {
			a[i*lda+h+j] = a21[j*lda+i]
		}
	}
	return nil
}

// invertSmall inverts a small block by its Cholesky factor.
func (v *Inverter) invertSmall(a []float64, lda, n int) error {
	x := mat.NewSymDense(n, v.small[:n*n])
	for i := range n {
		for j := range i + 1 {
			if math.IsNaN(a[i*lda+j]) || math.IsInf(a[i*lda+j], 0) {
				return spectrum.ErrNotFinite
			}
			x.SetSym(i, j, a[i*lda+j])
		}
	}
	if !v.factor.Factorize(x) {
		return errIndefinite
	}
	v.inverse.Reset()
	if err := v.factor.InverseTo(&v.inverse); err != nil {
		var condition mat.Condition
		if !errors.As(err, &condition) || math.IsInf(float64(condition), 1) {
			return errIndefinite
		}
	}
	for i := range n {
		for j := range n {
			a[i*lda+j] = v.inverse.At(i, j)
		}
	}
	return nil
}
