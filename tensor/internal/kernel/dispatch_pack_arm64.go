//go:build arm64 && !noasm

package kernel

func pack(dst []float32, width int, src []float32, row, col, rows, cols int) {
	lanes := NR() / 2
	switch {
	case row == 1 && cols > 0:
		packTransposed(dst, width, src, col, rows, cols)
	case active == neon && col == 1 && cols == width && (width == lanes || width == 2*lanes):
		packRowsNEON(&dst[0], width/lanes, &src[0], row, rows)
	default:
		packGeneric(dst, width, src, row, col, rows, cols)
	}
}

// transpose uses the assembly for groups of four rows and four columns, and the twin for
// the rest.
func transpose(dst []float32, to int, src []float32, from, rows, cols int) {
	full, four := 0, 0
	if active == neon && rows >= 4 && cols >= 4 {
		full, four = rows/4*4, cols/4*4
		for i := 0; i < full; i += 4 {
			packColumnsNEON(&dst[i], to, &src[i*from], from, four)
		}
	}
	if four < cols && full > 0 {
		transposeGeneric(dst[four*to:], to, src[four:], from, full, cols-four)
	}
	if full < rows {
		transposeGeneric(dst[full:], to, src[full*from:], from, rows-full, cols)
	}
}

func prefetch(x []float32, stride, rows, cols int) {
	if active == neon {
		prefetchNEON(&x[0], stride, rows, 4*cols)
	}
}
