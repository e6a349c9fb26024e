//go:build amd64 && !noasm

package kernel

func tile64(c []float64, ldc int, a, b []float64, depth int, acc bool) {
	switch active {
	case avx512:
		tile64AVX512(&c[0], ldc, &a[0], &b[0], depth, acc)
	case avx2:
		tile64AVX2(&c[0], ldc, &a[0], &b[0], depth, acc)
	default:
		tile64Generic(c, ldc, a, b, depth, acc)
	}
}
