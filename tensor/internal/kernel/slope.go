package kernel

import "math"

// TanhSlope is the derivative of tanh where its value is y:
//
//	for i, v := range y {
//		dst[i] = 1 - v*v
//	}
//
// with an error below 1 ulp.
func TanhSlope(dst, y []float32) {
	checkLen("TanhSlope", len(dst), len(y))
	tanhSlope(dst, y)
}

// TanhBend is the second derivative of tanh where its value is y:
//
//	for i, v := range y {
//		dst[i] = -2 * v * (1 - v*v)
//	}
//
// with an error below 2 ulp.
func TanhBend(dst, y []float32) {
	checkLen("TanhBend", len(dst), len(y))
	tanhBend(dst, y)
}

// SigmoidSlope is the derivative of the sigmoid where its value is y:
//
//	for i, v := range y {
//		dst[i] = v * (1 - v)
//	}
//
// with an error below 2 ulp.
func SigmoidSlope(dst, y []float32) {
	checkLen("SigmoidSlope", len(dst), len(y))
	sigmoidSlope(dst, y)
}

// SigmoidBend is the second derivative of the sigmoid where its value is y:
//
//	for i, v := range y {
//		dst[i] = v * (1 - v) * (1 - 2*v)
//	}
//
// with an error below 3 ulp.
func SigmoidBend(dst, y []float32) {
	checkLen("SigmoidBend", len(dst), len(y))
	sigmoidBend(dst, y)
}

// ErfSlope is the derivative of erf:
//
//	for i, v := range x {
//		dst[i] = 2 / sqrt(π) * exp(-v*v)
//	}
//
// with an error below 3 ulp, also for subnormal results.
func ErfSlope(dst, x []float32) {
	checkLen("ErfSlope", len(dst), len(x))
	erfSlope(dst, x)
}

// ErfBend is the second derivative of erf:
//
//	for i, v := range x {
//		dst[i] = -4 / sqrt(π) * v * exp(-v*v)
//	}
//
// with an error below 4 ulp, where an ulp is that of numbers of at least 2⁻¹²¹:
// beyond |v| = 9.3 the exponential is subnormal. Infinities give zero.
func ErfBend(dst, x []float32) {
	checkLen("ErfBend", len(dst), len(x))
	erfBend(dst, x)
}

func tanhSlopeGeneric(dst, y []float32) {
	for i, v := range y {
		dst[i] = float32(1 - float64(v)*float64(v))
	}
}

func tanhBendGeneric(dst, y []float32) {
	for i, v := range y {
		dst[i] = float32(-2 * float64(v) * (1 - float64(v)*float64(v)))
	}
}

func sigmoidSlopeGeneric(dst, y []float32) {
	for i, v := range y {
		dst[i] = float32(float64(v) * (1 - float64(v)))
	}
}

func sigmoidBendGeneric(dst, y []float32) {
	for i, v := range y {
		dst[i] = float32(float64(v) * (1 - float64(v)) * (1 - 2*float64(v)))
	}
}

func erfSlopeGeneric(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(slopeOfErf(float64(v)))
	}
}

func erfBendGeneric(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(bendOfErf(float64(v)))
	}
}

// slopeOfErf is the derivative of erf.
func slopeOfErf(x float64) float64 { return 2 / math.SqrtPi * math.Exp(-x*x) }

// bendOfErf is the second derivative of erf.
func bendOfErf(x float64) float64 {
	if math.IsInf(x, 0) {
		return math.Copysign(0, -x)
	}
	return -2 * x * slopeOfErf(x)
}
