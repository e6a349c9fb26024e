package kernel

// colMomentsGeneric adds Σx and Σx·d, with d = y − y[0], for the columns that begin
// with first.
func colMomentsGeneric(sum, dot []float64, x, y []float32, rows, cols, first int) {
	for r := range rows {
		for j := first; j < cols; j++ {
			v, d := float64(x[r*cols+j]), float64(y[r*cols+j])-float64(y[j])
			sum[j] += v
			dot[j] += v * d
		}
	}
}

// colSquaresGeneric adds Σd and Σd², with d = x − x[0], for the columns that begin with
// first.
func colSquaresGeneric(sum, dot []float64, x []float32, rows, cols, first int) {
	for r := range rows {
		for j := first; j < cols; j++ {
			d := float64(x[r*cols+j]) - float64(x[j])
			sum[j] += d
			dot[j] += d * d
		}
	}
}
