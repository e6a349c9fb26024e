//go:build arm64 && !noasm

package kernel

func affine1(dst, k0, k1, x1 []float32) {
	if active == neon {
		affine1NEON(dst, k0, k1, x1)
		return
	}
	affine1Generic(dst, k0, k1, x1)
}

func affine1ReLU(dst, k0, k1, x1 []float32) {
	if active == neon {
		affine1ReLUNEON(dst, k0, k1, x1)
		return
	}
	affine1ReLUGeneric(dst, k0, k1, x1)
}

func affine2(dst, k0, k1, x1, k2, x2 []float32) {
	if active == neon {
		affine2NEON(dst, k0, k1, x1, k2, x2)
		return
	}
	affine2Generic(dst, k0, k1, x1, k2, x2)
}

func addAffine2(dst, k0, k1, x1, k2, x2 []float32) {
	if active == neon {
		addAffine2NEON(dst, k0, k1, x1, k2, x2)
		return
	}
	addAffine2Generic(dst, k0, k1, x1, k2, x2)
}

func addAffine3(dst, k0, k1, x1, k2, x2, k3, x3 []float32) {
	if active == neon {
		addAffine3NEON(dst, k0, k1, x1, k2, x2, k3, x3)
		return
	}
	addAffine3Generic(dst, k0, k1, x1, k2, x2, k3, x3)
}

func sum(dst, x, y []float32) {
	if active == neon {
		sumNEON(dst, x, y)
		return
	}
	sumGeneric(dst, x, y)
}

func sumReLU(dst, x, y []float32) {
	if active == neon {
		sumReLUNEON(dst, x, y)
		return
	}
	sumReLUGeneric(dst, x, y)
}
