//go:build arm64 && !noasm

package kernel

// momentColumns returns how many columns the assembly does: the same as on amd64, since the
// twins round differently.
func momentColumns(cols int) int {
	if active == generic {
		return 0
	}
	return cols &^ 15
}

func colMoments(sum, dot []float64, x, y []float32, rows, cols int) {
	n := momentColumns(cols)
	if n > 0 {
		colMomentsNEON(&sum[0], &dot[0], &x[0], &y[0], rows, n, cols)
	}
	if n < cols {
		colMomentsGeneric(sum, dot, x, y, rows, cols, n)
	}
}

func colSquares(sum, dot []float64, x []float32, rows, cols int) {
	n := momentColumns(cols)
	if n > 0 {
		colSquaresNEON(&sum[0], &dot[0], &x[0], rows, n, cols)
	}
	if n < cols {
		colSquaresGeneric(sum, dot, x, rows, cols, n)
	}
}
