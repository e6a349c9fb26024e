package tensor

import (
	"math"

	"breakeven/tensor/internal/kernel"
)

// FusedSuffix is the end of [ISA] if the compiler fuses.
const FusedSuffix = "+fma"

// ISA names what decides the last bits of all arithmetic: the instruction set of the
// kernels, "avx512", "avx2", "neon" or "generic", followed by "+fma" if the program was
// compiled for processors on which Go fuses a product and a sum into one operation
// with one rounding (GOAMD64=v3 and above, arm64, and others). Fusing concerns plain
// Go code: ours, the standard library's and gonum's.
func ISA() string {
	if fused() {
		return kernel.ISA() + FusedSuffix
	}
	return kernel.ISA()
}

// fused reports whether the compiler fuses: x² = 1 + 2⁻²⁹ + 2⁻⁶⁰ is rounded to
// 1 + 2⁻²⁹ before the sum, or not. (For amd64 it fuses sums but no differences.)
func fused() bool { return squarePlus(1+math.Ldexp(1, -30), -(1+math.Ldexp(1, -29))) != 0 }

//go:noinline
func squarePlus(x, y float64) float64 { return x*x + y }

// ISAError returns an error if the environment variable BREAKEVEN_ISA names an
// instruction set that is unknown or that this processor or build lacks. The best
// available one is in use then.
func ISAError() error { return kernel.Err() }
