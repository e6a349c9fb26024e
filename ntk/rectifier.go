package ntk

import (
	"fmt"
	"math"
)

// ReLU is max(x, 0).
var ReLU = native("relu", rectifier("relu", 0, 1))

// Abs is |x|.
var Abs = rectifier("abs", -1, 1)

// Identity is x.
var Identity = native("identity", rectifier("identity", 1, 1))

// LeakyReLU is x for positive x and a·x for negative.
func LeakyReLU(a float64) Activation { return rectifier(named("leaky relu", a), a, 1) }

// ABReLU has the slope a for negative x and b for positive (Tsuchida,
// Roosta-Khorasani and Gallagher 2018).
func ABReLU(a, b float64) Activation { return rectifier(named("abrelu", a, b), a, b) }

// rectifier is ABReLU with a name. With the angle θ of u and v, cos θ = c,
//
//	E[φ′φ′] = (a² + b² − (a−b)² θ/π)/2
//	E[φφ]   = (a−b)² √(k11k22 − k12²)/2π + E[φ′φ′]·k12
//
// which for ReLU are the arc-cosine kernels of orders 0 and 1 (Cho and Saul 2009).
// For k12 < 0 the first is ab + (a−b)²(π−θ)/2π, in which nothing cancels for ReLU.
func rectifier(name string, a, b float64) Activation {
	mean, opposite, factor := (a*a+b*b)/2, a*b, (a-b)*(a-b)/(2*math.Pi)
	return Activation{
		name: name,
		f: func(x float64) float64 {
			if x < 0 {
				return a * x
			}
			return b * x
		},
		slope: func(x float64) float64 {
			switch {
			case x < 0:
				return a
			case x > 0:
				return b
			}
			return (a + b) / 2
		},
		curve: zero,
		dual: pointwise(func(v, d, k11, k22 []float64) {
			k11, k22 = k11[:len(v)], k22[:len(v)]
			for i, k12 := range v {
				slope, s := mean, 0.0
				if factor != 0 {
					s = area(k11[i], k12, k22[i])
					if turn := acute(s, math.Abs(k12)); k12 < 0 {
						slope = opposite + float64(factor*turn)
					} else {
						slope -= float64(factor * turn)
					}
				}
				v[i] = float64(factor*s) + float64(slope*k12)
				if d != nil {
					d[i] = slope
				}
			}
		}),
	}
}

// zero is the slope of steps and the curvature of lines.
func zero(float64) float64 { return 0 }

// angle returns atan2(s, c) for s ≥ 0, and π/2 for two zeros.
func angle(s, c float64) float64 {
	if c < 0 {
		return math.Pi - acute(s, -c)
	}
	return acute(s, c)
}

// acute returns atan2(s, c) for s, c ≥ 0, and π/2 for two zeros: a variable that is
// always 0 is independent of every other. It is right to three roundings and takes
// half the time of math.Atan2.
//
// atan t = t·P(t²)/Q(t²) on [0, 1], to 6e-18 (Remez exchange at 50 digits).
func acute(s, c float64) float64 {
	low, high := s, c
	if s > c {
		low, high = c, s
	}
	if high == 0 {
		return math.Pi / 2
	}
	t := low / high
	z := t * t
	w := z * z
	p := 0.99999999999999999419 + 2.5055441656268907271*z +
		w*(2.2828903178225940425+0.92096033249279496868*z+
			w*(0.15918963448733758651+0.0093591121848642369872*z+
				w*8.0700508838365414322e-05))
	q := 1 + 2.83887749896022127*z +
		w*(3.0291828174762198424+1.5057695813765943612*z+
			w*(0.34971908220367126752+0.032996882449849998631*z+
				w*0.00082661898998187447319))
	r := t * p / q
	if s > c {
		return math.Pi/2 - r
	}
	return r
}

// Sign is −1, 0 or 1. Its slope is 0 but for the jump, which trains nothing.
var Sign = Activation{
	name: "sign",
	f: func(x float64) float64 {
		switch {
		case x < 0:
			return -1
		case x > 0:
			return 1
		}
		return 0
	},
	slope: zero,
	curve: zero,
	dual: each(func(k11, k12, k22 float64) (float64, float64) {
		return 1 - angle(area(k11, k12, k22), k12)*2/math.Pi, 0
	}),
}

// RectifiedMonomial is xⁿ for positive x and 0 for negative: a step for n = 0,
// whose jump trains nothing; ReLU for n = 1. It panics if n is not from 0 to 20.
// Its duals are the arc-cosine kernels of order n (Cho and Saul 2009).
func RectifiedMonomial(n int) Activation {
	if n < 0 || n > 20 {
		panic(fmt.Sprintf("ntk: rectified monomial of degree %d", n))
	}
	if n == 1 {
		return ReLU
	}
	power := func(x float64, m int) float64 {
		switch {
		case x < 0 || m < 0:
			return 0
		case x == 0 && m == 0:
			return 0.5
		}
		return math.Pow(x, float64(m))
	}
	return Activation{
		name:  fmt.Sprintf("rectified monomial(%d)", n),
		f:     func(x float64) float64 { return power(x, n) },
		slope: func(x float64) float64 { return float64(n) * power(x, n-1) },
		curve: func(x float64) float64 { return float64(n*(n-1)) * power(x, n-2) },
		dual: each(func(k11, k12, k22 float64) (float64, float64) {
			last, value := orthant(k11, k12, k22, n)
			return value, float64(n*n) * last
		}),
	}
}

// orthant returns M(n−1, n−1), or 0 if n is 0, and M(n, n) of M(i, j) = E[u₊ⁱ v₊ʲ].
// For i ≤ j, by Stein's lemma in u, and in v where i = 0,
//
//	M(0, j) = (j−1) k22 M(0, j−2) + k12 E[δ(u) v₊ʲ⁻¹]
//	M(1, j) = k11 E[δ(u) v₊ʲ]     + j k12 M(0, j−1)
//	M(i, j) = (i−1) k11 M(i−2, j) + j k12 M(i−1, j−1)
//
// where v given u = 0 is normal with variance Δ/k11, Δ the determinant. Only i and
// j that are both even or both odd are met.
func orthant(k11, k12, k22 float64, n int) (last, value float64) {
	if k11 < k22 {
		k11, k22 = k22, k11
	}
	delta := determinant(k11, k12, k22)
	both := 0.5 - angle(area(k11, k12, k22), k12)/(2*math.Pi)
	if k11 == 0 && n > 0 {
		return 0, 0
	}
	density, rest := 1/math.Sqrt(2*math.Pi*k11), delta/k11 // of u at 0; variance of v there
	row, before, earlier := make([]float64, n+1), make([]float64, n+1), make([]float64, n+1)
	for i := range n + 1 {
		row, before, earlier = earlier, row, before
		for j := i; j <= n; j += 2 {
			switch {
			case j == 0:
				row[j] = both
			case i == 0:
				row[j] = float64(j-1)*k22*row[j-2] + k12*density*halfMoment(rest, j-1)
			case i == 1:
				row[j] = k11*density*halfMoment(rest, j) + float64(j)*k12*before[j-1]
			default:
				row[j] = float64(i-1)*k11*earlier[j] + float64(j)*k12*before[j-1]
			}
		}
	}
	if n > 0 {
		last = before[n-1]
	}
	return last, row[n]
}

// halfMoment returns E[v₊ⁿ] of a normal variable with a variance.
func halfMoment(variance float64, n int) float64 {
	moment := 0.5
	if n%2 == 1 {
		moment = math.Sqrt(variance / (2 * math.Pi))
	}
	for m := n; m > 1; m -= 2 {
		moment *= float64(m-1) * variance
	}
	return moment
}
