package spectrum

import (
	"math"
	"slices"
	"testing"

	"breakeven/rng"
)

// spectra are like those of networks, and some are harder: clusters, copies, a dominant
// negative end, no gap at all.
func spectra(n int) map[string][]float64 {
	negative := network(n, []float64{77, 47, 32.5, 16.7, 15.3, 14}, 10, 10)
	copy(negative[n-6:], []float64{-1765, -1225, -900, -500, -300, -200})
	return map[string][]float64{
		"outliers":   network(n, []float64{40, 25, 20, 17, 15, 12, 10}, 1, 1),
		"close":      network(n, []float64{8.38, 7.89, 6.05, 5.28, 4.76, 4.3, 4, 3.8}, 3, 3.1),
		"cluster":    network(n, []float64{10, 9.99, 9.98, 9.97, 9.96, 5}, 1, 1),
		"repeated":   network(n, []float64{10, 10, 10, 5}, 1, 1),
		"negative":   negative,
		"indefinite": network(n, []float64{10, 6, 4}, 2, 12),
		"no gap":     network(n, nil, 3, 1),
		"below":      shifted(network(n, []float64{5, 4}, 1, 1), -50),
	}
}

// Above bounds the largest eigenvalue at any moment, and approaches it. It may be wrong
// once in a hundred searches; here it never is.
func TestAbove(t *testing.T) {
	const n, seeds = 300, 25
	for name, values := range spectra(n) {
		d := diagonal(values)
		top := sorted(d)[0]
		for _, products := range []int{1, 3, 6, 10, 20} {
			for seed := range uint64(seeds) {
				r := mustLanczos(t, d, &Settings{Tol: 1e-9, MaxProducts: products, Src: rng.New(seed, "start")})
				if r.Above < top {
					t.Errorf("%s, seed %d: above %g after %d products, but there is %g", name, seed, r.Above, products, top)
				}
				if products == 20 && name != "no gap" && r.Above-r.Values[0] > 0.05*math.Abs(top) {
					t.Errorf("%s: after 20 products %g, above %g", name, r.Values[0], r.Above)
				}
			}
		}
	}
}

// The identity behind Above holds: for an eigenvector e of x, the component along the
// random vector is |eᵀr| = |eᵀz|·‖B(x−H)⁻¹Vᵀr‖.
func TestUnseen(t *testing.T) {
	for name, values := range spectra(300) {
		d := diagonal(values)
		l := &lanczos{krylov: krylov{a: d, n: len(d)}, set: (&Settings{}).defaults(len(d)), rand: random(nil, "test")}
		if err := l.begin(); err != nil {
			t.Fatal(err)
		}
		for range 4 {
			if _, err := l.step(); err != nil {
				t.Fatal(err)
			}
			at := slices.Index(values, sorted(d)[0])
			want := math.Abs(float64(l.v[0][at]))
			got := math.Abs(float64(l.z[0][at])) * l.unseen(values[at]) / math.Sqrt(2*float64(l.n)/math.Pi)
			if math.Abs(got-want) > 1e-2*want {
				t.Errorf("%s: component %g after %d products, is %g", name, got, l.products, want)
			}
		}
	}
}

// A value accepted at a tolerance is the largest eigenvalue to that tolerance. With the
// residual alone that is so in 98 % of the searches of the spectrum whose largest
// eigenvalues are close.
func TestAcceptedIsLargest(t *testing.T) {
	const n, seeds, tol = 2000, 25, 0.01
	all := spectra(n)
	delete(all, "below") // its whole width is 1 % of its largest value
	for name, values := range all {
		top, products := sorted(values)[0], 0
		for seed := range uint64(seeds) {
			a := newRotated(values, 1, rng.New(seed, "mirrors"))
			r := mustLanczos(t, a, &Settings{Tol: tol, Src: rng.New(seed, "start")})
			if e := top - r.Values[0]; e > tol*math.Abs(top) || !r.Converged {
				t.Errorf("%s, seed %d: %g, want %g", name, seed, r.Values[0], top)
			}
			products += r.Products
		}
		t.Logf("%s: %.1f products", name, float64(products)/seeds)
	}
}

// A warm start does not begin with a random vector, and so knows nothing of what it did
// not see.
func TestAboveOfWarmStart(t *testing.T) {
	d := diagonal(network(200, []float64{5, 3}, 1, 1))
	start := make([]float32, 200)
	start[0] = 1
	for _, explore := range []int{0, -1} {
		r := mustLanczos(t, d, &Settings{Start: [][]float32{start}, Explore: explore})
		if !math.IsInf(r.Above, 1) {
			t.Errorf("explore %d: above %g", explore, r.Above)
		}
	}
}
