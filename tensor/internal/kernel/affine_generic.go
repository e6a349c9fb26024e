package kernel

func affine1Generic(dst, k0, k1, x1 []float32) {
	for i, v := range x1 {
		dst[i] = k0[i] + k1[i]*v
	}
}

func affine1ReLUGeneric(dst, k0, k1, x1 []float32) {
	affine1Generic(dst, k0, k1, x1)
	reluGeneric(dst, dst)
}

func affine2Generic(dst, k0, k1, x1, k2, x2 []float32) {
	for i := range dst {
		dst[i] = k0[i] + k1[i]*x1[i] + k2[i]*x2[i]
	}
}

func addAffine2Generic(dst, k0, k1, x1, k2, x2 []float32) {
	for i := range dst {
		dst[i] = dst[i] + k0[i] + k1[i]*x1[i] + k2[i]*x2[i]
	}
}

func addAffine3Generic(dst, k0, k1, x1, k2, x2, k3, x3 []float32) {
	for i := range dst {
		dst[i] = dst[i] + k0[i] + k1[i]*x1[i] + k2[i]*x2[i] + k3[i]*x3[i]
	}
}

func sumGeneric(dst, x, y []float32) {
	for i, v := range x {
		dst[i] = v + y[i]
	}
}

func sumReLUGeneric(dst, x, y []float32) {
	sumGeneric(dst, x, y)
	reluGeneric(dst, dst)
}
