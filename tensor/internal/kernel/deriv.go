package kernel

import "math"

// ELUDeriv is the derivative of ELU, given y = ELU(x):
//
//	for i, v := range y {
//		if dst[i] = 1; !(v > 0) {
//			dst[i] = v + 1
//		}
//	}
func ELUDeriv(dst, y []float32) {
	checkLen("ELUDeriv", len(dst), len(y))
	eluDeriv(dst, y)
}

// ELUDeriv2 is the second derivative of ELU, given y = ELU(x); at 0 that of its left side:
//
//	for i, v := range y {
//		if dst[i] = 0; !(v > 0) {
//			dst[i] = v + 1
//		}
//	}
func ELUDeriv2(dst, y []float32) {
	checkLen("ELUDeriv2", len(dst), len(y))
	eluDeriv2(dst, y)
}

// TanhDeriv is the derivative of tanh, given y = tanh(x):
//
//	for i, v := range y {
//		dst[i] = 1 - v*v
//	}
//
// with an error below 1 ulp.
func TanhDeriv(dst, y []float32) {
	checkLen("TanhDeriv", len(dst), len(y))
	tanhDeriv(dst, y)
}

// TanhDeriv2 is the second derivative of tanh, given y = tanh(x):
//
//	for i, v := range y {
//		dst[i] = -2 * v * (1 - v*v)
//	}
//
// with an error below 2 ulp.
func TanhDeriv2(dst, y []float32) {
	checkLen("TanhDeriv2", len(dst), len(y))
	tanhDeriv2(dst, y)
}

// SigmoidDeriv is the derivative of the sigmoid, given y = sigmoid(x):
//
//	for i, v := range y {
//		dst[i] = v * (1 - v)
//	}
//
// with an error below 2 ulp.
func SigmoidDeriv(dst, y []float32) {
	checkLen("SigmoidDeriv", len(dst), len(y))
	sigmoidDeriv(dst, y)
}

// SigmoidDeriv2 is the second derivative of the sigmoid, given y = sigmoid(x):
//
//	for i, v := range y {
//		dst[i] = v * (1 - v) * (1 - 2*v)
//	}
//
// with an error below 3 ulp.
func SigmoidDeriv2(dst, y []float32) {
	checkLen("SigmoidDeriv2", len(dst), len(y))
	sigmoidDeriv2(dst, y)
}

// ErfDeriv is the derivative of erf, given x:
//
//	for i, v := range x {
//		dst[i] = 2 / sqrt(π) * exp(-v*v)
//	}
//
// with an error below 3 ulp, also for subnormal results.
func ErfDeriv(dst, x []float32) {
	checkLen("ErfDeriv", len(dst), len(x))
	erfDeriv(dst, x)
}

// ErfDeriv2 is the second derivative of erf, given x:
//
//	for i, v := range x {
//		dst[i] = -4 / sqrt(π) * v * exp(-v*v)
//	}
//
// with an error below 4 ulp, counting an ulp as that of numbers of at least 2⁻¹²¹:
// beyond |v| = 9.3 the exponential is subnormal. Infinities give zero.
func ErfDeriv2(dst, x []float32) {
	checkLen("ErfDeriv2", len(dst), len(x))
	erfDeriv2(dst, x)
}

func eluDerivGeneric(dst, y []float32) {
	for i, v := range y {
		d := float32(1)
		if !(v > 0) {
			d += v
		}
		dst[i] = d
	}
}

func eluDeriv2Generic(dst, y []float32) {
	for i, v := range y {
		d := float32(0)
		if !(v > 0) {
			d = v + 1
		}
		dst[i] = d
	}
}

func tanhDerivGeneric(dst, y []float32) {
	for i, v := range y {
		dst[i] = float32(1 - float64(v)*float64(v))
	}
}

func tanhDeriv2Generic(dst, y []float32) {
	for i, v := range y {
		dst[i] = float32(-2 * float64(v) * (1 - float64(v)*float64(v)))
	}
}

func sigmoidDerivGeneric(dst, y []float32) {
	for i, v := range y {
		dst[i] = float32(float64(v) * (1 - float64(v)))
	}
}

func sigmoidDeriv2Generic(dst, y []float32) {
	for i, v := range y {
		dst[i] = float32(float64(v) * (1 - float64(v)) * (1 - 2*float64(v)))
	}
}

func erfDerivGeneric(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(erfDerivOf(float64(v)))
	}
}

func erfDeriv2Generic(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(erfDeriv2Of(float64(v)))
	}
}

// erfDerivOf is the derivative of erf.
func erfDerivOf(x float64) float64 { return 2 / math.SqrtPi * math.Exp(-x*x) }

// erfDeriv2Of is the second derivative of erf.
func erfDeriv2Of(x float64) float64 {
	if math.IsInf(x, 0) {
		return math.Copysign(0, -x)
	}
	return -2 * x * erfDerivOf(x)
}
