//go:build arm64 && !noasm

package kernel

func eluDeriv(dst, y []float32) {
	if active == neon {
		eluDerivNEON(dst, y)
		return
	}
	eluDerivGeneric(dst, y)
}

func eluDeriv2(dst, y []float32) {
	if active == neon {
		eluDeriv2NEON(dst, y)
		return
	}
	eluDeriv2Generic(dst, y)
}

func tanhDeriv(dst, y []float32) {
	if active == neon {
		tanhDerivNEON(dst, y)
		return
	}
	tanhDerivGeneric(dst, y)
}

func tanhDeriv2(dst, y []float32) {
	if active == neon {
		tanhDeriv2NEON(dst, y)
		return
	}
	tanhDeriv2Generic(dst, y)
}

func sigmoidDeriv(dst, y []float32) {
	if active == neon {
		sigmoidDerivNEON(dst, y)
		return
	}
	sigmoidDerivGeneric(dst, y)
}

func sigmoidDeriv2(dst, y []float32) {
	if active == neon {
		sigmoidDeriv2NEON(dst, y)
		return
	}
	sigmoidDeriv2Generic(dst, y)
}

func erfDeriv(dst, x []float32) {
	if active == neon {
		erfDerivNEON(dst, x)
		return
	}
	erfDerivGeneric(dst, x)
}

func erfDeriv2(dst, x []float32) {
	if active == neon {
		erfDeriv2NEON(dst, x)
		return
	}
	erfDeriv2Generic(dst, x)
}
