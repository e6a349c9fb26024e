//go:build amd64 && !noasm

package kernel

// stack computes the rows of Rows that fill tiles, all columns of the panel, and
// returns how many there are.
func stack(c []float32, ldc, rows int, a []float32, lda, depth int, b []float32, ldb int, acc bool) int {
	wide := ldb == NR()
	height := MR()
	if !wide {
		height *= 2
	}
	tiles := rows / height
	if tiles == 0 {
		return 0
	}
	switch {
	case active == avx512 && wide:
		rows2AVX512(&c[0], ldc, tiles, &a[0], lda, depth, &b[0], acc)
	case active == avx512:
		rows1AVX512(&c[0], ldc, tiles, &a[0], lda, depth, &b[0], acc)
	case active == avx2 && wide:
		rows2AVX2(&c[0], ldc, tiles, &a[0], lda, depth, &b[0], acc)
	case active == avx2:
		rows1AVX2(&c[0], ldc, tiles, &a[0], lda, depth, &b[0], acc)
	default:
		return 0
	}
	return tiles * height
}

func outerRows(c []float32, ldc, rows, cols int, a []float32, lda, n int, b []float32, ldb int, acc bool) {
	switch active {
	case avx512:
		outerRowsAVX512(&c[0], ldc, rows, cols, &a[0], lda, n, &b[0], ldb, acc)
	case avx2:
		outerRowsAVX2(&c[0], ldc, rows, cols, &a[0], lda, n, &b[0], ldb, acc)
	default:
		outerRowsGeneric(c, ldc, rows, cols, a, lda, n, b, ldb, acc)
	}
}
