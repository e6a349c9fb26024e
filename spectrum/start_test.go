package spectrum

import (
	"math"
	"testing"

	"breakeven/rng"
)

// A start from the eigenvectors of a similar operator takes at most half of the
// products, and five more with the exploration that finds eigenvalues which have
// overtaken.
func TestWarmStartHalvesTheProducts(t *testing.T) {
	d := network(5000, []float64{8.38, 7.89, 6.05, 5.28, 4.76, 4.3, 4, 3.8, 3.5}, 3, 3.1)
	for seed := range uint64(5) {
		a := newRotated(d, 3, rng.New(seed, "mirrors"))
		b := a.tilted(0.05, 0.02, 20, rng.New(seed, "tilt"))
		for _, k := range []int{1, 5} {
			s := Settings{Largest: k, Tol: 1e-3}
			before := mustLanczos(t, a, &s)
			var cold, warm int
			r := mustLanczos(t, counting{b, &cold}, &s)
			s.Start = before.Vectors
			w := mustLanczos(t, counting{b, &warm}, &s)
			if cold != r.Products || warm != w.Products {
				t.Errorf("Products says %d and %d, counted %d and %d", r.Products, w.Products, cold, warm)
			}
			s.Explore = -1
			believed := mustLanczos(t, b, &s)
			t.Logf("seed %d, %d pairs: cold %d, warm %d, believed %d", seed, k, cold, warm, believed.Products)
			if 10*warm > 7*cold || 2*believed.Products > cold {
				t.Errorf("seed %d, %d pairs: %d products cold, %d warm, %d believed", seed, k, cold, warm, believed.Products)
			}
			checkPairs(t, b, w, &s, sorted(b.values))
			checkPairs(t, b, believed, &s, sorted(b.values))
		}
	}
}

// An eigenvalue that has overtaken, with an eigenvector orthogonal to the start, is
// found by exploring, and missed without.
func TestWarmStartSeesWhatItWasNotGiven(t *testing.T) {
	d := diagonal(network(20000, []float64{4, 3, 2, 1.5}, 1, 1))
	start := make([]float32, len(d))
	start[1] = 1
	for seed := range uint64(10) {
		s := &Settings{Tol: 1e-2, Start: [][]float32{start}, Src: rng.New(seed, "start")}
		if r := mustLanczos(t, d, s); math.Abs(r.Values[0]-4) > r.Residuals[0] {
			t.Errorf("seed %d: largest %g, want 4", seed, r.Values[0])
		}
		s.Explore = -1
		if r := mustLanczos(t, d, s); math.Abs(r.Values[0]-3) > 1e-5 || r.Products != 1 {
			t.Errorf("seed %d: believed start gave %g in %d products", seed, r.Values[0], r.Products)
		}
	}
}

// With as many start vectors as copies, a multiple eigenvalue is found.
func TestMultiplicity(t *testing.T) {
	d := network(1000, []float64{5, 5, 5, 3, 2}, 1, 1)
	a := newRotated(d, 2, rng.New(4, "mirrors"))
	r := rng.New(6, "block")
	var start [][]float32
	for range 3 {
		w := make([]float32, len(d))
		for i := range w {
			w[i] = float32(r.NormFloat64())
		}
		start = append(start, w)
	}
	s := &Settings{Largest: 4, Tol: 1e-4, Start: start, Explore: -1}
	got := mustLanczos(t, a, s)
	checkPairs(t, a, got, s, sorted(d))
	for i := range 3 {
		for j := range i {
			if c := dot(got.Vectors[i], got.Vectors[j]); math.Abs(c) > 1e-5 {
				t.Errorf("vectors %d and %d: inner product %g", i, j, c)
			}
		}
	}
}

func TestUselessStartVectors(t *testing.T) {
	d := diagonal(network(200, []float64{5, 3}, 1, 1))
	nan, zero, good := make([]float32, 200), make([]float32, 200), make([]float32, 200)
	nan[3] = float32(math.NaN())
	good[0], good[7] = 3, 1
	r := mustLanczos(t, d, &Settings{Start: [][]float32{nan, zero, good, good}})
	if math.Abs(r.Values[0]-5) > r.Residuals[0] {
		t.Errorf("largest %g, want 5", r.Values[0])
	}
	if good[0] != 3 || good[7] != 1 {
		t.Error("the start vector was changed")
	}
	r = mustLanczos(t, d, &Settings{Start: [][]float32{nan, zero}, Explore: -1})
	if math.Abs(r.Values[0]-5) > r.Residuals[0] {
		t.Errorf("largest %g, want 5", r.Values[0])
	}
}
