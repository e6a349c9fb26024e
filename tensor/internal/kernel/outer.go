package kernel

import "fmt"

// Outer computes one tile of a product Aᵀ B whose left rows lie at any offsets in a.
// With the offsets of an image's windows it is a gradient of weights:
//
//	for i := range rows {
//		for j := range cols {
//			s := 0
//			if acc {
//				s = c[i*ldc+j]
//			}
//			for p, o := range off {
//				if o >= 0 {
//					s += a[o+i] * b[p*ldb+j]
//				}
//			}
//			c[i*ldc+j] = s
//		}
//	}
//
// rows is at most MR() and cols at most NR(). b is read in place, and not past cols.
func Outer(c []float32, ldc, rows, cols int, a []float32, off []int32, b []float32, ldb int, acc bool) {
	if rows < 0 || rows > MR() || cols < 0 || cols > NR() {
		panic(fmt.Sprintf("kernel: Outer: %d×%d tile (tile of %s is %d×%d)", rows, cols, ISA(), MR(), NR()))
	}
	if rows == 0 || cols == 0 {
		return
	}
	checkTile("Outer", len(c), ldc, rows, cols)
	if len(off) == 0 {
		if !acc {
			clearTile(c, ldc, rows, cols)
		}
		return
	}
	if ldb < cols || len(b) < (len(off)-1)*ldb+cols {
		panic(fmt.Sprintf("kernel: Outer: %d rows of %d with row stride %d in %d values", len(off), cols, ldb, len(b)))
	}
	if m := maxOffsets(off, len(off), len(off), 1); m >= 0 && m > len(a)-rows {
		panic(fmt.Sprintf("kernel: Outer: offset %d and %d rows pass the end of %d values", m, rows, len(a)))
	}
	outer(c, ldc, rows, cols, a, off, b, ldb, acc)
}
