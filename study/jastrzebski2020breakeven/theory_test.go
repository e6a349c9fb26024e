package jastrzebski2020breakeven

import (
	"math"
	"testing"

	"breakeven/rng"
)

func moments(h []float64) (mean, variance float64) {
	for _, x := range h {
		mean += x / float64(len(h))
	}
	for _, x := range h {
		variance += (x - mean) * (x - mean) / float64(len(h))
	}
	return mean, variance
}

// multiplier returns (1-η·mean H_i)² for the examples in a batch.
func multiplier(eta float64, h []float64, batch []int) float64 {
	sum := 0.0
	for _, i := range batch {
		sum += h[i]
	}
	d := 1 - eta*sum/float64(len(batch))
	return d * d
}

// subsets calls f with every S of N examples.
func subsets(N, S int, f func([]int)) {
	var walk func(from int, chosen []int)
	walk = func(from int, chosen []int) {
		if len(chosen) == S {
			f(chosen)
			return
		}
		for i := from; i < N; i++ {
			walk(i+1, append(chosen, i))
		}
	}
	walk(0, nil)
}

func TestLeftSideIsMeanOverAllBatches(t *testing.T) {
	h := []float64{0.3, 11, 2, -4, 7.5, 1, 0, 3}
	lambda, s2 := moments(h)
	for S := 1; S <= len(h); S++ {
		for _, eta := range []float64{0.01, 0.3, 0.77} {
			sum, n := 0.0, 0
			subsets(len(h), S, func(batch []int) { sum += multiplier(eta, h, batch); n++ })
			want, got := sum/float64(n), LeftSide(eta, lambda, s2, S, len(h))
			if math.Abs(got-want) > 1e-13*want {
				t.Errorf("S=%d η=%v: LeftSide %v, mean over %d batches %v", S, eta, got, n, want)
			}
		}
	}
}

func TestLeftSideByMonteCarlo(t *testing.T) {
	const N, S, eta, draws = 200, 16, 0.13, 40000
	r := rng.New(1, "break-even")
	h := make([]float64, N)
	for i := range h {
		h[i] = 8 + 6*r.NormFloat64()
	}
	lambda, s2 := moments(h)
	sum, square, order := 0.0, 0.0, make([]int, N)
	for range draws {
		r.Perm(order)
		x := multiplier(eta, h, order[:S])
		sum, square = sum+x, square+x*x
	}
	mean := sum / draws
	se := math.Sqrt((square/draws - mean*mean) / draws)
	if got := LeftSide(eta, lambda, s2, S, N); math.Abs(got-mean) > 4*se {
		t.Errorf("LeftSide %v, Monte Carlo %v ± %v", got, mean, se)
	}
}

func TestClosedFormsSolveEq1(t *testing.T) {
	r := rng.New(2, "closed forms")
	for range 20000 {
		N := 2 + r.IntN(100000)
		S := 1 + r.IntN(N)
		eta := math.Exp(8*r.Float64() - 7)
		c := max(Noise(S, N), 1e-9)

		// α/(ψ-ψ*)² small enough that something is stable.
		psi2 := math.Exp(6*r.Float64() - 3)
		alpha := psi2 * 1.9 * r.Float64() / eta / c
		h := HAtBreakEven(eta, alpha, psi2, S, N)
		if got := LeftSide(eta, h, alpha*h/psi2, S, N); math.Abs(got-1) > 3e-15 {
			t.Errorf("closed form: Eq. 1 has residual %g", got-1)
		}

		s2 := 0.999 * r.Float64() / (eta * eta * c)
		h, ok := HAtBreakEvenFixed(eta, s2, S, N)
		if got := LeftSide(eta, h, s2, S, N); !ok || math.Abs(got-1) > 3e-15 {
			t.Errorf("fixed s: stable %v, Eq. 1 has residual %g", ok, got-1)
		}
		if got := LargestRate(h, s2, S, N); math.Abs(got-eta) > 1e-14*eta {
			t.Errorf("LargestRate at its own break-even: %v, want η = %v", got, eta)
		}
	}
}

// At one set of weights both closed forms need only λ_H¹ and s²: with α and
// (ψ-ψ*)² as measured there, the first is 2/η - c s²/λ_H¹.
func TestClosedFormAtWeights(t *testing.T) {
	const eta, lambdaH, lambdaK, s2, S, N = 0.05, 22.0, 340.0, 900.0, 32, 6000
	got := HAtBreakEven(eta, lambdaK/lambdaH, Distance2(lambdaK, s2), S, N)
	if want := 2/eta - Noise(S, N)*s2/lambdaH; math.Abs(got-want) > 1e-13*want {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestBreakEvenFallsWithRateAndRisesWithBatch(t *testing.T) {
	const alpha, psi2, N = 15, 0.4, 6000
	if a, b := HAtBreakEven(0.1, alpha, psi2, 128, N), HAtBreakEven(0.01, alpha, psi2, 128, N); a >= b {
		t.Errorf("η = 0.1: %v, η = 0.01: %v", a, b)
	}
	if a, b := HAtBreakEven(0.1, alpha, psi2, 8, N), HAtBreakEven(0.1, alpha, psi2, 128, N); a >= b {
		t.Errorf("S = 8: %v, S = 128: %v", a, b)
	}
	if got := HAtBreakEven(0.1, alpha, psi2, N, N); got != 2/0.1 {
		t.Errorf("full batch: %v, want 2/η", got)
	}
}

func TestFixedFormEnds(t *testing.T) {
	if _, ok := HAtBreakEvenFixed(1, 1.0001*float64(8), 8, 1<<40); ok {
		t.Error("stable although η²cs² > 1")
	}
	if h, ok := HAtBreakEvenFixed(0.5, 1e9, 10, 10); !ok || h != 4 {
		t.Errorf("full batch: %v, %v, want 2/η = 4", h, ok)
	}
}

func TestSmallestBatchByTrial(t *testing.T) {
	r := rng.New(3, "smallest batch")
	for range 5000 {
		N := 1 + r.IntN(60)
		eta, lambda, s2 := 0.5*r.Float64(), 11*r.Float64()-1, 400*r.Float64()
		want, stable := 0, false
		for S := N; S >= 1 && LeftSide(eta, lambda, s2, S, N) <= 1; S-- {
			want, stable = S, true
		}
		if got, ok := SmallestBatch(eta, lambda, s2, N); got != want || ok != stable {
			t.Errorf("SmallestBatch(%v, %v, %v, %d) = %d, %v, want %d, %v", eta, lambda, s2, N, got, ok, want, stable)
		}
	}
}

func TestLargestRateEnds(t *testing.T) {
	for _, test := range []struct{ lambda, s2, want float64 }{
		{-1, 3, 0}, {0, 3, 0}, {0, 0, math.Inf(1)}, {4, 0, 0.5},
	} {
		if got := LargestRate(test.lambda, test.s2, 4, 100); got != test.want {
			t.Errorf("LargestRate(%v, %v) = %v, want %v", test.lambda, test.s2, got, test.want)
		}
	}
}

func TestPerExampleKByEnumeration(t *testing.T) {
	g := []float64{1, -2, 0.5, 7, 3, 3, -1}
	_, perExample := moments(g)
	for M := 1; M < len(g); M++ {
		var means []float64
		subsets(len(g), M, func(batch []int) {
			sum := 0.0
			for _, i := range batch {
				sum += g[i]
			}
			means = append(means, sum/float64(M))
		})
		_, ofBatches := moments(means)
		if got := PerExampleK(ofBatches, M, len(g)); math.Abs(got-perExample) > 1e-12 {
			t.Errorf("M=%d: %v, want %v", M, got, perExample)
		}
		if got := BatchK(perExample, M, len(g)); math.Abs(got-ofBatches) > 1e-12 {
			t.Errorf("M=%d: %v, want %v", M, got, ofBatches)
		}
	}
}

func TestNoisePanics(t *testing.T) {
	for _, test := range [][2]int{{0, 5}, {6, 5}, {-1, 5}, {1, 0}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Noise(%d, %d) did not panic", test[0], test[1])
				}
			}()
			Noise(test[0], test[1])
		}()
	}
}
