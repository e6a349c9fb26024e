package kernel

// Affine1 is
//
//	for i := range dst {
//		dst[i] = k0[i] + k1[i]*x1[i]
//	}
//
// It and its variants round once for each product and sum in the assembly.
func Affine1(dst, k0, k1, x1 []float32) {
	checkLens("Affine1", dst, k0, k1, x1)
	affine1(dst, k0, k1, x1)
}

// Affine1ReLU is Affine1, then ReLU.
func Affine1ReLU(dst, k0, k1, x1 []float32) {
	checkLens("Affine1ReLU", dst, k0, k1, x1)
	affine1ReLU(dst, k0, k1, x1)
}

// Affine2 is
//
//	for i := range dst {
//		dst[i] = k0[i] + k1[i]*x1[i] + k2[i]*x2[i]
//	}
func Affine2(dst, k0, k1, x1, k2, x2 []float32) {
	checkLens("Affine2", dst, k0, k1, x1)
	checkLens("Affine2", dst, k2, x2, dst)
	affine2(dst, k0, k1, x1, k2, x2)
}

// AddAffine2 is
//
//	for i := range dst {
//		dst[i] = dst[i] + k0[i] + k1[i]*x1[i] + k2[i]*x2[i]
//	}
func AddAffine2(dst, k0, k1, x1, k2, x2 []float32) {
	checkLens("AddAffine2", dst, k0, k1, x1)
	checkLens("AddAffine2", dst, k2, x2, dst)
	addAffine2(dst, k0, k1, x1, k2, x2)
}

// AddAffine3 is
//
//	for i := range dst {
//		dst[i] = dst[i] + k0[i] + k1[i]*x1[i] + k2[i]*x2[i] + k3[i]*x3[i]
//	}
func AddAffine3(dst, k0, k1, x1, k2, x2, k3, x3 []float32) {
	checkLens("AddAffine3", dst, k0, k1, x1)
	checkLens("AddAffine3", k2, x2, k3, x3)
	checkLen("AddAffine3", len(dst), len(k2))
	addAffine3(dst, k0, k1, x1, k2, x2, k3, x3)
}

// Sum is
//
//	for i := range dst {
//		dst[i] = x[i] + y[i]
//	}
func Sum(dst, x, y []float32) {
	checkLens("Sum", dst, x, y, dst)
	sum(dst, x, y)
}

// SumReLU is Sum, then ReLU.
func SumReLU(dst, x, y []float32) {
	checkLens("SumReLU", dst, x, y, dst)
	sumReLU(dst, x, y)
}

// checkLens panics unless four slices have equal lengths.
func checkLens(name string, x, a, b, c []float32) {
	checkLen(name, len(x), len(a))
	checkLen(name, len(x), len(b))
	checkLen(name, len(x), len(c))
}
