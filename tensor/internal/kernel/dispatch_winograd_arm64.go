//go:build arm64 && !noasm

package kernel

func winogradInput(v []float32, stride int, x []float32, off []int32, tiles, depth int) {
	if active == neon {
		winogradInputNEON(&v[0], stride, first(x), &off[0], tiles, depth, &zeros[0])
		return
	}
	winogradInputGeneric(v, stride, x, off, tiles, depth)
}

func winogradSpread(z []float32, stride int, y []float32, off []int32, tiles, depth int) {
	if active == neon {
		winogradSpreadNEON(&z[0], stride, first(y), &off[0], tiles, depth, &zeros[0])
		return
	}
	winogradSpreadGeneric(z, stride, y, off, tiles, depth)
}

func winogradOutput(y []float32, off []int32, m []float32, stride, tiles, cols int, e Epilogue) {
	bias, step, mask := &zeros[0], 0, (*float32)(nil)
	if e.Bias != nil {
		bias, step = &e.Bias[0], 1
	}
	if len(e.Mask) > 0 {
		mask = &e.Mask[0]
	}
	if active == neon {
		winogradOutputNEON(first(y), &off[0], &m[0], stride, tiles, cols, bias, step, e.floor(), mask, e.Acc)
		return
	}
	winogradOutputGeneric(y, off, m, stride, tiles, cols, e)
}

func winogradFilter(u []float32, stride int, g []float32, gap, n int) {
	if active == neon {
		winogradFilterNEON(&u[0], stride, &g[0], gap, n)
		return
	}
	winogradFilterGeneric(u, stride, g, gap, n)
}

func winogradGradient(g []float32, gap int, u []float32, stride, n int) {
	if active == neon {
		winogradGradientNEON(&u[0], stride, &g[0], gap, n)
		return
	}
	winogradGradientGeneric(g, gap, u, stride, n)
}
