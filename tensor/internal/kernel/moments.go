package kernel

// ColMoments adds the column sums of a rows×cols matrix to sum, and the inner
// products of its columns with those of another to dot:
//
//	for r := range rows {
//		for j := range cols {
//			sum[j] += float64(x[r*cols+j])
//			dot[j] += float64(x[r*cols+j]) * float64(y[r*cols+j])
//		}
//	}
//
// The assembly sums x and x·d, with d = y − y[0] for y's first row, eight rows at a
// time in float32 and these sums in float64. The errors of sum and of dot − y[0]·sum
// are at most 5e-7 of Σ|x| and Σ|x·d|, so that moments about a mean are accurate
// whatever the mean. The products must not overflow.
func ColMoments(sum, dot []float64, x, y []float32, rows, cols int) {
	checkMatrix("ColMoments", len(x), rows, cols)
	checkMatrix("ColMoments", len(y), rows, cols)
	checkLen("ColMoments", cols, len(sum))
	checkLen("ColMoments", cols, len(dot))
	if rows == 0 {
		return
	}
	// Σx·y = Σx·d + y[0]·Σx
	first := y[:cols]
	for j, v := range first {
		dot[j] -= float64(v) * sum[j]
	}
	colMoments(sum, dot, x, y, rows, cols)
	for j, v := range first {
		dot[j] += float64(v) * sum[j]
	}
}

// ColSquares is ColMoments with y = x. The errors of sum and of dot − 2x[0]·sum are at
// most 5e-7 of Σ|d| and Σd², with d = x − x[0]: columns of equal values are exact up to
// the rounding of float64.
func ColSquares(sum, dot []float64, x []float32, rows, cols int) {
	checkMatrix("ColSquares", len(x), rows, cols)
	checkLen("ColSquares", cols, len(sum))
	checkLen("ColSquares", cols, len(dot))
	if rows == 0 {
		return
	}
	// Σx = Σd + n·x[0], Σx² = Σd² + 2x[0]·Σd + n·x[0]²
	n := float64(rows)
	for j, v := range x[:cols] {
		dot[j] -= 2 * float64(v) * sum[j]
	}
	colSquares(sum, dot, x, rows, cols)
	for j, v := range x[:cols] {
		f := float64(v)
		dot[j] += 2*f*sum[j] + n*f*f
		sum[j] += n * f
	}
}
