//go:build amd64 && !noasm

package kernel

func tanhSlope(dst, y []float32) {
	switch active {
	case avx512:
		tanhSlopeAVX512(dst, y)
	case avx2:
		tanhSlopeAVX2(dst, y)
	default:
		tanhSlopeGeneric(dst, y)
	}
}

func tanhBend(dst, y []float32) {
	switch active {
	case avx512:
		tanhBendAVX512(dst, y)
	case avx2:
		tanhBendAVX2(dst, y)
	default:
		tanhBendGeneric(dst, y)
	}
}

func erfSlope(dst, x []float32) {
	switch active {
	case avx512:
		erfSlopeAVX512(dst, x)
	case avx2:
		erfSlopeAVX2(dst, x)
	default:
		erfSlopeGeneric(dst, x)
	}
}

func erfBend(dst, x []float32) {
	switch active {
	case avx512:
		erfBendAVX512(dst, x)
	case avx2:
		erfBendAVX2(dst, x)
	default:
		erfBendGeneric(dst, x)
	}
}

func sigmoidSlope(dst, y []float32) {
	switch active {
	case avx512:
		sigmoidSlopeAVX512(dst, y)
	case avx2:
		sigmoidSlopeAVX2(dst, y)
	default:
		sigmoidSlopeGeneric(dst, y)
	}
}

func sigmoidBend(dst, y []float32) {
	switch active {
	case avx512:
		sigmoidBendAVX512(dst, y)
	case avx2:
		sigmoidBendAVX2(dst, y)
	default:
		sigmoidBendGeneric(dst, y)
	}
}
