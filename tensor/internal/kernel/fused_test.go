package kernel

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"testing"
)

// fusedBits is the digest of what the assembly of each instruction set computes.
const fusedBits = "12d483777c4d7dc8"

// TestFusedBits holds the assembly of all instruction sets, on any machine, to the same bits:
// those of AVX2, AVX-512 and NEON are one chain of fused multiply-adds each. Inputs are
// multiples of 2⁻¹⁷, which no compiler rounds.
func TestFusedBits(t *testing.T) {
	for _, l := range supported() {
		if l == generic {
			continue
		}
		t.Run(names[l], func(t *testing.T) {
			use(t, l)
			if got := digest(); got != fusedBits {
				t.Errorf("the results have the digest %s, want %s", got, fusedBits)
			}
		})
	}
}

// digest computes something with every kind of kernel.
func digest() string {
	rnd, h := source(), sha256.New()
	values := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(rnd.IntN(1<<20)-1<<19) / (1 << 17)
		}
		return x
	}
	put := func(x any) { _ = binary.Write(h, binary.LittleEndian, x) }
	for _, size := range [][3]int{{1, 1, 7}, {5, 9, 3}, {13, 33, 40}, {40, 70, 23}} {
		rows, cols, depth := size[0], size[1], size[2]
		a, b, c := values(depth+100), values(3*depth*cols), values(rows*cols)
		at := make([]int32, 3*rows)
		for i := range at {
			at[i] = int32(rnd.IntN(120) - 20)
		}
		product(c, rows, cols, a, 3, depth, func(r, t int) int32 { return min(at[3*r+t], 100) }, b, true)
		put(c)
		outerProduct(c, rows, cols, values(120+rows), at, values(len(at)*cols), true)
		put(c)
	}
	x, y := values(40*37), values(40*37)
	sum, dot := make([]float64, 37), make([]float64, 37)
	ColMoments(sum, dot, x, y, 40, 37)
	ColSquares(sum, dot, y, 40, 37)
	ColSum(sum, x, 40, 37)
	put(sum)
	put(dot)
	put(Dot(x, y))
	for _, k := range affineKernels {
		dst := values(37)
		k.run(dst, [7][]float32{x[:37], y[:37], x[37:74], y[37:74], x[74:111], y[74:111], x[111:148]})
		put(dst)
	}
	for _, f := range functions {
		dst := make([]float32, len(x))
		f.run(dst, x)
		put(dst)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}
