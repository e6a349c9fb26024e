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

func addRowGeneric(dst []float32, rows, cols int, b []float32) {
	for r := range rows {
		addGeneric(dst[r*cols:(r+1)*cols], b)
	}
}
