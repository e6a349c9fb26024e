package kernel

import "math"

// Exp is
//
//	for i, v := range x {
//		dst[i] = exp(v)
//	}
//
// with an error below 1 ulp, also for subnormal results. Infinities and NaN
// are as in math.Exp.
func Exp(dst, x []float32) {
	checkLen("Exp", len(dst), len(x))
	exp(dst, x)
}

// ELU is
//
//	for i, v := range x {
//		if dst[i] = v; !(v > 0) {
//			dst[i] = exp(v) - 1
//		}
//	}
//
// with an error below 1 ulp, also near 0. Infinities, zeros and NaN are as in math.Expm1.
func ELU(dst, x []float32) {
	checkLen("ELU", len(dst), len(x))
	elu(dst, x)
}

// Tanh is
//
//	for i, v := range x {
//		dst[i] = tanh(v)
//	}
//
// with an error below 2 ulp. Infinities, zeros and NaN are as in math.Tanh.
func Tanh(dst, x []float32) {
	checkLen("Tanh", len(dst), len(x))
	tanh(dst, x)
}

// Sigmoid is
//
//	for i, v := range x {
//		dst[i] = 1 / (1 + exp(-v))
//	}
//
// with an error below 3 ulp, also for subnormal results. A NaN stays a NaN.
func Sigmoid(dst, x []float32) {
	checkLen("Sigmoid", len(dst), len(x))
	sigmoid(dst, x)
}

// Erf is
//
//	for i, v := range x {
//		dst[i] = erf(v)
//	}
//
// with an error below 2 ulp. Infinities, zeros and NaN are as in math.Erf.
func Erf(dst, x []float32) {
	checkLen("Erf", len(dst), len(x))
	erf(dst, x)
}

func expGeneric(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Exp(float64(v)))
	}
}

func eluGeneric(dst, x []float32) {
	for i, v := range x {
		if !(v > 0) {
			v = float32(math.Expm1(float64(v)))
		}
		dst[i] = v
	}
}

func tanhGeneric(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Tanh(float64(v)))
	}
}

func sigmoidGeneric(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(1 / (1 + math.Exp(-float64(v))))
	}
}

func erfGeneric(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Erf(float64(v)))
	}
}
