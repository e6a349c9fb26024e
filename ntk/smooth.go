package ntk

import (
	"fmt"
	"math"
)

// Erf is the error function.
var Erf = native("erf", affineErf("erf", 1, 1, 0))

// AffineErf is a·erf(b·x) + c. With a = c = ½ and b = 1/2.4020563531719796 it is
// nearly the logistic function.
func AffineErf(a, b, c float64) Activation { return affineErf(named("erf", a, b, c), a, b, c) }

// affineErf: Williams (1997), equation 11.
func affineErf(name string, a, b, c float64) Activation {
	return Activation{
		name:  name,
		f:     func(x float64) float64 { return a*math.Erf(b*x) + c },
		slope: func(x float64) float64 { return a * b * 2 / math.Sqrt(math.Pi) * math.Exp(-b*b*x*x) },
		dual: each(func(k11, k12, k22 float64) (float64, float64) {
			k11, k12, k22 = b*b*k11, b*b*k12, b*b*k22
			root := math.Sqrt(1 + 2*(k11+k22) + 4*determinant(k11, k12, k22))
			return a*a*2/math.Pi*math.Atan2(2*k12, root) + c*c, a * a * b * b * 4 / math.Pi / root
		}),
	}
}

// GELU is x·Φ(x), Φ the distribution function of the normal law.
var GELU = Activation{
	name:  "gelu",
	f:     func(x float64) float64 { return x * normalCDF(x) },
	slope: func(x float64) float64 { return normalCDF(x) + x*normalPDF(x) },
	dual:  each(geluDual),
}

func normalCDF(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
func normalPDF(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }

// geluDual follows from Stein's lemma; the value is that of Tsuchida et al.
// (2021). p is E[Φ(u)Φ(v)] and q is E[Φ′(u)Φ′(v)].
func geluDual(k11, k12, k22 float64) (float64, float64) {
	one, two := 1+k11, 1+k22
	delta := 1 + (k11 + k22) + determinant(k11, k12, k22)
	root := math.Sqrt(delta)
	p, q := 0.25+math.Atan2(k12, root)/(2*math.Pi), 1/(2*math.Pi*root)
	value := k12*p + q*(k11*k22*delta+k12*k12)/(one*two)
	return value, p + q*k12*((one+two)/(one*two)+1/delta)
}

// Sin is a·sin(b·x + c).
func Sin(a, b, c float64) Activation { return sine(named("sin", a, b, c), a, b, c, math.Cos(2*c)) }

// Cos is a·cos(b·x + c).
func Cos(a, b, c float64) Activation {
	return sine(named("cos", a, b, c), a, b, c+math.Pi/2, -math.Cos(2*c))
}

// RBF is √2·sin(√(2γ)·x + π/4), whose kernel is exp(−γ(k11 + k22 − 2k12)): that of
// radial basis functions (Rahimi and Recht 2007).
func RBF(gamma float64) Activation {
	return sine(named("rbf", gamma), math.Sqrt2, math.Sqrt(2*gamma), math.Pi/4, 0)
}

// sine: products of sines are cosines of sums and differences, whose means are
// Gaussian; phase is cos 2c.
func sine(name string, a, b, c, phase float64) Activation {
	return Activation{
		name:  name,
		f:     func(x float64) float64 { return a * math.Sin(b*x+c) },
		slope: func(x float64) float64 { return a * b * math.Cos(b*x+c) },
		dual: each(func(k11, k12, k22 float64) (float64, float64) {
			mean := (k11 + k22) / 2
			apart, together := math.Exp(-b*b*(mean-k12)), phase*math.Exp(-b*b*(mean+k12))
			return a * a / 2 * (apart - together), a * a * b * b / 2 * (apart + together)
		}),
	}
}

// Exp is a·exp(b·x).
func Exp(a, b float64) Activation {
	return Activation{
		name:  named("exp", a, b),
		f:     func(x float64) float64 { return a * math.Exp(b*x) },
		slope: func(x float64) float64 { return a * b * math.Exp(b*x) },
		dual: each(func(k11, k12, k22 float64) (float64, float64) {
			value := a * a * math.Exp(b*b*((k11+k22)/2+k12))
			return value, b * b * value
		}),
	}
}

// GaussianBump is a·exp(−b·x²). It panics if b is negative.
func GaussianBump(a, b float64) Activation {
	if !(b >= 0) {
		panic(fmt.Sprintf("ntk: a bump of exp(%v x²)", -b))
	}
	return Activation{
		name:  named("gaussian", a, b),
		f:     func(x float64) float64 { return a * math.Exp(-b*x*x) },
		slope: func(x float64) float64 { return -2 * a * b * x * math.Exp(-b*x*x) },
		dual: each(func(k11, k12, k22 float64) (float64, float64) {
			delta := 1 + 2*b*(k11+k22) + 4*b*b*determinant(k11, k12, k22)
			value := a * a / math.Sqrt(delta)
			return value, 4 * b * b * k12 * value / delta
		}),
	}
}
