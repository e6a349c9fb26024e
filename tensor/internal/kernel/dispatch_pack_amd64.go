//go:build amd64 && !noasm

package kernel

func pack(dst []float32, width int, src []float32, row, col, rows, cols int) {
	lanes := NR() / 2
	switch {
	case active == generic || cols == 0:
		packGeneric(dst, width, src, row, col, 0, rows, 0, width, cols)
	case col == 1 && (width == lanes || width == 2*lanes):
		packRows(&dst[0], width/lanes, &src[0], row, rows, cols)
	case row == 1:
		packTransposed(dst, width, src, col, rows, cols, lanes)
	default:
		packGeneric(dst, width, src, row, col, 0, rows, 0, width, cols)
	}
}

// packTransposed leaves to the twin what is not whole vectors of columns and
// four rows.
func packTransposed(dst []float32, width int, src []float32, col, rows, cols, lanes int) {
	full, four := cols/lanes*lanes, rows/4*4
	for j := 0; j < full && four > 0; j += lanes {
		packColumns(&dst[j], width, &src[j*col], col, four)
	}
	packGeneric(dst, width, src, 1, col, four, rows, 0, full, cols)
	packGeneric(dst, width, src, 1, col, 0, rows, full, width, cols)
}

func packRows(dst *float32, vecs int, src *float32, stride, rows, cols int) {
	if active == avx512 {
		packRowsAVX512(dst, vecs, src, stride, rows, cols)
		return
	}
	packRowsAVX2(dst, vecs, src, stride, rows, cols)
}

func packColumns(dst *float32, width int, src *float32, stride, depth int) {
	if active == avx512 {
		packColumnsAVX512(dst, width, src, stride, depth)
		return
	}
	packColumnsAVX2(dst, width, src, stride, depth)
}

func prefetch(x []float32, stride, rows, cols int) {
	switch active {
	case avx512:
		prefetchAVX512(&x[0], stride, rows, 4*cols)
	case avx2:
		prefetchAVX2(&x[0], stride, rows, 4*cols)
	}
}
