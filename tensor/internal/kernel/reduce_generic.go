package kernel

// dotBlocksGeneric adds x[i]·y[i] to s[i%32].
func dotBlocksGeneric(s *[lanes]float64, x, y []float32) {
	y = y[:len(x)]
	for i, v := range x {
		s[i%lanes] += float64(v) * float64(y[i])
	}
}

// colSumGeneric is the twin of ColSum for the columns that begin with first.
func colSumGeneric(dst []float64, x []float32, rows, cols, first int) {
	for r := range rows {
		for j, v := range x[r*cols+first : (r+1)*cols] {
			dst[first+j] += float64(v)
		}
	}
}
