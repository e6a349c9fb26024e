//go:build amd64 && !noasm

package kernel

func winogradInput(v []float32, stride int, x []float32, off []int32, tiles, depth int) {
	switch active {
	case avx512:
		winogradInputAVX512(&v[0], stride, first(x), &off[0], tiles, depth, &zeros[0])
	case avx2:
		winogradInputAVX2(&v[0], stride, first(x), &off[0], tiles, depth, &zeros[0])
	default:
		winogradInputGeneric(v, stride, x, off, tiles, depth)
	}
}

func winogradSpread(z []float32, stride int, y []float32, off []int32, tiles, depth int) {
	switch active {
	case avx512:
		winogradSpreadAVX512(&z[0], stride, first(y), &off[0], tiles, depth, &zeros[0])
	case avx2:
		winogradSpreadAVX2(&z[0], stride, first(y), &off[0], tiles, depth, &zeros[0])
	default:
		winogradSpreadGeneric(z, stride, y, off, tiles, depth)
	}
}

func winogradOutput(y []float32, off []int32, m []float32, stride, tiles, cols int, e Epilogue) {
	bias, step, mask := &zeros[0], 0, (*float32)(nil)
	if e.Bias != nil {
		bias, step = &e.Bias[0], 1
	}
	if len(e.Mask) > 0 {
		mask = &e.Mask[0]
	}
	switch active {
	case avx512:
		winogradOutputAVX512(first(y), &off[0], &m[0], stride, tiles, cols, bias, 64*step, e.floor(), mask, e.Acc)
	case avx2:
		winogradOutputAVX2(first(y), &off[0], &m[0], stride, tiles, cols, bias, 32*step, e.floor(), mask, e.Acc)
	default:
		winogradOutputGeneric(y, off, m, stride, tiles, cols, e)
	}
}

func winogradFilter(u []float32, stride int, g []float32, gap, n int) {
	switch active {
	case avx512:
		winogradFilterAVX512(&u[0], stride, &g[0], gap, n)
	case avx2:
		winogradFilterAVX2(&u[0], stride, &g[0], gap, n)
	default:
		winogradFilterGeneric(u, stride, g, gap, n)
	}
}

func winogradGradient(g []float32, gap int, u []float32, stride, n int) {
	switch active {
	case avx512:
		winogradGradientAVX512(&u[0], stride, &g[0], gap, n)
	case avx2:
		winogradGradientAVX2(&u[0], stride, &g[0], gap, n)
	default:
		winogradGradientGeneric(g, gap, u, stride, n)
	}
}
