package spectrum

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/rng"

	"gonum.org/v1/gonum/mat"
)

// randomDense returns a symmetric matrix with independent normal entries.
func randomDense(n int, r *rng.Stream) dense {
	a := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			a.SetSym(i, j, r.NormFloat64())
		}
	}
	return dense{a}
}

// eigenvalues returns the eigenvalues of a by gonum, descending.
func (d dense) eigenvalues() []float64 {
	var eig mat.EigenSym
	eig.Factorize(d.SymDense, false)
	v := eig.Values(nil)
	slices.Reverse(v)
	return v
}

// sorted returns the values in descending order.
func sorted(values []float64) []float64 {
	v := slices.Clone(values)
	slices.Sort(v)
	slices.Reverse(v)
	return v
}

func mustLanczos(t *testing.T, a Operator, s *Settings) *Result {
	t.Helper()
	r, err := Lanczos(a, s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// trueResidual is ‖Av − λv‖, with one more product.
func trueResidual(a Operator, lambda float64, v []float32) float64 {
	w := make([]float32, len(v))
	a.MulVecTo(w, v)
	var s float64
	for i, x := range w {
		d := float64(x) - lambda*float64(v[i])
		s += d * d
	}
	return math.Sqrt(s)
}

// checkPairs checks everything that Result promises, given the whole spectrum,
// descending.
func checkPairs(t *testing.T, a Operator, r *Result, s *Settings, all []float64) {
	t.Helper()
	n := a.Dim()
	if len(r.Values) != len(r.Vectors) || len(r.Values) != len(r.Residuals) || len(r.Values) != len(r.Estimates) {
		t.Fatalf("%d values, %d vectors, %d residuals, %d estimates",
			len(r.Values), len(r.Vectors), len(r.Residuals), len(r.Estimates))
	}
	size := max(math.Abs(all[0]), math.Abs(all[n-1]))
	for i, lambda := range r.Values {
		want := all[min(i, n-1)]
		if i >= min(s.Largest, n) {
			want = all[n-1-(i-min(s.Largest, n))]
		}
		if d := math.Abs(lambda - want); d > r.Residuals[i] {
			t.Errorf("value %d: %g, want %g: off by %.3g, more than its residual %.3g", i, lambda, want, d, r.Residuals[i])
		}
		if got := trueResidual(a, lambda, r.Vectors[i]); got > r.Residuals[i] {
			t.Errorf("value %d: ‖Av−λv‖ = %.3g, more than the bound %.3g", i, got, r.Residuals[i])
		}
		if r.Estimates[i] > r.Residuals[i] {
			t.Errorf("value %d: estimate %.3g above the residual %.3g", i, r.Estimates[i], r.Residuals[i])
		}
		if limit := s.Tol*math.Abs(lambda)*(1+1e-6) + 2.1e-6*size; r.Converged && r.Residuals[i] > limit {
			t.Errorf("value %d: residual %.3g misses the tolerance %.3g", i, r.Residuals[i], limit)
		}
		if l := norm(r.Vectors[i]); math.Abs(l-1) > 1e-6 {
			t.Errorf("vector %d has length %g", i, l)
		}
	}
}

func TestLanczosAgainstDense(t *testing.T) {
	for _, n := range []int{1, 2, 5, 50, 300} {
		a := randomDense(n, rng.New(uint64(n), "dense"))
		all := a.eigenvalues()
		for _, ends := range [][2]int{{1, 0}, {0, 1}, {1, 1}, {5, 2}, {0, 3}} {
			t.Run(fmt.Sprintf("n=%d/%v", n, ends), func(t *testing.T) {
				s := &Settings{Largest: ends[0], Smallest: ends[1], Tol: 1e-4, Verify: true, Src: rng.New(7, "start")}
				r := mustLanczos(t, a, s)
				if !r.Converged {
					t.Errorf("not converged after %d products", r.Products)
				}
				if want := min(ends[0], n) + min(ends[1], n); len(r.Values) != want {
					t.Fatalf("%d values, want %d", len(r.Values), want)
				}
				checkPairs(t, a, r, s, all)
				for i, m := range r.Measured {
					if m > r.Residuals[i] {
						t.Errorf("measured residual %.3g above the bound %.3g", m, r.Residuals[i])
					}
				}
			})
		}
	}
}

// Spectra like those of networks: outliers over a bulk, clusters, and a negative end 20
// times the positive one, as an untrained ResNet-32 has.
func TestLanczosSpectra(t *testing.T) {
	const n = 2000
	negative := network(n, []float64{77, 47, 32.5, 16.7, 15.3, 14}, 10, 10)
	copy(negative[n-6:], []float64{-1765, -1225, -900, -500, -300, -200})
	for name, d := range map[string][]float64{
		"outliers": network(n, []float64{40, 25, 20, 17, 15, 12, 10}, 1, 1),
		"close":    network(n, []float64{8.38, 7.89, 6.05, 5.28, 4.76, 4.3, 4, 3.8}, 3, 3.1),
		"cluster":  network(n, []float64{10, 9.99, 9.98, 9.97, 9.96, 5}, 1, 1),
		"negative": negative,
		"below":    shifted(network(n, []float64{5, 4}, 1, 1), -50),
	} {
		t.Run(name, func(t *testing.T) {
			a := newRotated(d, 3, rng.New(1, "mirrors"))
			s := &Settings{Largest: 5, Smallest: 2, Tol: 1e-5, Src: rng.New(2, "start")}
			r := mustLanczos(t, a, s)
			if !r.Converged {
				t.Errorf("not converged after %d products", r.Products)
			}
			checkPairs(t, a, r, s, sorted(d))
			t.Logf("%d products", r.Products)
		})
	}
}

func shifted(d []float64, by float64) []float64 {
	for i := range d {
		d[i] += by
	}
	return d
}

// Bounds hold at any moment, not only at convergence, also with noise in every product.
func TestResidualsBound(t *testing.T) {
	d := network(500, []float64{9, 8.9, 5, 4.8, 3}, 1, 2)
	for seed := range uint64(20) {
		a := newRotated(d, 2, rng.New(seed, "mirrors"))
		for products := 1; products < 60; products += 4 {
			for _, size := range []float64{0, 1e-6, 1e-3} {
				op := noisy{a, 9 * size, rng.New(seed, "noise")}
				r := mustLanczos(t, op, &Settings{Largest: 2, Smallest: 1, Tol: 1e-12, MaxBasis: 15,
					MaxProducts: products, Noise: max(size, 1e-6) * 1.5, Src: rng.New(seed, "start")})
				for i, lambda := range r.Values {
					if near := nearest(d, lambda); near > r.Residuals[i] {
						t.Fatalf("seed %d, %d products, noise %g: no eigenvalue within %.3g of value %d: %.3g",
							seed, products, size, r.Residuals[i], i, near)
					}
					if got := trueResidual(a, lambda, r.Vectors[i]); got > r.Residuals[i] {
						t.Fatalf("seed %d, %d products, noise %g: residual %d is %.4g, bound %.4g",
							seed, products, size, i, got, r.Residuals[i])
					}
				}
			}
		}
	}
}

func nearest(d []float64, x float64) float64 {
	best := math.Inf(1)
	for _, v := range d {
		best = min(best, math.Abs(v-x))
	}
	return best
}

func TestEstimatesAreNear(t *testing.T) {
	d := network(2000, []float64{40, 25, 20, 17, 15, 12, 10}, 1, 1)
	for seed := range uint64(20) {
		a := newRotated(d, 2, rng.New(seed, "mirrors"))
		for _, tol := range []float64{1e-2, 1e-3} {
			r := mustLanczos(t, a, &Settings{Largest: 3, Tol: tol, Src: rng.New(seed, "start")})
			for i, lambda := range r.Values {
				if e := math.Abs(lambda - d[i]); e > 2*r.Estimates[i]+1e-6*d[0] {
					t.Errorf("seed %d: value %d is off by %.3g, estimated %.3g", seed, i, e, r.Estimates[i])
				}
				if r.Estimates[i] > 0.1*tol*d[0] {
					t.Errorf("seed %d: value %d has the estimate %.3g at tolerance %g", seed, i, r.Estimates[i], tol)
				}
			}
		}
	}
}

// If the negative end dominates, a tolerance relative to the norm stops too early for
// the largest eigenvalue, and the residual shows it.
func TestToleranceOfNorm(t *testing.T) {
	d := network(2000, []float64{77, 47, 32.5, 16.7}, 10, 10)
	copy(d[1994:], []float64{-1765, -1225, -900, -500, -300, -200})
	a := newRotated(d, 2, rng.New(1, "mirrors"))
	own := mustLanczos(t, a, &Settings{Tol: 1e-2})
	loose := mustLanczos(t, a, &Settings{Tol: 1e-2, OfNorm: true})
	if own.Products <= loose.Products || own.Residuals[0] > 1e-2*77+1e-6*1765 || math.Abs(own.Values[0]-77) > 0.1 {
		t.Errorf("own: %g ± %g, %d products", own.Values[0], own.Residuals[0], own.Products)
	}
	if loose.Residuals[0] < 1e-2*77 || loose.Residuals[0] > 1e-2*1765*1.001 {
		t.Errorf("of the norm: %g ± %g, %d products", loose.Values[0], loose.Residuals[0], loose.Products)
	}
}

func TestTooFewProducts(t *testing.T) {
	d := diagonal(network(3000, []float64{5, 4.9, 4.8}, 4.7, 1))
	r := mustLanczos(t, d, &Settings{Tol: 1e-6, MaxProducts: 10})
	if r.Converged || r.Products != 10 {
		t.Errorf("converged %v after %d products", r.Converged, r.Products)
	}
	if r.Residuals[0] < 1e-3 {
		t.Errorf("residual %g after ten products", r.Residuals[0])
	}
	r = mustLanczos(t, d, &Settings{MaxProducts: 1})
	if r.Converged || r.Products != 1 || r.Estimates[0] != r.Residuals[0] {
		t.Errorf("after one product: %g ± %g, estimate %g", r.Values[0], r.Residuals[0], r.Estimates[0])
	}
}

func TestBits(t *testing.T) {
	d := network(3*block+17, []float64{9, 8, 7, 6}, 2, 3)
	a := newRotated(d, 2, rng.New(1, "mirrors"))
	var first *Result
	testenv.OnProcessors(t, func(when string) {
		r := mustLanczos(t, a, &Settings{Largest: 3, Smallest: 1, MaxBasis: 15, Tol: 1e-5, Src: rng.New(3, "start")})
		if first == nil {
			first = r
		}
		if !slices.Equal(r.Values, first.Values) || !slices.Equal(r.Residuals, first.Residuals) || r.Products != first.Products {
			t.Errorf("%s: %v, %d products; with 1: %v, %d", when, r.Values, r.Products, first.Values, first.Products)
		}
		for i := range r.Vectors {
			if !slices.Equal(r.Vectors[i], first.Vectors[i]) {
				t.Errorf("%s vector %d differs", when, i)
			}
		}
	})
}

// free is an operator of almost no cost, so that the time is that of Lanczos itself.
type free int

func (n free) Dim() int { return int(n) }

func (n free) MulVecTo(dst, v []float32) error {
	copy(dst, v)
	for i := range 40 {
		dst[i] *= float32(i)
	}
	return nil
}

// BenchmarkLanczosStep measures the overhead of a product, with 30 vectors of 600,000
// parameters.
func BenchmarkLanczosStep(b *testing.B) {
	for b.Loop() {
		r, err := Lanczos(free(600_000), &Settings{Tol: 1e-15, Noise: 1e-15, MaxProducts: 30})
		if err != nil || r.Products != 30 {
			b.Fatal(err, r.Products)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(30*b.N), "ms/product")
}
