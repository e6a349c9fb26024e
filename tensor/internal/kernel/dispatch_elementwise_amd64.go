//go:build amd64 && !noasm

package kernel

func relu(dst, x []float32) {
	switch active {
	case avx512:
		reluAVX512(dst, x)
	case avx2:
		reluAVX2(dst, x)
	default:
		reluGeneric(dst, x)
	}
}

func mask(dst, y, g []float32) {
	switch active {
	case avx512:
		maskAVX512(dst, y, g)
	case avx2:
		maskAVX2(dst, y, g)
	default:
		maskGeneric(dst, y, g)
	}
}

func add(dst, x []float32) {
	switch active {
	case avx512:
		addAVX512(dst, x)
	case avx2:
		addAVX2(dst, x)
	default:
		addGeneric(dst, x)
	}
}

func axpy(dst []float32, a float32, x []float32) {
	switch active {
	case avx512:
		axpyAVX512(dst, a, x)
	case avx2:
		axpyAVX2(dst, a, x)
	default:
		axpyGeneric(dst, a, x)
	}
}

func scale(dst []float32, a float32) {
	switch active {
	case avx512:
		scaleAVX512(dst, a)
	case avx2:
		scaleAVX2(dst, a)
	default:
		scaleGeneric(dst, a)
	}
}

func mul(dst, x, y []float32) {
	switch active {
	case avx512:
		mulAVX512(dst, x, y)
	case avx2:
		mulAVX2(dst, x, y)
	default:
		mulGeneric(dst, x, y)
	}
}

func mulAdd(dst, x, y []float32) {
	switch active {
	case avx512:
		mulAddAVX512(dst, x, y)
	case avx2:
		mulAddAVX2(dst, x, y)
	default:
		mulAddGeneric(dst, x, y)
	}
}

func addRow(dst []float32, rows, cols int, b []float32) {
	switch {
	case active == generic || rows == 0 || cols == 0:
		addRowGeneric(dst, rows, cols, b)
	case active == avx512:
		addRowAVX512(&dst[0], rows, cols, &b[0])
	default:
		addRowAVX2(&dst[0], rows, cols, &b[0])
	}
}

func dotBlocks(s *[lanes]float64, x, y []float32) {
	switch active {
	case avx512:
		dotBlocksAVX512(s, x, y)
	case avx2:
		dotBlocksAVX2(s, x, y)
	default:
		dotBlocksGeneric(s, x, y)
	}
}

func colSum(dst []float64, x []float32, rows, cols int) {
	n := 0
	switch {
	case rows == 0:
	case active == avx512:
		if n = cols &^ 31; n > 0 {
			colSumAVX512(&dst[0], &x[0], rows, n, cols)
		}
	case active == avx2:
		if n = cols &^ 15; n > 0 {
			colSumAVX2(&dst[0], &x[0], rows, n, cols)
		}
	}
	if n < cols {
		colSumGeneric(dst, x, rows, cols, n)
	}
}

func exp(dst, x []float32) {
	switch active {
	case avx512:
		expAVX512(dst, x)
	case avx2:
		expAVX2(dst, x)
	default:
		expGeneric(dst, x)
	}
}

func elu(dst, x []float32) {
	switch active {
	case avx512:
		eluAVX512(dst, x)
	case avx2:
		eluAVX2(dst, x)
	default:
		eluGeneric(dst, x)
	}
}

func tanh(dst, x []float32) {
	switch active {
	case avx512:
		tanhAVX512(dst, x)
	case avx2:
		tanhAVX2(dst, x)
	default:
		tanhGeneric(dst, x)
	}
}

func erf(dst, x []float32) {
	switch active {
	case avx512:
		erfAVX512(dst, x)
	case avx2:
		erfAVX2(dst, x)
	default:
		erfGeneric(dst, x)
	}
}

func sigmoid(dst, x []float32) {
	switch active {
	case avx512:
		sigmoidAVX512(dst, x)
	case avx2:
		sigmoidAVX2(dst, x)
	default:
		sigmoidGeneric(dst, x)
	}
}
