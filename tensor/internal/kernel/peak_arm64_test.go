//go:build arm64 && !noasm

package kernel

import "testing"

// BenchmarkPeak is the rate of multiply-adds in registers alone: the roofline
// of Gather and Outer.
func BenchmarkPeak(b *testing.B) {
	const n = 10000
	b.Run(names[neon], func(b *testing.B) {
		for b.Loop() {
			peakNEON(n)
		}
		gflops(b, 2*24*n*4)
	})
}
