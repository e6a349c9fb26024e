package kernel

import (
	"math"
	"testing"
)

// normals64 returns n normal variates.
func normals64(seed, n int) []float64 {
	rnd := source()
	for range seed {
		rnd.NormFloat64()
	}
	x := make([]float64, n)
	for i := range x {
		x[i] = rnd.NormFloat64()
	}
	return x
}

// TestTile64 holds every set to the bits of the defining loop, and to its tile.
func TestTile64(t *testing.T) {
	forEach(t, func(t *testing.T) {
		mr, nr := MR64(), NR64()
		for _, depth := range []int{1, 2, 3, 8, 100} {
			for _, acc := range []bool{false, true} {
				ldc := nr + 3
				a, b, c := normals64(1, depth*mr), normals64(2, depth*nr), normals64(3, mr*ldc)
				got := append([]float64(nil), c...)
				Tile64(got, ldc, a, b, depth, acc)
				for i, v := range got {
					want, r, j := c[i], i/ldc, i%ldc
					if j < nr {
						if !acc {
							want = 0
						}
						for k := range depth {
							want = math.FMA(a[k*mr+r], b[k*nr+j], want)
						}
					}
					if math.Float64bits(v) != math.Float64bits(want) {
						t.Fatalf("depth %d, acc %v: element (%d, %d) is %v, want %v", depth, acc, r, j, v, want)
					}
				}
			}
		}
	})
}

func TestTile64Panics(t *testing.T) {
	mr, nr := MR64(), NR64()
	a, b, c := make([]float64, 4*mr), make([]float64, 4*nr), make([]float64, mr*nr)
	wantPanic(t, "Tile64", "kernel: Tile64", func() { Tile64(c, nr, a, b, 5, false) })
	wantPanic(t, "Tile64", "kernel: Tile64", func() { Tile64(c, nr, a, b, 0, false) })
	wantPanic(t, "Tile64", "kernel: Tile64", func() { Tile64(c, nr-1, a, b, 4, false) })
	wantPanic(t, "Tile64", "kernel: Tile64", func() { Tile64(c[1:], nr, a, b, 4, false) })
}
