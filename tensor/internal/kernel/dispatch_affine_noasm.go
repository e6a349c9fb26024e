//go:build (!amd64 && !arm64) || noasm

package kernel

func affine1(dst, k0, k1, x1 []float32)            { affine1Generic(dst, k0, k1, x1) }
func affine1ReLU(dst, k0, k1, x1 []float32)        { affine1ReLUGeneric(dst, k0, k1, x1) }
func affine2(dst, k0, k1, x1, k2, x2 []float32)    { affine2Generic(dst, k0, k1, x1, k2, x2) }
func addAffine2(dst, k0, k1, x1, k2, x2 []float32) { addAffine2Generic(dst, k0, k1, x1, k2, x2) }
func addAffine3(dst, k0, k1, x1, k2, x2, k3, x3 []float32) {
	addAffine3Generic(dst, k0, k1, x1, k2, x2, k3, x3)
}
func sum(dst, x, y []float32)     { sumGeneric(dst, x, y) }
func sumReLU(dst, x, y []float32) { sumReLUGeneric(dst, x, y) }
