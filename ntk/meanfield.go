package ntk

import (
	"errors"
	"fmt"
	"math"
)

// FixedPoint returns the variance q* of preactivations to which wide layers of the
// activation lead, and χ = σ_w² E[φ′(√q* s)²], by which each layer multiplies small
// distances: a network is ordered below χ = 1 and chaotic above (Poole et al. 2016;
// Schoenholz et al. 2017). It is the largest q = σ_w² E[φ(√q s)²] + σ_b² that
// attracts. It returns an error where variances grow without bound, and where all
// are fixed.
func (a Activation) FixedPoint(sigmaW, sigmaB float64) (q, chi float64, err error) {
	if !(sigmaW >= 0 && sigmaB >= 0) || math.IsInf(sigmaW+sigmaB, 0) {
		return 0, 0, fmt.Errorf("ntk: deviations of %v and %v", sigmaW, sigmaB)
	}
	moved := func(q float64) float64 { // what a layer adds to q
		value, _ := a.Dual(q, q, q)
		return sigmaW*sigmaW*value + sigmaB*sigmaB - q
	}
	const largest, smallest = 1e9, 1e-12
	high := 1.0
	for moved(high) >= 0 {
		if high *= 2; high > largest {
			if still(moved) {
				return 0, 0, errors.New("ntk: every variance is a fixed point")
			}
			return 0, 0, errors.New("ntk: no fixed point: the variances grow from layer to layer")
		}
	}
	low := high / 2
	for low > smallest && moved(low) < 0 {
		high, low = low, low/2
	}
	if low > smallest || moved(0) > 0 {
		if low <= smallest {
			low = 0
		}
		q = root(moved, low, high)
	}
	_, slope := a.Dual(q, q, q)
	return q, sigmaW * sigmaW * slope, nil
}

// still reports whether nothing moves.
func still(moved func(float64) float64) bool {
	for q := 1.0; q < 1e6; q *= 10 {
		if math.Abs(moved(q)) > 1e-12*q {
			return false
		}
	}
	return true
}

// root returns a zero of f, which is not negative at low and negative at high, by
// false position; every third step halves, since the others may be slow.
func root(f func(float64) float64, low, high float64) float64 {
	at, above := f(low), f(high)
	for i := 0; high-low > 0x1p-50*high && i < 200; i++ {
		x := low + (high-low)*at/(at-above)
		if i%3 == 2 || !(x > low && x < high) {
			x = low + (high-low)/2
		}
		if v := f(x); v >= 0 {
			low, at = x, v
		} else {
			high, above = x, v
		}
	}
	return low + (high-low)/2
}
