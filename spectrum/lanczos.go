package spectrum

import (
	"cmp"
	"fmt"
	"math/rand/v2"
)

// Settings are the settings of [Lanczos] and [Power]. A nil *Settings and the
// zero Settings ask for the largest eigenpair with all defaults.
type Settings struct {
	// Largest and Smallest are the numbers of eigenpairs wanted from the
	// upper and the lower end of the spectrum. Both zero: one largest.
	Largest, Smallest int

	// Tol is the residual norm at which a pair has converged, relative to its
	// own eigenvalue. Zero: 1e-3. The error of a converged eigenvalue is
	// usually far smaller than its residual. But with 1e-2 and more, a Ritz
	// value that passes an eigenvalue on its way to a larger one is now and
	// then taken for converged.
	Tol float64

	// OfNorm makes Tol relative to the largest eigenvalue in magnitude instead.
	// That is right for an end that may be zero, and wrong for one that is
	// small: the most negative eigenvalue of an untrained ResNet is 20 times
	// its largest.
	OfNorm bool

	// Rough, if not nil, is an operator near a whose products cost little, such
	// as the Hessian on an eighth of the examples. Its eigenvectors are looked
	// for first, from a random vector, and the search begins there instead of
	// at one of its own: then Explore does not count. A vector of Start is taken
	// where it has a cosine of 0.9 or more with one of them, and only there.
	// Nothing else is believed of Rough: the residuals are those of a.
	Rough Operator

	// Noise is the error of one product relative to the largest eigenvalue in
	// magnitude; it is added to the residuals, and no tolerance is below it.
	// Zero: 1e-6, which is float32's.
	Noise float64

	// Start are vectors to start from, such as the eigenvectors found at an
	// earlier point of a trajectory. They need not be orthogonal or of unit
	// length; those that are dependent, zero or not finite are left out, and
	// so are those past MaxBasis/3. None: a random vector.
	Start [][]float32

	// Explore is the number of products spent on a random vector, which joins
	// those of Start, before a result is accepted, so that eigenvalues which the
	// start knows nothing of are seen. Zero: 5. Negative: the start is believed.
	Explore int

	// MaxProducts bounds the number of products. Zero: 300. It is raised to
	// Largest+Smallest.
	MaxProducts int

	// MaxBasis bounds the number of vectors of length n that are kept at one
	// time, besides Start and the results. Zero: 40 or 4·(Largest+Smallest).
	// It is raised to 2·(Largest+Smallest)+8.
	MaxBasis int

	// Verify spends one more product on each pair to measure ‖Av − λv‖.
	Verify bool

	// Src gives the random vectors. Nil: the stream of seed 0.
	Src rand.Source
}

// Result is what [Lanczos] and [Power] found.
type Result struct {
	// Values are the largest eigenvalues, descending, and then the smallest,
	// ascending: Values[0] is the largest and, where one was asked for,
	// Values[Largest] the smallest. An operator of dimension n has at most n
	// of each.
	Values []float64
	// Vectors are the eigenvectors, of unit length, in the order of Values.
	Vectors [][]float32
	// Residuals bound ‖Av − λv‖, hence the distance from each value to an
	// eigenvalue: ‖B·s‖ (|β·s_mi| of textbook Lanczos) plus Settings.Noise.
	// Lengths below 1e-30 count as zero.
	Residuals []float64
	// Estimates are the likely errors of the values, min(r, r²/gap) for a
	// residual r and the distance to the nearest other Ritz value (Kato and
	// Temple). Not bounds: the true gap may be smaller.
	Estimates []float64
	// Measured are the norms ‖Av − λv‖ with fresh products, nil unless
	// Settings.Verify.
	Measured []float64
	// Products is the number of products spent, those of Verify included.
	Products int
	// Converged reports whether all pairs are within the tolerance.
	Converged bool
	// Above bounds all eigenvalues, those that the search has not seen as well,
	// but for a chance of 1 % (see Lanczos). +Inf where the search did not begin
	// at a random vector.
	Above float64
	// Rough is what was found of Settings.Rough, without the vectors; nil where
	// there was none.
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
	d.MaxBasis = max(cmp.Or(d.MaxBasis, max(40, 4*pairs)), 2*pairs+8)
	for _, w := range d.Start {
		if len(w) != n {
			panic(fmt.Sprintf("spectrum: start vector of length %d for an operator of dimension %d", len(w), n))
		}
	}
	return d
}

// Bytes returns the memory, in bytes, that [Lanczos] uses for an operator of
// dimension n if its basis fills, the vectors of its result included. A search
// that ends before takes less.
func (s *Settings) Bytes(n int) int64 {
	d := s.defaults(n)
	vectors := min(d.MaxBasis, n)
	if d.Verify {
		vectors++
	}
	return 4 * int64(n) * int64(vectors)
}

// Lanczos returns the largest and smallest eigenpairs of a by the Lanczos
// method with full reorthogonalisation (Lanczos 1950; Paige 1972; Parlett
// 1998) and thick restart (Wu and Simon 2000), so that the basis never exceeds
// s.MaxBasis vectors.
//
// A start from several vectors keeps all of them: they cost one product each,
// and each further product then goes to the wanted pair that is furthest from
// its tolerance. A start from eigenvectors of a nearby operator therefore
// needs few products more than there are vectors. While a network learns fast,
// the eigenvectors of a few steps ago are no such thing: see Settings.Rough.
//
// An eigenvalue of multiplicity μ is found once for each start vector, as with
// any single-vector method, and again only through rounding or where the basis
// became invariant: then it is continued with a random vector. To find copies
// for certain, give as many (random) start vectors as copies are expected.
//
// A residual says that there is an eigenvalue near by, not that none is larger.
// That is what Result.Above says, after van Dorsselaer, Hochstenbach and van der
// Vorst (2000): by A·V = V·H + Z·B an eigenvector e of a larger eigenvalue x has
// the component |eᵀr| ≤ ‖B(x−H)⁻¹Vᵀr‖ along the random vector r, and the chance
// of so small a one is known. A search from a random vector ends no earlier than
// Above is within 5 % of the largest value, or the basis is full.
//
// The error is ErrNotFinite, that of a product, or that of the small eigenproblem.
// Too few
// products are no error: Converged is false and the residuals say how good the
// pairs are.
func Lanczos(a Operator, s *Settings) (*Result, error) {
	return newLanczos(a, s).search()
}
