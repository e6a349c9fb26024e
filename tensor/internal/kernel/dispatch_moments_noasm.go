//go:build (!amd64 && !arm64) || noasm

package kernel

func colMoments(sum, dot []float64, x, y []float32, rows, cols int) {
	colMomentsGeneric(sum, dot, x, y, rows, cols, 0)
}

func colSquares(sum, dot []float64, x []float32, rows, cols int) {
	colSquaresGeneric(sum, dot, x, rows, cols, 0)
}
