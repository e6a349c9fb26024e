//go:build arm64 && !noasm

package kernel

func tile64(c []float64, ldc int, a, b []float64, depth int, acc bool) {
	if active == neon {
		tile64NEON(&c[0], ldc, &a[0], &b[0], depth, acc)
		return
	}
	tile64Generic(c, ldc, a, b, depth, acc)
}
