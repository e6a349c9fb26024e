package tensor

import (
	"fmt"
	"math"

	"breakeven/tensor/internal/kernel"
)

// GELU is y = x·Φ(x) with the distribution function Φ of the normal distribution (Hendrycks
// and Gimpel 2016). With t = x/√2, Φ is (1 + erf t)/2 and its density φ is
// (2/√π)·exp(−t²)/(2√2).

// geluBlock is how many numbers are computed at a time, in the first cache level.
const geluBlock = 512

// densityScale makes φ(x) of the derivative of erf at x/√2.
const densityScale = 0.5 / math.Sqrt2

// GELU is dst[i] = x[i]·Φ(x[i]). The error is at most 3·2⁻²⁴·|x|. It works in place.
func GELU(dst, x []float32) {
	checkGELU(dst, x)
	var e [geluBlock]float32
	for lo := 0; lo < len(x); lo += geluBlock {
		hi := min(lo+geluBlock, len(x))
		root(e[:hi-lo], x[lo:hi])
		kernel.Erf(e[:hi-lo], e[:hi-lo])
		d := dst[lo:hi]
		for i, v := range x[lo:hi] {
			d[i] = 0.5 * v * (1 + e[i])
		}
	}
}

// GELUDeriv is the derivative of GELU, given x: dst = Φ(x) + xφ(x). The error is at most
// 4·2⁻²⁴. It works in place.
func GELUDeriv(dst, x []float32) {
	checkGELU(dst, x)
	var e, t [geluBlock]float32
	for lo := 0; lo < len(x); lo += geluBlock {
		hi := min(lo+geluBlock, len(x))
		n := hi - lo
		root(t[:n], x[lo:hi])
		kernel.Erf(e[:n], t[:n])
		kernel.ErfDeriv(t[:n], t[:n])
		d := dst[lo:hi]
		for i, v := range x[lo:hi] {
			d[i] = 0.5*(1+e[i]) + v*(densityScale*t[i])
		}
	}
}

// GELUDeriv2 is the second derivative of GELU, given x: dst = φ(x)(2 − x²). It works in place.
func GELUDeriv2(dst, x []float32) {
	checkGELU(dst, x)
	var t [geluBlock]float32
	for lo := 0; lo < len(x); lo += geluBlock {
		hi := min(lo+geluBlock, len(x))
		root(t[:hi-lo], x[lo:hi])
		kernel.ErfDeriv(t[:hi-lo], t[:hi-lo])
		d := dst[lo:hi]
		for i, v := range x[lo:hi] {
			d[i] = densityScale * t[i] * (2 - v*v)
		}
	}
}

func checkGELU(dst, x []float32) {
	if len(dst) != len(x) {
		panic(fmt.Sprintf("tensor: GELU of %d numbers to %d", len(x), len(dst)))
	}
}

// root sets dst to x/√2.
func root(dst, x []float32) {
	copy(dst, x)
	kernel.Scale(dst, 1/math.Sqrt2)
}
