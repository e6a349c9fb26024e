//go:build amd64 && !noasm

package kernel

func pack(dst []float32, width int, src []float32, row, col, rows, cols int) {
	lanes := NR() / 2
	switch {
	case row == 1 && cols > 0:
		packTransposed(dst, width, src, col, rows, cols)
	case active > generic && col == 1 && cols > 0 && (width == lanes || width == 2*lanes):
		packRows(&dst[0], width/lanes, &src[0], row, rows, cols)
	default:
		packGeneric(dst, width, src, row, col, rows, cols)
	}
}

// transpose uses the assembly for whole vectors of rows and groups of four columns,
// and the twin for the rest.
func transpose(dst []float32, to int, src []float32, from, rows, cols int) {
	full, four := 0, 0
	if lanes := NR() / 2; active > generic && rows >= lanes && cols >= 4 {
		full, four = rows/lanes*lanes, cols/4*4
		for i := 0; i < full; i += lanes {
			packColumns(&dst[i], to, &src[i*from], from, four)
		}
	}
	if four < cols && full > 0 {
		transposeGeneric(dst[four*to:], to, src[four:], from, full, cols-four)
	}
	if full < rows {
		transposeGeneric(dst[full:], to, src[full*from:], from, rows-full, cols)
	}
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
