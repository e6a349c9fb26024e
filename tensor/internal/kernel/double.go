package kernel

import (
	"fmt"
	"math"
)

// MR64 and NR64 return the numbers of rows and of columns of a tile of float64
// values.
func MR64() int { return tiles[active].mr }

// NR64: see MR64.
func NR64() int { return tiles[active].nr / 2 }

// Tile64 computes a full tile of a matrix product in float64: c has MR64() rows,
// ldc apart, of NR64() columns; a and b are packed, depth by depth.
//
//	for r := range MR64() {
//		for j := range NR64() {
//			s := 0
//			if acc {
//				s = c[r*ldc+j]
//			}
//			for k := range depth {
//				s = fma(a[k*MR64()+r], b[k*NR64()+j], s)
//			}
//			c[r*ldc+j] = s
//		}
//	}
//
// A fused multiply-add rounds once everywhere, so that all instruction sets and
// the twin give the same bits.
func Tile64(c []float64, ldc int, a, b []float64, depth int, acc bool) {
	mr, nr := MR64(), NR64()
	if depth <= 0 || len(a) < depth*mr || len(b) < depth*nr || ldc < nr || len(c) < (mr-1)*ldc+nr {
		panic(fmt.Sprintf("kernel: Tile64: depth %d of %d and %d values to rows of %d in %d", depth, len(a), len(b), ldc, len(c)))
	}
	tile64(c, ldc, a, b, depth, acc)
}

// tile64Generic is the twin of Tile64. Two columns at a time, so that one chain
// need not wait for the other.
func tile64Generic(c []float64, ldc int, a, b []float64, depth int, acc bool) {
	mr, nr := MR64(), NR64()
	for r := range mr {
		row := c[r*ldc : r*ldc+nr]
		for j := 0; j < nr; j += 2 {
			s, t := 0.0, 0.0
			if acc {
				s, t = row[j], row[j+1]
			}
			for k := range depth {
				x, y := a[k*mr+r], b[k*nr+j:k*nr+j+2]
				s, t = math.FMA(x, y[0], s), math.FMA(x, y[1], t)
			}
			row[j], row[j+1] = s, t
		}
	}
}
