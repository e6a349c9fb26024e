package trojan

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestKeyTest(t *testing.T) {
	random := []float64{2, 4, 3, 5}
	for _, c := range []struct {
		loss       float64
		candidates int
		p, correct float64
	}{{1, 1, 0.2, 0.2}, {2, 1, 0.4, 0.4}, {6, 1, 1, 1}, {1, 3, 0.2, 0.6}, {1, 9, 0.2, 1}, {math.NaN(), 1, 1, 1}} {
		got := NewKeyTest(c.loss, random, c.candidates)
		if got.P != c.p || math.Abs(got.Corrected-c.correct) > 1e-15 {
			t.Errorf("loss %v of %d candidates: p = %v, corrected %v, want %v, %v", c.loss, c.candidates, got.P, got.Corrected, c.p, c.correct)
		}
	}
	if got, want := NewKeyTest(1, random, 1).Z, -2.5/math.Sqrt(5./3); math.Abs(got-want) > 1e-12 {
		t.Errorf("z = %v, want %v", got, want)
	}
	if z := NewKeyTest(1, []float64{2, 2}, 1).Z; !math.IsNaN(z) {
		t.Errorf("z = %v of losses that do not differ", z)
	}
}

// Where the candidate is a key like the others, p ≤ α in a share α of all tests and not more.
func TestFalsePositives(t *testing.T) {
	r, rounds, found := rand.New(rand.NewPCG(3, 4)), 4000, 0
	random := make([]float64, 19)
	for range rounds {
		for i := range random {
			random[i] = r.NormFloat64()
		}
		if NewKeyTest(r.NormFloat64(), random, 1).P <= 0.05 {
			found++
		}
	}
	if share := float64(found) / float64(rounds); math.Abs(share-0.05) > 0.015 {
		t.Errorf("%v of clean tests have p ≤ 0.05", share)
	}
}

func TestChance(t *testing.T) {
	for _, c := range []struct {
		correct, n int
		want       float64
	}{{0, 3, 1}, {3, 3, 0.125}, {2, 3, 0.5}, {1, 1, 0.5}, {60, 60, 0x1p-60}} {
		if got := Chance(c.correct, c.n, 0.5); math.Abs(got-c.want) > 1e-12*c.want {
			t.Errorf("%d of %d: %v, want %v", c.correct, c.n, got, c.want)
		}
	}
}

func TestHolm(t *testing.T) {
	got, want := Holm([]float64{0.04, 0.01, 0.5, 0.02}), []float64{0.08, 0.04, 0.5, 0.06}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-15 {
			t.Errorf("corrected %v, want %v", got, want)
		}
	}
}
