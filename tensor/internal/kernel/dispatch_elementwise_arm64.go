//go:build arm64 && !noasm

package kernel

func relu(dst, x []float32) {
	if active == neon {
		reluNEON(dst, x)
		return
	}
	reluGeneric(dst, x)
}

func mask(dst, y, g []float32) {
	if active == neon {
		maskNEON(dst, y, g)
		return
	}
	maskGeneric(dst, y, g)
}

func add(dst, x []float32) {
	if active == neon {
		addNEON(dst, x)
		return
	}
	addGeneric(dst, x)
}

func axpy(dst []float32, a float32, x []float32) {
	if active == neon {
		axpyNEON(dst, a, x)
		return
	}
	axpyGeneric(dst, a, x)
}

func scale(dst []float32, a float32) {
	if active == neon {
		scaleNEON(dst, a)
		return
	}
	scaleGeneric(dst, a)
}

func mul(dst, x, y []float32) {
	if active == neon {
		mulNEON(dst, x, y)
		return
	}
	mulGeneric(dst, x, y)
}

func mulAdd(dst, x, y []float32) {
	if active == neon {
		mulAddNEON(dst, x, y)
		return
	}
	mulAddGeneric(dst, x, y)
}

func addRow(dst []float32, rows, cols int, b []float32) {
	if active == generic || rows == 0 || cols == 0 {
		addRowGeneric(dst, rows, cols, b)
		return
	}
	addRowNEON(&dst[0], rows, cols, &b[0])
}

func dotBlocks(s *[lanes]float64, x, y []float32) {
	if active == neon {
		dotBlocksNEON(s, x, y)
		return
	}
	dotBlocksGeneric(s, x, y)
}

func colSum(dst []float64, x []float32, rows, cols int) {
	n := momentColumns(cols)
	if rows > 0 && n > 0 {
		colSumNEON(&dst[0], &x[0], rows, n, cols)
	}
	if n < cols {
		colSumGeneric(dst, x, rows, cols, n)
	}
}

func exp(dst, x []float32) {
	if active == neon {
		expNEON(dst, x)
		return
	}
	expGeneric(dst, x)
}

func elu(dst, x []float32) {
	if active == neon {
		eluNEON(dst, x)
		return
	}
	eluGeneric(dst, x)
}

func tanh(dst, x []float32) {
	if active == neon {
		tanhNEON(dst, x)
		return
	}
	tanhGeneric(dst, x)
}

func erf(dst, x []float32) {
	if active == neon {
		erfNEON(dst, x)
		return
	}
	erfGeneric(dst, x)
}

func sigmoid(dst, x []float32) {
	if active == neon {
		sigmoidNEON(dst, x)
		return
	}
	sigmoidGeneric(dst, x)
}
