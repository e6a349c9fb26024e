//go:build (!amd64 && !arm64) || noasm

package kernel

func pack(dst []float32, width int, src []float32, row, col, rows, cols int) {
	if row == 1 && cols > 0 {
		packTransposed(dst, width, src, col, rows, cols)
		return
	}
	packGeneric(dst, width, src, row, col, rows, cols)
}

func transpose(dst []float32, to int, src []float32, from, rows, cols int) {
	transposeGeneric(dst, to, src, from, rows, cols)
}

func prefetch([]float32, int, int, int) {}
