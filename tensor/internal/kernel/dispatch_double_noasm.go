//go:build (!amd64 && !arm64) || noasm

package kernel

func tile64(c []float64, ldc int, a, b []float64, depth int, acc bool) {
	tile64Generic(c, ldc, a, b, depth, acc)
}
