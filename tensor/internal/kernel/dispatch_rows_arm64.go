//go:build arm64 && !noasm

package kernel

// stack computes the rows of Rows that fill tiles, all columns of the panel, and
// returns how many there are.
func stack(c []float32, ldc, rows int, a []float32, lda, depth int, b []float32, ldb int, acc bool) int {
	if active == generic {
		return 0
	}
	wide := ldb == NR()
	height := MR()
	if !wide {
		height *= 2
	}
	tiles := rows / height
	switch {
	case tiles == 0:
		return 0
	case wide:
		rows2NEON(&c[0], ldc, tiles, &a[0], lda, depth, &b[0], acc)
	default:
		rows1NEON(&c[0], ldc, tiles, &a[0], lda, depth, &b[0], acc)
	}
	return tiles * height
}

func outerRows(c []float32, ldc, rows, cols int, a []float32, lda, n int, b []float32, ldb int, acc bool) {
	switch {
	case active == generic:
		outerRowsGeneric(c, ldc, rows, cols, a, lda, n, b, ldb, acc)
	case cols%4 == 0:
		outerRowsNEON(&c[0], ldc, rows, cols, &a[0], lda, n, &b[0], ldb, acc)
	default:
		var e partial
		width := (cols + 3) &^ 3
		e.load(c, ldc, rows, cols, width, acc)
		for p := 0; p < n; p += partialRows {
			m := min(partialRows, n-p)
			e.loadB(b[p*ldb:], ldb, m, cols, width)
			outerRowsNEON(&e.c[0], width, rows, width, &a[p*lda], lda, m, &e.b[0], width, true)
		}
		e.store(c, ldc, rows, cols, width)
	}
}
