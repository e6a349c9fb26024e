package kernel

// lanes is the number of partial sums of Dot.
const lanes = 32

// Dot returns Σ x[i]·y[i] with products and sums in float64:
//
//	var s [32]float64
//	for i, v := range x {
//		s[i%32] += float64(v) * float64(y[i])
//	}
//	for h := 16; h > 0; h /= 2 {
//		for i := range h {
//			s[i] += s[i+h]
//		}
//	}
//	return s[0]
func Dot(x, y []float32) float64 {
	checkLen("Dot", len(x), len(y))
	var s [lanes]float64
	n := len(x) &^ (lanes - 1)
	if n > 0 {
		dotBlocks(&s, x[:n], y[:n])
	}
	dotBlocksGeneric(&s, x[n:], y[n:])
	for h := lanes / 2; h > 0; h /= 2 {
		for i := range h {
			s[i] += s[i+h]
		}
	}
	return s[0]
}

// ColSum adds the sums of the columns of a rows×cols matrix to dst:
//
//	for r := range rows {
//		for j := range cols {
//			dst[j] += float64(x[r*cols+j])
//		}
//	}
func ColSum(dst []float64, x []float32, rows, cols int) {
	checkMatrix("ColSum", len(x), rows, cols)
	checkLen("ColSum", cols, len(dst))
	colSum(dst, x, rows, cols)
}
