package spectrum

import (
	"math"
	"math/cmplx"
	"testing"

	"gonum.org/v1/gonum/mat"

	"breakeven/rng"
)

// A general is a dense matrix that need not be symmetric.
type general struct{ m *mat.Dense }

func (g general) Dim() int { n, _ := g.m.Dims(); return n }

func (g general) MulVecTo(dst, v []float32) error {
	for i := range dst {
		sum := 0.0
		for j, x := range v {
			sum += g.m.At(i, j) * float64(x)
		}
		dst[i] = float32(sum)
	}
	return nil
}

// Arnoldi finds the rightmost eigenvalue that gonum finds of the dense matrix, real or not,
// with restarts and without.
func TestArnoldi(t *testing.T) {
	const n = 60
	r := rng.New(3, "general")
	for _, test := range []struct {
		name string
		at   func(i, j int) float64
	}{
		{"a product of a positive diagonal and a symmetric matrix", func(i, j int) float64 {
			return math.Exp(3*math.Sin(float64(i))) * math.Cos(float64(i*j)) / n
		}},
		{"triangular", func(i, j int) float64 {
			switch {
			case i == j:
				return float64(i) - 70
			case j > i:
				return 0.3 * r.NormFloat64()
			}
			return 0
		}},
		{"a complex pair", func(i, j int) float64 {
			switch {
			case i < 2 && i == j:
				return 5
			case i == 0 && j == 1:
				return -2
			case i == 1 && j == 0:
				return 2
			}
			return 0.1 * r.NormFloat64()
		}},
	} {
		m := mat.NewDense(n, n, nil)
		for i := range n {
			for j := range n {
				m.Set(i, j, test.at(i, j))
			}
		}
		var e mat.Eigen
		e.Factorize(m, mat.EigenNone)
		want := e.Values(nil)[0]
		for _, v := range e.Values(nil) {
			if real(v) > real(want) {
				want = v
			}
		}
		for _, basis := range []int{12, 60} {
			got, err := Arnoldi(general{m}, &Settings{Tol: 1e-5, MaxBasis: basis, MaxProducts: 3000})
			if err != nil || !got.Converged {
				t.Errorf("%s, basis of %d: %+v, %v", test.name, basis, got, err)
				continue
			}
			v := complex(real(got.Value), math.Abs(imag(got.Value)))
			if w := complex(real(want), math.Abs(imag(want))); cmplx.Abs(v-w) > 2e-4*cmplx.Abs(w) {
				t.Errorf("%s, basis of %d: %v ± %g, want %v", test.name, basis, v, got.Residual, w)
			}
		}
	}
}

// A map that yields NaN is an error, and the map 0 has the eigenvalue 0.
func TestArnoldiOfNothing(t *testing.T) {
	m := mat.NewDense(3, 3, nil)
	if r, err := Arnoldi(general{m}, nil); err != nil || !r.Converged || r.Value != 0 {
		t.Errorf("%+v, %v of the map 0", r, err)
	}
	m.Set(1, 1, math.NaN())
	if _, err := Arnoldi(general{m}, nil); err != ErrNotFinite {
		t.Errorf("%v of NaN", err)
	}
}
