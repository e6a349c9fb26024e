//go:build amd64 && !noasm

package kernel

func affine1(dst, k0, k1, x1 []float32) {
	switch active {
	case avx512:
		affine1AVX512(dst, k0, k1, x1)
	case avx2:
		affine1AVX2(dst, k0, k1, x1)
	default:
		affine1Generic(dst, k0, k1, x1)
	}
}

func affine1ReLU(dst, k0, k1, x1 []float32) {
	switch active {
	case avx512:
		affine1ReLUAVX512(dst, k0, k1, x1)
	case avx2:
		affine1ReLUAVX2(dst, k0, k1, x1)
	default:
		affine1ReLUGeneric(dst, k0, k1, x1)
	}
}

func affine2(dst, k0, k1, x1, k2, x2 []float32) {
	switch active {
	case avx512:
		affine2AVX512(dst, k0, k1, x1, k2, x2)
	case avx2:
		affine2AVX2(dst, k0, k1, x1, k2, x2)
	default:
		affine2Generic(dst, k0, k1, x1, k2, x2)
	}
}

func addAffine2(dst, k0, k1, x1, k2, x2 []float32) {
	switch active {
	case avx512:
		addAffine2AVX512(dst, k0, k1, x1, k2, x2)
	case avx2:
		addAffine2AVX2(dst, k0, k1, x1, k2, x2)
	default:
		addAffine2Generic(dst, k0, k1, x1, k2, x2)
	}
}

func addAffine3(dst, k0, k1, x1, k2, x2, k3, x3 []float32) {
	switch active {
	case avx512:
		addAffine3AVX512(dst, k0, k1, x1, k2, x2, k3, x3)
	case avx2:
		addAffine3AVX2(dst, k0, k1, x1, k2, x2, k3, x3)
	default:
		addAffine3Generic(dst, k0, k1, x1, k2, x2, k3, x3)
	}
}

func sum(dst, x, y []float32) {
	switch active {
	case avx512:
		sumAVX512(dst, x, y)
	case avx2:
		sumAVX2(dst, x, y)
	default:
		sumGeneric(dst, x, y)
	}
}

func sumReLU(dst, x, y []float32) {
	switch active {
	case avx512:
		sumReLUAVX512(dst, x, y)
	case avx2:
		sumReLUAVX2(dst, x, y)
	default:
		sumReLUGeneric(dst, x, y)
	}
}
