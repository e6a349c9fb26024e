package kernel

import "fmt"

// Rows computes c = a·b for any number of rows of a, lda apart, with the tiles of
// Gather:
//
//	for r := range rows {
//		for j := range cols {
//			s := 0
//			if acc {
//				s = c[r*ldc+j]
//			}
//			for k := range depth {
//				s += a[r*lda+k] * b[k*ldb+j]
//			}
//			c[r*ldc+j] = s
//		}
//	}
//
// The panel b and its width ldb are as in Gather. At a depth of 100 or more it prefetches
// the next rows of c.
func Rows(c []float32, ldc, rows, cols int, a []float32, lda, depth int, b []float32, ldb int, acc bool) {
	if rows <= 0 || cols <= 0 || depth < 0 || lda < 0 || lda > MaxDistance || len(a) < (rows-1)*lda+depth {
		panic(fmt.Sprintf("kernel: Rows: %d×%d values of depth %d, row stride %d, in %d values", rows, cols, depth, lda, len(a)))
	}
	checkTile("Rows", len(c), ldc, rows, cols)
	if nr := NR(); ldb != nr && ldb != nr/2 || cols > ldb || len(b) < depth*ldb {
		panic(fmt.Sprintf("kernel: Rows: %d columns in a panel of width %d, %d values", cols, ldb, len(b)))
	}
	if depth == 0 {
		if !acc {
			clearTile(c, ldc, rows, cols)
		}
		return
	}
	first := 0
	if cols == ldb {
		first = stack(c, ldc, rows, a, lda, depth, b, ldb, acc)
	}
	if first == rows {
		return
	}
	var off [maxTile]int32
	mr := MR()
	for r := range mr {
		off[r] = int32(r * lda)
	}
	for r := first; r < rows; r += mr {
		gather(c[r*ldc:], ldc, min(mr, rows-r), cols, a[r*lda:], off[:], 1, depth, b, ldb, acc)
	}
}

// MaxDistance is the largest distance between rows for which the offsets of a tile's rows
// fit in 32 bits.
const MaxDistance = 1 << 27

// maxTile is the largest MR().
const maxTile = 12

// OuterRows is Outer for n rows of a at a constant distance: off[p] is p·lda.
func OuterRows(c []float32, ldc, rows, cols int, a []float32, lda, n int, b []float32, ldb int, acc bool) {
	if rows <= 0 || rows > MR() || cols <= 0 || cols > NR() || n <= 0 || lda < 0 || lda > MaxDistance {
		panic(fmt.Sprintf("kernel: OuterRows: %d×%d tile of %d rows %d apart (tile of %s is %d×%d)", rows, cols, n, lda, ISA(), MR(), NR()))
	}
	checkTile("OuterRows", len(c), ldc, rows, cols)
	if len(a) < (n-1)*lda+rows || ldb < cols || len(b) < (n-1)*ldb+cols {
		panic(fmt.Sprintf("kernel: OuterRows: %d rows of %d and %d values, row strides %d and %d, in %d and %d values", n, rows, cols, lda, ldb, len(a), len(b)))
	}
	outerRows(c, ldc, rows, cols, a, lda, n, b, ldb, acc)
}

// outerRowsGeneric is the twin of OuterRows.
func outerRowsGeneric(c []float32, ldc, rows, cols int, a []float32, lda, n int, b []float32, ldb int, acc bool) {
	var off [16]int32
	for p := range off {
		off[p] = int32(p * lda)
	}
	for p := 0; p < n; p += len(off) {
		outerGeneric(c, ldc, rows, cols, a[p*lda:], off[:min(len(off), n-p)], b[p*ldb:], ldb, acc || p > 0)
	}
}
