package spectrum

import (
	"math"
	"testing"

	"breakeven/rng"
)

// Beginning on an eighth of the examples saves at least a third of the products, and
// finds the largest eigenvalue of all examples if the sample separates it from its
// neighbours. If these are a few per cent apart, a neighbour is taken for it no more
// often than by a search from a random vector that stops on its residual: in 4 and in
// 12 of 400.
func TestRoughSavesProducts(t *testing.T) {
	const n, count, seeds = 200, 512, 25
	near, all := 0, 0
	for name, values := range map[string][]float64{
		"outliers": network(n, []float64{40, 25, 20, 17, 15, 12, 10}, 0.3, 0),
		"close":    network(n, []float64{8.38, 7.89, 6.05, 5.28, 4.76, 4.3}, 0.3, 0),
		"repeated": network(n, []float64{10, 10, 10, 5}, 0.3, 0),
	} {
		cold, rough, cheap := 0, 0, 0
		for seed := range uint64(seeds) {
			a := newSampled(values, count, 0.3, rng.New(seed, "examples"))
			s := &Settings{Tol: 1e-2, Src: rng.New(seed, "start")}
			cold += mustLanczos(t, a, s).Products
			s.Rough, s.Src = a.first(count/8), rng.New(seed, "start")
			r := mustLanczos(t, a, s)
			rough, cheap, all = rough+r.Products, cheap+r.Rough.Products, all+1
			eigenvalues := a.eigenvalues()
			if e := nearest(eigenvalues, r.Values[0]); e > r.Residuals[0] {
				t.Errorf("%s, seed %d: %g ± %g is no eigenvalue", name, seed, r.Values[0], r.Residuals[0])
			}
			if e := eigenvalues[0] - r.Values[0]; e > s.Tol*eigenvalues[0] {
				near++
			}
			if r.Rough.Vectors != nil || r.Rough.Above < r.Rough.Values[0] || !math.IsInf(r.Above, 1) {
				t.Errorf("%s: above %g, rough: %g", name, r.Above, r.Rough.Above)
			}
		}
		t.Logf("%s: %d products cold, %d and %d rough ones", name, cold, rough, cheap)
		if float64(rough)+float64(cheap)/8 > 0.85*float64(cold) {
			t.Errorf("%s: %d products cold, %d and %d rough ones", name, cold, rough, cheap)
		}
	}
	t.Logf("a neighbour in %d of %d", near, all)
	if 25*near > all {
		t.Errorf("a neighbour of the largest eigenvalue in %d of %d", near, all)
	}
}

// A start is used if, and only if, Rough confirms it.
func TestRoughJudgesTheStart(t *testing.T) {
	d := diagonal(network(2000, []float64{9, 4, 3, 2}, 1, 1))
	axis := func(i int) [][]float32 {
		v := make([]float32, len(d))
		v[i] = 2
		return [][]float32{v}
	}
	rough := newRotated(d, 0, nil).tilted(0.2, 0.02, 20, rng.New(1, "tilt"))
	good := mustLanczos(t, d, &Settings{Rough: rough, Start: axis(0), Tol: 1e-2})
	stale := mustLanczos(t, d, &Settings{Rough: rough, Start: axis(1), Tol: 1e-2})
	none := mustLanczos(t, d, &Settings{Rough: rough, Start: [][]float32{make([]float32, len(d))}, Tol: 1e-2})
	if good.Products != 1 || stale.Products != none.Products || stale.Products < 2 {
		t.Errorf("%d products from the eigenvector, %d from another, %d from none", good.Products, stale.Products, none.Products)
	}
	for _, r := range []*Result{good, stale, none} {
		if math.Abs(r.Values[0]-9) > r.Residuals[0] {
			t.Errorf("%g ± %g, want 9", r.Values[0], r.Residuals[0])
		}
	}
}

// If the two largest eigenvalues are exchanged in Rough, the largest is still found.
func TestRoughWithRivals(t *testing.T) {
	d := network(2000, []float64{9, 8, 4, 3}, 1, 1)
	swapped := append([]float64{8, 9}, d[2:]...)
	for seed := range uint64(10) {
		s := &Settings{Rough: diagonal(swapped), Tol: 1e-2, Src: rng.New(seed, "start")}
		r := mustLanczos(t, diagonal(d), s)
		if math.Abs(r.Values[0]-9) > r.Residuals[0] {
			t.Errorf("seed %d: %g ± %g, want 9", seed, r.Values[0], r.Residuals[0])
		}
	}
}

func TestRoughOfOtherSize(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	_, _ = Lanczos(diagonal{1, 2}, &Settings{Rough: diagonal{1}})
}
