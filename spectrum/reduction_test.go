package spectrum

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"runtime"
	"slices"
	"testing"

	"breakeven/rng"

	"gonum.org/v1/gonum/mat"
)

// conjugated returns Q·diag(values)·Qᵀ for a random orthogonal Q.
func conjugated(values []float64, r *rng.Stream) *mat.SymDense {
	n := len(values)
	a := mat.NewDense(n, n, nil)
	for i, v := range values {
		a.Set(i, i, v)
	}
	for range 3 {
		u := unit(n, r)
		for range 2 { // A ← PA, then (PA)ᵀ
			for j := range n {
				col := mat.Col(nil, j, a)
				mirror(col, u)
				a.SetCol(j, col)
			}
			a.CloneFrom(a.T())
		}
	}
	return symmetric(n, func(i, j int) float64 { return a.At(i, j)/2 + a.At(j, i)/2 })
}

func symmetric(n int, at func(i, j int) float64) *mat.SymDense {
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			s.SetSym(i, j, at(i, j))
		}
	}
	return s
}

// spread returns n values from 1 down to 10^−decades, evenly in logarithm.
func spread(n int, decades float64) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = math.Pow(10, -decades*float64(i)/float64(max(1, n-1)))
	}
	return v
}

// steps returns n values i/size rounded down: each occurs size times.
func steps(n, size int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(i / size)
	}
	return v
}

// hard are matrices of size n that are difficult for eigenvalue solvers.
func hard(n int) map[string]*mat.SymDense {
	r := rng.New(uint64(n), "hard")
	gram, few := gramOf(vectors(n, 2*n, r)), gramOf(vectors(n, max(1, n/4), r))
	Centre(gram)
	Centre(few)
	noise := conjugated(spread(n, 2), r).At
	one := func(i, j int) float64 { // the identity
		if i == j {
			return 1
		}
		return 0
	}
	ten := func(exponent int) float64 { return math.Pow(10, float64(exponent)/4) }
	all := map[string]*mat.SymDense{
		"centred Gram": gram, "dependent vectors": few, "zero": mat.NewSymDense(n, nil),
		"condition 1e12":       conjugated(spread(n, 12), r),
		"multiple":             conjugated(steps(n, 5), r),
		"multiple, two values": conjugated(steps(n, (n+1)/2), r),
	}
	for name, at := range map[string]func(i, j int) float64{
		"identity":                  one,
		"diagonal with repetitions": func(i, j int) float64 { return one(i, j) * float64(i/3) },
		"rank 1":                    func(i, j int) float64 { return 1 / float64((i+1)*(j+1)) },
		"indefinite":                func(i, j int) float64 { return noise(i, j) - one(i, j)/3 },
		"tridiagonal":               func(i, j int) float64 { return 2*one(i, j) - one(i, j+1) },
		"pairs 1e-16 apart":         wilkinson(n),
		"two blocks alike":          func(i, j int) float64 { return 2*one(i, j) - one(i, j+2) },
		"graded downwards":          func(i, j int) float64 { return ten(-i-j) * (1 + one(i, j)) },
		"graded upwards":            func(i, j int) float64 { return ten(i+j+2-2*n) * (1 + one(i, j)) },
		"one large entry":           func(i, j int) float64 { return noise(i, j) + 1e9*one(i+j, 0) },
		"near the least number":     func(i, j int) float64 { return noise(i, j) * 1e-300 },
		"near the largest number":   func(i, j int) float64 { return noise(i, j) * 1e300 },
		"entries of all sizes":      func(i, j int) float64 { return ten(-(28*i + 28*j) % 1200) },
	} {
		all[name] = symmetric(n, at)
	}
	return all
}

// wilkinson is W⁺: its largest eigenvalues come in pairs that are nearer to each
// other than rounding errors, though no entry beside the diagonal is zero.
func wilkinson(n int) func(i, j int) float64 {
	return func(i, j int) float64 {
		switch i - j {
		case 0:
			return math.Abs(float64(i) - float64(n-1)/2)
		case 1:
			return 1
		}
		return 0
	}
}

// The ends of the spectrum are those that gonum finds, to the accuracy of both, and the
// vectors are orthonormal eigenvectors.
func TestGramAgainstGonum(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5, 21, 64, 150} {
		for name, g := range hard(n) {
			checkGram(t, fmt.Sprintf("%s of size %d", name, n), g)
		}
	}
	r := rng.New(6, "large")
	for _, n := range []int{530, 531} { // sweeps of several tasks
		checkGram(t, fmt.Sprintf("condition 1e8 of size %d", n), conjugated(spread(n, 8), r))
	}
}

func checkGram(t *testing.T, name string, g *mat.SymDense) {
	t.Helper()
	n := g.SymmetricDim()
	got, err := GramSpectrum(g, &GramSettings{Largest: 6})
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	want := gonumValues(g)
	size := max(math.Abs(want[0]), math.Abs(want[n-1]))
	tol := 8 * math.Sqrt(float64(n)) * epsilon * size
	for k, v := range got.Values {
		if !(math.Abs(v-want[k]) <= tol) {
			t.Errorf("%s: eigenvalue %d is %g, want %g ± %.2g", name, k, v, want[k], tol)
		}
	}
	if len(got.Values) != min(6, n) {
		t.Errorf("%s: %d eigenvalues", name, len(got.Values))
	}
	if n > 1 && !(math.Abs(got.Min()-want[n-2]) <= tol) {
		t.Errorf("%s: λ* is %g, want %g ± %.2g", name, got.Min(), want[n-2], tol)
	}
	if tr := mat.Trace(g); !(math.Abs(got.Trace()-tr) <= tol) {
		t.Errorf("%s: the trace is %g, want %g", name, got.Trace(), tr)
	}
	checkVectors(t, name, g, got, 4*tol)
}

func gonumValues(g *mat.SymDense) []float64 {
	var eig mat.EigenSym
	if !eig.Factorize(g, true) { // without vectors gonum panics for numbers near the ends of the range
		panic("the slow twin did not converge")
	}
	v := eig.Values(nil)
	slices.Reverse(v)
	return v
}

func checkVectors(t *testing.T, name string, g *mat.SymDense, got *Gram, tol float64) {
	t.Helper()
	var gram, av, vl mat.Dense
	gram.Mul(got.Vectors.T(), got.Vectors)
	for i := range got.Values {
		for j := range got.Values {
			want := 0.0
			if i == j {
				want = 1
			}
			if !(math.Abs(gram.At(i, j)-want) <= 1e-13) {
				t.Errorf("%s: ⟨u_%d, u_%d⟩ = %g", name, i, j, gram.At(i, j))
			}
		}
	}
	av.Mul(g, got.Vectors)
	vl.Mul(got.Vectors, mat.NewDiagDense(len(got.Values), got.Values))
	av.Sub(&av, &vl)
	for k := range got.Values {
		if res := mat.Norm(av.ColView(k), 2); !(res <= tol) {
			t.Errorf("%s: ‖Au − λu‖ = %g for eigenvector %d, want at most %g", name, res, k, tol)
		}
	}
}

// Compared with eigenvalues to 60 digits, the errors are no larger than gonum's, up to
// a few units in the last place of the norm.
func TestGramAccuracy(t *testing.T) {
	const n = 12
	for name, g := range hard(n) {
		got, err := GramSpectrum(g, nil)
		if err != nil {
			t.Fatal(err)
		}
		gonum := gonumValues(g)
		size := max(math.Abs(gonum[0]), math.Abs(gonum[n-1]))
		for _, v := range []struct {
			name       string
			smaller    int
			own, gonum float64
		}{{"λ¹", n - 1, got.Max(), gonum[0]}, {"λ*", 1, got.Min(), gonum[n-2]}} {
			truth := exact(g, v.smaller, v.gonum, 1e-11*size)
			own, theirs := distance(v.own, truth), distance(v.gonum, truth)
			if !(own <= theirs+4*epsilon*size) {
				t.Errorf("%s, %s: off by %.3g of the norm, gonum by %.3g", name, v.name, own/size, theirs/size)
			}
		}
	}
}

func distance(x float64, truth *big.Float) float64 {
	d, _ := new(big.Float).Sub(big.NewFloat(x).SetPrec(precision), truth).Float64()
	return math.Abs(d)
}

const precision = 200

// exact returns the eigenvalue of g that so many are smaller than, which is within
// r of x, by counting the negative pivots of g − x in 60 digits.
func exact(g *mat.SymDense, smaller int, x, r float64) *big.Float {
	number := func(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }
	lo, hi := number(x-r), number(x+r)
	for range 60 {
		mid := number(0).Add(lo, hi)
		mid.Quo(mid, number(2))
		if pivots(g, mid) > smaller {
			hi = mid
		} else {
			lo = mid
		}
	}
	return lo
}

func pivots(g *mat.SymDense, x *big.Float) (negative int) {
	n := g.SymmetricDim()
	a := make([][]*big.Float, n)
	for i := range a {
		a[i] = make([]*big.Float, n)
		for j := range a[i] {
			a[i][j] = new(big.Float).SetPrec(precision).SetFloat64(g.At(i, j))
		}
		a[i][i].Sub(a[i][i], x)
	}
	for k := range a {
		if a[k][k].Sign() == 0 {
			a[k][k].SetFloat64(-1e-320)
		}
		if a[k][k].Sign() < 0 {
			negative++
		}
		for i := k + 1; i < n; i++ {
			f := new(big.Float).SetPrec(precision).Quo(a[i][k], a[k][k])
			for j := k + 1; j < n; j++ {
				a[i][j].Sub(a[i][j], new(big.Float).SetPrec(precision).Mul(f, a[k][j]))
			}
		}
	}
	return negative
}

// No bit depends on the number of processors.
func TestGramProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	g := gramOf(vectors(700, 40, rng.New(3, "processors")))
	Centre(g)
	var want *Gram
	for _, procs := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(procs)
		got, err := GramSpectrum(g, &GramSettings{Largest: 3})
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		same := slices.Equal(got.Values, want.Values) && got.Min() == want.Min() && mat.Equal(got.Vectors, want.Vectors)
		if !same {
			t.Errorf("%d processors: other bits", procs)
		}
	}
}

// The search asks before each row, and its error is that of Stop.
func TestGramStops(t *testing.T) {
	const n = 40
	g, asked, enough := conjugated(spread(n, 3), rng.New(1, "stop")), 0, errors.New("enough")
	_, err := GramSpectrum(g, &GramSettings{Largest: 2, Stop: func() error { asked++; return nil }})
	if err != nil || asked < n+2 {
		t.Fatalf("asked %d times, %v", asked, err)
	}
	for at, all := 1, asked; at <= all; at++ {
		asked = 0
		got, err := GramSpectrum(g, &GramSettings{Largest: 2, Stop: func() error {
			if asked++; asked == at {
				return enough
			}
			return nil
		}})
		if got != nil || err != enough || asked != at {
			t.Errorf("told to stop at question %d: %v after %d", at, err, asked)
		}
	}
}

func BenchmarkGramSpectrum(b *testing.B) {
	for _, n := range []int{25, 64, 256, 1000, 2000} {
		g := gramOf(vectors(n, 100, rng.New(5, "benchmark")))
		Centre(g)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := GramSpectrum(g, &GramSettings{Largest: 5}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprint(n, "/gonum"), func(b *testing.B) {
			for b.Loop() {
				var eig mat.EigenSym
				eig.Factorize(g, true)
			}
		})
	}
}
