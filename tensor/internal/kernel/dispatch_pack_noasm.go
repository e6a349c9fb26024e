//go:build !amd64 || noasm

package kernel

func pack(dst []float32, width int, src []float32, row, col, rows, cols int) {
	packGeneric(dst, width, src, row, col, 0, rows, 0, width, cols)
}

func prefetch([]float32, int, int, int) {}
