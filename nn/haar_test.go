package nn

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"breakeven/rng"
)

// haar draws a matrix in one of the two ways.
func haar(rows, cols int, seed uint64, way func(q []float64, k, n int)) []float64 {
	s := rng.New(seed, "haar")
	q := make([]float64, rows*cols)
	for i := range q {
		q[i] = s.NormFloat64()
	}
	way(q, rows, cols)
	return q
}

// A moment is a function of a matrix, its mean under Haar measure on the
// orthogonal group of n×n matrices, and its mean for k×n if that is another.
type moment struct {
	name string
	of   func(q []float64, n int) float64
	mean func(n float64) float64
}

func trace(q []float64, n int) float64 {
	sum := 0.0
	for i := range n {
		sum += q[i*n+i]
	}
	return sum
}

func traceSquare(q []float64, n int) float64 {
	sum := 0.0
	for i := range n {
		for j := range n {
			sum += q[i*n+j] * q[j*n+i]
		}
	}
	return sum
}

func constant(v float64) func(float64) float64 { return func(float64) float64 { return v } }

// moments are those of Diaconis and Shahshahani (1994, Theorem 4: traces of
// powers are as independent normals) and of Collins and Śniady (2006: products of
// elements).
var moments = []moment{
	{"tr Q", trace, constant(0)},
	{"(tr Q)²", func(q []float64, n int) float64 { return math.Pow(trace(q, n), 2) }, constant(1)},
	{"(tr Q)⁴", func(q []float64, n int) float64 { return math.Pow(trace(q, n), 4) }, constant(3)},
	{"tr Q²", traceSquare, constant(1)},
	{"(tr Q² − 1)²", func(q []float64, n int) float64 { return math.Pow(traceSquare(q, n)-1, 2) }, constant(2)},
	{"q₁₂", func(q []float64, n int) float64 { return q[1] }, constant(0)},
	{"last q", func(q []float64, n int) float64 { return q[n*n-1] }, constant(0)},
	{"q₁₁²", func(q []float64, n int) float64 { return q[0] * q[0] }, func(n float64) float64 { return 1 / n }},
	{"last q⁴", func(q []float64, n int) float64 { return math.Pow(q[n*n-1], 4) }, func(n float64) float64 { return 3 / (n * (n + 2)) }},
	{"q₁₁²q₁₂²", func(q []float64, n int) float64 { return math.Pow(q[0]*q[1], 2) }, func(n float64) float64 { return 1 / (n * (n + 2)) }},
	{"q₁₁²q₂₂²", func(q []float64, n int) float64 { return math.Pow(q[0]*q[n+1], 2) },
		func(n float64) float64 { return (n + 1) / ((n - 1) * n * (n + 2)) }},
	{"q₁₁q₁₂q₂₁q₂₂", func(q []float64, n int) float64 { return q[0] * q[1] * q[n] * q[n+1] },
		func(n float64) float64 { return -1 / ((n - 1) * n * (n + 2)) }},
	{"sign of the determinant, n = 5", determinantSign, constant(0)},
}

// determinantSign is that of Gaussian elimination.
func determinantSign(q []float64, n int) float64 {
	a, sign := slices.Clone(q), 1.0
	for c := range n {
		p := c
		for r := c; r < n; r++ {
			if math.Abs(a[r*n+c]) > math.Abs(a[p*n+c]) {
				p = r
			}
		}
		if p != c {
			sign = -sign
			for j := range n {
				a[p*n+j], a[c*n+j] = a[c*n+j], a[p*n+j]
			}
		}
		if a[c*n+c] < 0 {
			sign = -sign
		}
		for r := c + 1; r < n; r++ {
			axpy64(a[r*n:(r+1)*n], -a[r*n+c]/a[c*n+c], a[c*n:])
		}
	}
	return sign
}

// The distribution is Haar measure: the means of 20,000 draws lie within 4 standard
// errors of its moments.
func TestHaarMoments(t *testing.T) {
	const n, draws = 5, 20000
	for name, draw := range map[string]func(seed uint64) []float64{
		"Haar": func(seed uint64) []float64 {
			q := make([]float64, n*n)
			Haar(q, n, n, rng.New(seed, "haar"))
			return q
		},
		"by Cholesky factors": func(seed uint64) []float64 { return haar(n, n, seed, choleskyQR) },
	} {
		sum, squares := make([]float64, len(moments)), make([]float64, len(moments))
		for seed := range uint64(draws) {
			q := draw(seed)
			for i, m := range moments {
				v := m.of(q, n)
				sum[i] += v / draws
				squares[i] += v * v / draws
			}
		}
		for i, m := range moments {
			want, e := m.mean(n), math.Sqrt((squares[i]-sum[i]*sum[i])/draws)
			if math.Abs(sum[i]-want) > 4*e {
				t.Errorf("%s: %s has the mean %v ± %v, want %v", name, m.name, sum[i], e, want)
			}
		}
	}
}

// Both ways compute the same function of the same draws, also for sizes that the
// recursions cut unevenly, on any number of cores.
func TestCholeskyQRIsGramSchmidt(t *testing.T) {
	for _, s := range [][2]int{{1, 1}, {1, 9}, {32, 32}, {33, 40}, {100, 700}, {150, 151}, {300, 300}} {
		want := haar(s[0], s[1], 1, gramSchmidt)
		got := haar(s[0], s[1], 1, choleskyQR)
		for i, v := range got {
			if math.Abs(v-want[i]) > 1e-11 {
				t.Fatalf("%v: number %d is %v, want %v", s, i, v, want[i])
			}
		}
		before := runtime.GOMAXPROCS(3)
		again := haar(s[0], s[1], 1, choleskyQR)
		runtime.GOMAXPROCS(before)
		if !slices.Equal(got, again) {
			t.Errorf("%v: other bits on other cores", s)
		}
	}
}

// Rows that are linearly dependent up to rounding, so that some of the Gram matrices
// have no Cholesky factor, still come out orthonormal.
func TestCholeskyQRIllConditioned(t *testing.T) {
	const k, n = 70, 90
	for seed := range uint64(20) {
		q := haar(k, n, seed, func([]float64, int, int) {})
		for j := range n {
			q[(k-1)*n+j] = q[j] + q[n+j] + 1e-12*q[(k-1)*n+j]
		}
		choleskyQR(q, k, n)
		orthonormalRows(t, q, k, n)
	}
}

// orthonormalRows checks the products of k rows.
func orthonormalRows(t *testing.T, q []float64, k, n int) {
	t.Helper()
	for i := range k {
		for j := range i + 1 {
			want := 0.0
			if i == j {
				want = 1
			}
			if got := dot64(q[i*n:(i+1)*n], q[j*n:]); math.Abs(got-want) > 1e-12 {
				t.Fatalf("%d×%d: ⟨%d, %d⟩ is %v, want %v", k, n, i, j, got, want)
			}
		}
	}
}

func TestHaarShapes(t *testing.T) {
	for _, s := range [][2]int{{20, 50}, {50, 20}, {300, 310}, {310, 300}, {1, 8}, {8, 1}, {1, 1}} {
		q := make([]float64, s[0]*s[1])
		Haar(q, s[0], s[1], rng.New(3, "haar"))
		if s[0] > s[1] {
			turned := make([]float64, len(q))
			for i, v := range q {
				turned[i%s[1]*s[0]+i/s[1]] = v
			}
			q, s = turned, [2]int{s[1], s[0]}
		}
		orthonormalRows(t, q, s[0], s[1])
	}
}

// An element of either initialiser has the variance of Gaussian, 1/fan_in, or
// that of a whole window in one tap, for wide, tall and scalar outputs: 4 standard
// errors of 4,000 draws, and elements of a vector of length n that is uniform on
// the sphere have a kurtosis of 3n/(n+2).
func TestOrthogonalVariance(t *testing.T) {
	const draws = 4000
	for _, shape := range [][]int{{3, 8}, {8, 3}, {1, 6}, {6, 1}, {4, 6, 3, 3}, {6, 4, 1, 3}, {2, 2, 2, 4}} {
		p := Param{Shape: shape, FanIn: 1}
		out, in, taps := taps(p)
		n := float64(max(out, in))
		var centre int
		if len(shape) == 4 {
			centre = (shape[2]-1)/2*shape[3] + (shape[3]-1)/2
		}
		w := make([]float32, p.Size())
		var tap, delta float64
		for seed := range uint64(draws) {
			TapOrthogonal(w, p, rng.New(seed, "tap"))
			tap += math.Pow(float64(w[len(w)-1]), 2) / draws
			DeltaOrthogonal(w, p, rng.New(seed, "delta"))
			for i, v := range w {
				if (i%taps == centre) == (v == 0) {
					t.Fatalf("%v: element %d of delta is %v", shape, i, v)
				}
			}
			delta += math.Pow(float64(w[centre]), 2) / draws
		}
		e := 4 * math.Sqrt((3*n/(n+2)-1)/draws)
		if n == 1 {
			e = 1e-6
		}
		if r := tap * float64(in*taps); math.Abs(r-1) > e {
			t.Errorf("%v: variance × fan_in by taps is %v ± %v", shape, r, e/4)
		}
		if r := delta * float64(in); math.Abs(r-1) > e {
			t.Errorf("%v: variance × in of delta is %v ± %v", shape, r, e/4)
		}
	}
}

// Each tap is orthogonal by itself, with a matrix of its own.
func TestTapOrthogonal(t *testing.T) {
	p := Param{Shape: []int{5, 7, 2, 3}, FanIn: 42}
	w := make([]float32, p.Size())
	TapOrthogonal(w, p, rng.New(4, "tap"))
	scale := math.Sqrt(7.0 / 42)
	var first []float64
	for tap := range 6 {
		q := make([]float64, 35)
		for i := range q {
			q[i] = float64(w[i*6+tap]) / scale
		}
		for i := range 5 {
			for j := range i + 1 {
				want := 0.0
				if i == j {
					want = 1
				}
				if got := dot64(q[i*7:(i+1)*7], q[j*7:]); math.Abs(got-want) > 1e-6 {
					t.Errorf("tap %d: ⟨%d, %d⟩ is %v, want %v", tap, i, j, got, want)
				}
			}
		}
		if tap > 0 && slices.Equal(q, first) {
			t.Errorf("tap %d is as tap 0", tap)
		}
		if tap == 0 {
			first = q
		}
	}
}

func TestHaarPanics(t *testing.T) {
	defer func() {
		if text, ok := recover().(string); !ok || text[:4] != "nn: " {
			t.Errorf("panics with %q", text)
		}
	}()
	Haar(make([]float64, 5), 2, 3, rng.New(1, "haar"))
}

func BenchmarkHaar(b *testing.B) {
	const n = 4096
	q := make([]float64, n*n)
	for b.Loop() {
		Haar(q, n, n, rng.New(1, "haar"))
	}
}
