//go:build amd64 && !noasm

package kernel

func eluDeriv(dst, y []float32) {
	switch active {
	case avx512:
		eluDerivAVX512(dst, y)
	case avx2:
		eluDerivAVX2(dst, y)
	default:
		eluDerivGeneric(dst, y)
	}
}

func eluDeriv2(dst, y []float32) {
	switch active {
	case avx512:
		eluDeriv2AVX512(dst, y)
	case avx2:
		eluDeriv2AVX2(dst, y)
	default:
		eluDeriv2Generic(dst, y)
	}
}

func tanhDeriv(dst, y []float32) {
	switch active {
	case avx512:
		tanhDerivAVX512(dst, y)
	case avx2:
		tanhDerivAVX2(dst, y)
	default:
		tanhDerivGeneric(dst, y)
	}
}

func tanhDeriv2(dst, y []float32) {
	switch active {
	case avx512:
		tanhDeriv2AVX512(dst, y)
	case avx2:
		tanhDeriv2AVX2(dst, y)
	default:
		tanhDeriv2Generic(dst, y)
	}
}

func erfDeriv(dst, x []float32) {
	switch active {
	case avx512:
		erfDerivAVX512(dst, x)
	case avx2:
		erfDerivAVX2(dst, x)
	default:
		erfDerivGeneric(dst, x)
	}
}

func erfDeriv2(dst, x []float32) {
	switch active {
	case avx512:
		erfDeriv2AVX512(dst, x)
	case avx2:
		erfDeriv2AVX2(dst, x)
	default:
		erfDeriv2Generic(dst, x)
	}
}

func sigmoidDeriv(dst, y []float32) {
	switch active {
	case avx512:
		sigmoidDerivAVX512(dst, y)
	case avx2:
		sigmoidDerivAVX2(dst, y)
	default:
		sigmoidDerivGeneric(dst, y)
	}
}

func sigmoidDeriv2(dst, y []float32) {
	switch active {
	case avx512:
		sigmoidDeriv2AVX512(dst, y)
	case avx2:
		sigmoidDeriv2AVX2(dst, y)
	default:
		sigmoidDeriv2Generic(dst, y)
	}
}
