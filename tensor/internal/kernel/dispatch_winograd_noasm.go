//go:build (!amd64 && !arm64) || noasm

package kernel

func winogradInput(v []float32, stride int, x []float32, off []int32, tiles, depth int) {
	winogradInputGeneric(v, stride, x, off, tiles, depth)
}

func winogradSpread(z []float32, stride int, y []float32, off []int32, tiles, depth int) {
	winogradSpreadGeneric(z, stride, y, off, tiles, depth)
}

func winogradOutput(y []float32, off []int32, m []float32, stride, tiles, cols int, e Epilogue) {
	winogradOutputGeneric(y, off, m, stride, tiles, cols, e)
}

func winogradFilter(u []float32, stride int, g []float32, gap, n int) {
	winogradFilterGeneric(u, stride, g, gap, n)
}

func winogradGradient(g []float32, gap int, u []float32, stride, n int) {
	winogradGradientGeneric(g, gap, u, stride, n)
}
