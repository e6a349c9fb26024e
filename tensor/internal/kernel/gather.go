package kernel

import "fmt"

// Gather computes one tile of a matrix product whose left rows lie at any offsets in a.
// With the offsets of an image's windows it is a convolution (an indirect GEMM):
//
//	for r := range rows {
//		for j := range cols {
//			s := 0
//			if acc {
//				s = c[r*ldc+j]
//			}
//			for t := range taps {
//				for k := range depth {
//					s += a[off[t*MR()+r]+k] * b[(t*depth+k)*ldb+j]
//				}
//			}
//			c[r*ldc+j] = s
//		}
//	}
//
// A negative offset means a row of zeros. The panel b is ldb wide, NR() or NR()/2, and
// filled with zeros past cols. rows is at most MR() and cols at most ldb.
func Gather(c []float32, ldc, rows, cols int, a []float32, off []int32, taps, depth int, b []float32, ldb int, acc bool) {
	mr, nr := MR(), NR()
	if rows < 0 || rows > mr || ldb != nr && ldb != nr/2 || cols < 0 || cols > ldb || taps < 0 || depth < 0 {
		panic(fmt.Sprintf("kernel: Gather: %d×%d tile, %d taps of depth %d, panel of width %d (tile of %s is %d×%d)",
			rows, cols, taps, depth, ldb, ISA(), mr, nr))
	}
	if rows == 0 || cols == 0 {
		return
	}
	checkTile("Gather", len(c), ldc, rows, cols)
	if taps == 0 || depth == 0 {
		if !acc {
			clearTile(c, ldc, rows, cols)
		}
		return
	}
	if len(off) < (taps-1)*mr+rows {
		panic(fmt.Sprintf("kernel: Gather: %d offsets for %d taps of %d rows", len(off), taps, rows))
	}
	if len(b) < taps*depth*ldb {
		panic(fmt.Sprintf("kernel: Gather: panel of %d values, want %d·%d·%d", len(b), taps, depth, ldb))
	}
	if m := maxOffsets(off, mr, rows, taps); m >= 0 && m > len(a)-depth {
		panic(fmt.Sprintf("kernel: Gather: offset %d and depth %d pass the end of %d values", m, depth, len(a)))
	}
	gather(c, ldc, rows, cols, a, off, taps, depth, b, ldb, acc)
}

// checkTile panics unless n values hold a rows×cols tile with row stride ldc.
func checkTile(name string, n, ldc, rows, cols int) {
	if ldc < cols || n < (rows-1)*ldc+cols {
		panic(fmt.Sprintf("kernel: %s: %d×%d tile with row stride %d in %d values", name, rows, cols, ldc, n))
	}
}

// clearTile sets a tile to zero.
func clearTile(c []float32, ldc, rows, cols int) {
	for r := range rows {
		clear(c[r*ldc : r*ldc+cols])
	}
}

// maxOffsetsGeneric returns the largest of off[t*stride+r] over t < taps and
// r < rows, or -1 if all are negative.
func maxOffsetsGeneric(off []int32, stride, rows, taps int) int {
	m := int32(-1)
	for t := range taps {
		for _, o := range off[t*stride : t*stride+rows] {
			m = max(m, o)
		}
	}
	return int(m)
}
