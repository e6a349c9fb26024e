//go:build (!amd64 && !arm64) || noasm

package kernel

func stack(_ []float32, _, _ int, _ []float32, _, _ int, _ []float32, _ int, _ bool) int { return 0 }

func outerRows(c []float32, ldc, rows, cols int, a []float32, lda, n int, b []float32, ldb int, acc bool) {
	outerRowsGeneric(c, ldc, rows, cols, a, lda, n, b, ldb, acc)
}
