package spectrum

import (
	"cmp"
	"fmt"
	"math/rand/v2"
)

// Settings are the settings of [Lanczos] and [Power]. Nil and the zero Settings ask for the
// largest eigenpair, with all defaults.
type Settings struct {
	// Largest and Smallest are the numbers of eigenpairs wanted from the
	// upper and the lower end of the spectrum. Both zero: one largest.
	Largest, Smallest int

	// Tol is the residual norm at which a pair has converged, relative to its own
	// eigenvalue. Zero: 1e-3. The error of a converged eigenvalue is usually far smaller
	// than its residual. With 1e-2 or more, however, a Ritz value that passes an eigenvalue
	// on its way to a larger one is sometimes accepted.
	Tol float64

	// OfNorm makes Tol relative to the largest eigenvalue in magnitude instead. Use it for an
	// end of the spectrum that may be zero, not for one that is merely small: the most
	// negative eigenvalue of an untrained ResNet is 20 times its largest.
	OfNorm bool

	// Rough, if not nil, approximates a and has cheap products, such as the Hessian on an
	// eighth of the examples. The search first finds its eigenvectors, from a random vector,
	// and begins with them instead of its own random vector; Explore is ignored. A vector of
	// Start is used only if its cosine with one of them is 0.9 or more. Rough has no other
	// influence: the residuals are those of a.
	Rough Operator

	// Noise is the error of one product relative to the largest eigenvalue in
	// magnitude; it is added to the residuals, and no tolerance is below it.
	// Zero: 1e-6, which is float32's.
	Noise float64

	// Start are vectors to start from, such as the eigenvectors found at an earlier point of
	// a trajectory. They need not be orthogonal or of unit length. Those that are linearly
	// dependent, zero or not finite are ignored, and so are those past MaxBasis/3. None: a
	// random vector.
	Start [][]float32

	// Explore is the number of products spent on a random vector, in addition to those of
	// Start, before a result is accepted, in order to find eigenvalues that Start misses.
	// Zero: 5. Negative: none, and no search for further copies of eigenvalues. For several
	// pairs of one end that search explores, and takes as many products as it needs.
	Explore int

	// MaxProducts bounds the number of products. Zero: 300. It is raised to
	// Largest+Smallest.
	MaxProducts int

	// MaxBasis bounds the number of vectors of length n that are kept at one time, besides
	// Start and the results. Zero: 40 or 4·(Largest+Smallest), but no more than 512 MB hold.
	// It is raised to 2·(Largest+Smallest)+8.
	MaxBasis int

	// Verify spends one more product on each pair to measure ‖Av − λv‖.
	Verify bool

	// Src gives the random vectors. Nil: the stream of seed 0.
	Src rand.Source
}

// Result is what [Lanczos] and [Power] found.
type Result struct {
	// Values are the largest eigenvalues, descending, and then the smallest, ascending:
	// Values[0] is the largest and Values[Largest], if there is one, the smallest. An operator
	// of dimension n has at most n of each.
	Values []float64
	// Vectors are the eigenvectors, of unit length, in the order of Values.
	Vectors [][]float32
	// Residuals bound ‖Av − λv‖, and with that the distance from each value to an eigenvalue:
	// ‖B·s‖ (|β·s_mi| of textbook Lanczos) plus Settings.Noise. Lengths below 1e-30 count as
	// zero.
	Residuals []float64
	// Estimates are the likely errors of the values, min(r, r²/gap) for a residual r and the
	// distance gap to the nearest other Ritz value (Kato and Temple). They are no bounds: the
	// true gap may be smaller.
	Estimates []float64
	// Measured are the norms ‖Av − λv‖ from products of their own; nil unless Settings.Verify
	// is set.
	Measured []float64
	// Products is the number of products spent, those of Verify included.
	Products int
	// Converged reports whether all pairs are within the tolerance and, for several pairs of
	// one end, whether a further eigenvalue beyond the last one is excluded (see Lanczos).
	Converged bool
	// Missing reports that all pairs are within the tolerance, but that the products did not
	// suffice to exclude, or to find, a further eigenvalue.
	Missing bool
	// Above bounds all eigenvalues, also those that the search has not seen, with a
	// probability of 99 % (see Lanczos). It is +Inf if the search did not begin with a
	// random vector.
	Above float64
	// Rough is the result for Settings.Rough, without the vectors; nil if there was none.
	Rough *Result
}

func (s *Settings) defaults(n int) Settings {
	var d Settings
	if s != nil {
		d = *s
	}
	if d.Largest < 0 || d.Smallest < 0 || d.Tol < 0 || d.Noise < 0 {
		panic("spectrum: negative setting")
	}
	if d.Largest == 0 && d.Smallest == 0 {
		d.Largest = 1
	}
	d.Largest, d.Smallest = min(d.Largest, n), min(d.Smallest, n)
	pairs := d.Largest + d.Smallest
	d.Tol = cmp.Or(d.Tol, 1e-3)
	d.Noise = cmp.Or(d.Noise, 1e-6)
	d.Explore = cmp.Or(d.Explore, 5)
	if d.Rough != nil && d.Rough.Dim() != n {
		panic(fmt.Sprintf("spectrum: rough operator of dimension %d for one of dimension %d", d.Rough.Dim(), n))
	}
	d.MaxProducts = max(cmp.Or(d.MaxProducts, 300), pairs)
	d.MaxBasis = max(cmp.Or(d.MaxBasis, min(max(40, 4*pairs), basisNumbers/max(1, n))), 2*pairs+8)
	for _, w := range d.Start {
		if len(w) != n {
			panic(fmt.Sprintf("spectrum: start vector of length %d for an operator of dimension %d", len(w), n))
		}
	}
	return d
}

// basisNumbers is how many numbers a basis has by default. A smaller basis takes more products:
// for the largest eigenvalue of a ResNet, 20 with 10 vectors, and 19 with 12 or 40.
const basisNumbers = 512 << 20 / 4

// Bytes returns the memory, in bytes, that [Lanczos] uses for an operator of dimension n if
// its basis becomes full, including the vectors of its result. A search that ends earlier
// takes less.
func (s *Settings) Bytes(n int) int64 {
	d := s.defaults(n)
	vectors := min(d.MaxBasis, n)
	if d.Verify {
		vectors++
	}
	return 4 * int64(n) * int64(vectors)
}

// Lanczos returns the largest and smallest eigenpairs of a by the Lanczos method with full
// reorthogonalisation (Lanczos 1950; Paige 1972; Parlett 1998) and thick restart (Wu and Simon
// 2000), so that the basis never exceeds s.MaxBasis vectors.
//
// A start from several vectors keeps all of them. They cost one product each, and each further
// product goes to the wanted pair that is furthest from its tolerance. A start from
// eigenvectors of a nearby operator therefore needs few products more than there are vectors.
// While a network learns fast, the eigenvectors of a few steps ago are too far away for that:
// see Settings.Rough.
//
// A random vector has a part of only one eigenvector of a multiple eigenvalue, and so has all
// that is made of it: the basis becomes invariant, or other eigenvalues are taken for the
// missing copies. So if several pairs of one end are wanted, those found are tried with further
// random vectors, orthogonal to them, until one of them shows no eigenvalue beyond the last
// wanted one. What it excludes, with a probability of 99 %, are missed eigenvalues that are
// beyond it by 5 % or more; of values that are closer than that, and not resolved by the
// tolerance, one may be taken for the next.
//
// A residual says that there is an eigenvalue nearby, not that none is larger. Result.Above
// says that, after van Dorsselaer, Hochstenbach and van der Vorst (2000): by A·V = V·H + Z·B an
// eigenvector e of a larger eigenvalue x has the component |eᵀr| ≤ ‖B(x−H)⁻¹Vᵀr‖ along the
// random vector r, and the probability of so small a component is known. A search from a random
// vector goes on until Above is within 5 % of the largest value, or the basis is full.
//
// The error is ErrNotFinite, that of a product, or that of the small eigenproblem. Too few
// products are no error: Converged is false, and the residuals say how good the pairs are.
func Lanczos(a Operator, s *Settings) (*Result, error) {
	return newLanczos(a, s).search()
}
