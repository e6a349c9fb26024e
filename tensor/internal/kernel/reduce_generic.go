package kernel

// dotBlocksGeneric adds x[i]·y[i] to s[i%32].
func dotBlocksGeneric(s *[lanes]float64, x, y []float32) {
	y = y[:len(x)]
	for i, v := range x {
		s[i%lanes] += float64(v) * float64(y[i])
	}
}

func colSumGeneric(dst []float64, x []float32, rows, cols int) {
	for r := range rows {
		for j, v := range x[r*cols : (r+1)*cols] {
			dst[j] += float64(v)
		}
	}
}

func colDotGeneric(dst []float64, x, y []float32, rows, cols int) {
	for r := range rows {
		u := y[r*cols : (r+1)*cols]
		for j, v := range x[r*cols : (r+1)*cols] {
			dst[j] += float64(v) * float64(u[j])
		}
	}
}
