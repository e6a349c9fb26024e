package kernel

func reluGeneric(dst, x []float32) {
	dst = dst[:len(x)]
	for i, v := range x {
		if v < 0 {
			v = 0
		}
		dst[i] = v
	}
}

func maskGeneric(dst, y, g []float32) {
	dst, g = dst[:len(y)], g[:len(y)]
	for i, v := range y {
		u := g[i]
		if !(v > 0) {
			u = 0
		}
		dst[i] = u
	}
}

func addGeneric(dst, x []float32) {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] += v
	}
}

func axpyGeneric(dst []float32, a float32, x []float32) {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] += a * v
	}
}

func scaleGeneric(dst []float32, a float32) {
	for i := range dst {
		dst[i] *= a
	}
}

func mulGeneric(dst, x, y []float32) {
	dst, y = dst[:len(x)], y[:len(x)]
	for i, v := range x {
		dst[i] = v * y[i]
	}
}

func mulAddGeneric(dst, x, y []float32) {
	dst, y = dst[:len(x)], y[:len(x)]
	for i, v := range x {
		dst[i] += v * y[i]
	}
}

func max4Generic(dst []float32, idx []uint8, a, b, c, d []float32) {
	n := len(dst)
	idx, a, b, c, d = idx[:n], a[:n], b[:n], c[:n], d[:n]
	for i := range dst {
		m, k := a[i], uint8(0)
		if v := b[i]; beats(v, m) {
			m, k = v, 1
		}
		if v := c[i]; beats(v, m) {
			m, k = v, 2
		}
		if v := d[i]; beats(v, m) {
			m, k = v, 3
		}
		dst[i], idx[i] = m, k
	}
}

// beats reports whether v replaces the maximum m: it is greater, or the first
// NaN.
func beats(v, m float32) bool { return !(v <= m) && m == m }

func addRowGeneric(dst []float32, rows, cols int, b []float32) {
	for r := range rows {
		addGeneric(dst[r*cols:(r+1)*cols], b)
	}
}
