package jastrzebski2020breakeven

import (
	"fmt"
	"math"
)

// Noise returns c = (N-S)/(S(N-1)), by which the variance of a quantity over N
// examples is multiplied in the mean of a batch of S of them, drawn without
// replacement. It panics unless 1 ≤ S ≤ N.
func Noise(S, N int) float64 {
	if S < 1 || S > N {
		panic(fmt.Sprintf("jastrzebski2020breakeven: batch of %d of %d examples", S, N))
	}
	if N == 1 {
		return 0
	}
	return float64(N-S) / (float64(S) * float64(N-1))
}

// LeftSide returns the left side of Eq. 1, (1-ηλ)² + s²η²(N-S)/(S(N-1)): the
// factor by which one step of SGD multiplies the mean square distance to the
// minimum along the direction whose curvature has mean λ and variance s² over
// the N examples. 1 or less is stable.
func LeftSide(eta, lambdaH, s2 float64, S, N int) float64 {
	d := 1 - eta*lambdaH
	return d*d + s2*eta*eta*Noise(S, N)
}

// HAtBreakEven returns the λ_H¹ at which Eq. 1 holds with equality when
// s² = λ_K¹/(ψ-ψ*)² and λ_K¹ = α λ_H¹:
//
//	λ_H¹ = 2/η - α (N-S) / (S (N-1) (ψ-ψ*)²)
//
// K is that of single examples, so alpha is λ_K¹ (M = 1) / λ_H¹, and psi2 is
// (ψ-ψ*)². A result of 0 or less means that nothing is stable at this η and S;
// the full batch gives 2/η. Derived from Eq. 1 and Assumption 2.
func HAtBreakEven(eta, alpha, psi2 float64, S, N int) float64 {
	return 2/eta - alpha*Noise(S, N)/psi2
}

// HAtBreakEvenFixed returns the largest λ_H¹ that Eq. 1 allows when s² does not
// change with it, (1 + sqrt(1-η²cs²))/η. It is false once η²cs² > 1, where
// nothing is stable. Derived from Eq. 1.
func HAtBreakEvenFixed(eta, s2 float64, S, N int) (float64, bool) {
	d := 1 - eta*eta*s2*Noise(S, N)
	if !(d >= 0) {
		return 0, false
	}
	return (1 + math.Sqrt(d)) / eta, true
}

// LargestRate returns the largest η that Eq. 1 allows at given curvature,
// 2λ/(λ²+cs²). It is 0 where none is stable (λ ≤ 0) and infinite where all are
// (λ = s = 0). Derived from Eq. 1.
func LargestRate(lambdaH, s2 float64, S, N int) float64 {
	c := Noise(S, N)
	switch {
	case lambdaH > 0:
		return 2 * lambdaH / (lambdaH*lambdaH + c*s2)
	case lambdaH == 0 && c*s2 == 0:
		return math.Inf(1)
	default:
		return 0
	}
}

// SmallestBatch returns the smallest S that Eq. 1 allows at given η and
// curvature: every larger batch is stable as well. It is false where even the
// full batch is not stable. Derived from Eq. 1.
func SmallestBatch(eta, lambdaH, s2 float64, N int) (int, bool) {
	if !(LeftSide(eta, lambdaH, s2, N, N) <= 1) {
		return 0, false
	}
	if s2 == 0 || N == 1 {
		return 1, true
	}
	// S = N/(1+c(N-1)) at the largest c allowed; then rounding is undone.
	c := (2/eta - lambdaH) * lambdaH / s2
	S := min(max(int(float64(N)/(1+c*float64(N-1))), 1), N)
	for S < N && LeftSide(eta, lambdaH, s2, S, N) > 1 {
		S++
	}
	for S > 1 && LeftSide(eta, lambdaH, s2, S-1, N) <= 1 {
		S--
	}
	return S, true
}

// PerExampleK turns an eigenvalue or the trace of the covariance of gradients
// of batches of M into that of single examples: times M(N-1)/(N-M). The α and
// (ψ-ψ*)² of the theory are those of single examples. It is infinite for M = N,
// whose batches have no variance.
func PerExampleK(k float64, M, N int) float64 { return k / Noise(M, N) }

// BatchK is the inverse of PerExampleK.
func BatchK(k float64, M, N int) float64 { return k * Noise(M, N) }

// Distance2 returns (ψ-ψ*)² = λ_K¹/s², the square of the distance to the
// minimum along e, with λ_K¹ of single examples (Assumptions 1 and 2).
func Distance2(lambdaK, s2 float64) float64 { return lambdaK / s2 }
