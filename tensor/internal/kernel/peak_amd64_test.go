//go:build amd64 && !noasm

package kernel

import (
	"slices"
	"testing"
)

// BenchmarkPeak is the rate of multiply-adds in registers alone: the roofline
// of Gather and Outer.
func BenchmarkPeak(b *testing.B) {
	const n = 10000
	for l, peak := range map[level]func(int){avx2: peakAVX2, avx512: peakAVX512} {
		if !slices.Contains(supported(), l) {
			continue
		}
		b.Run(names[l], func(b *testing.B) {
			for b.Loop() {
				peak(n)
			}
			gflops(b, 2*12*n*tiles[l].nr/2)
		})
	}
}
