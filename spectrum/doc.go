// Package spectrum computes numbers of symmetric linear operators that can only be applied,
// never formed: extreme eigenpairs, the density of the spectrum, and the trace. It also
// solves the eigenproblem of centred Gram matrices of up to some thousand rows. It knows
// nothing of networks.
//
// Estimators, and what they cost in products with the operator:
//
//   - [Lanczos]: the k largest and m smallest eigenpairs with residual bounds.
//   - [Power]: the eigenpair of largest magnitude, for comparison.
//   - [Quadrature]: the spectral density by stochastic Lanczos quadrature.
//   - [Hutchinson] and [HutchPP]: the trace with a standard error.
//   - [GramSpectrum]: no products; the ends of the spectrum of a dense matrix.
//
// Laws:
//
//   - Eigenvalues are ordered algebraically, not by magnitude, unless a function says
//     otherwise.
//   - Vectors are float32, as operators take them; every inner product and every dense
//     problem is float64.
//   - Results are the same bits for any number of threads: sums over long vectors are
//     split into blocks of fixed length.
//   - All randomness comes from the source in the settings.
//   - Each number carries its error: a residual bound for an eigenvalue, a standard error
//     for a random estimate.
//   - An operator that yields NaN or Inf gives [ErrNotFinite]. Vectors of the wrong length
//     panic.
//   - Work that may take over a second can be stopped: an estimator by the error of a
//     product, the dense problem by GramSettings.Stop.
package spectrum

import (
	"errors"
	"math/rand/v2"

	"breakeven/rng"
)

// An Operator is a symmetric linear map on R^n, given by its products.
type Operator interface {
	// Dim returns n, which is positive.
	Dim() int
	// MulVecTo sets dst to the product with v. Both have length Dim and do not overlap;
	// v is not changed. An error, such as that the product was stopped, ends the estimator,
	// which returns it as it is.
	MulVecTo(dst, v []float32) error
}

// ErrNotFinite reports that a product with the operator, or a Gram matrix, held NaN or Inf,
// as happens if the network has diverged.
var ErrNotFinite = errors.New("spectrum: NaN or Inf in the operator")

// random returns the generator over src or, if src is nil, over the stream of seed 0 and the
// given name.
func random(src rand.Source, name string) *rand.Rand {
	if src == nil {
		src = rng.New(0, "spectrum/"+name)
	}
	return rand.New(src)
}

func dimension(a Operator) int {
	n := a.Dim()
	if n <= 0 {
		panic("spectrum: operator without dimensions")
	}
	return n
}
