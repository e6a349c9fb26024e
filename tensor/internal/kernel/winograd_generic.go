package kernel

func winogradInputGeneric(v []float32, stride int, x []float32, off []int32, tiles, depth int) {
	for t := range tiles {
		for c := range depth {
			d := pixels[[16]float32](x, off[16*t:], c)
			for j := range 4 {
				d[j], d[4+j], d[8+j], d[12+j] = inputSums(d[j], d[4+j], d[8+j], d[12+j])
			}
			for i := range 4 {
				at := 4*i*stride + t*depth + c
				v[at], v[at+stride], v[at+2*stride], v[at+3*stride] = inputSums(d[4*i], d[4*i+1], d[4*i+2], d[4*i+3])
			}
		}
	}
}

// inputSums returns Bᵀ d.
func inputSums(d0, d1, d2, d3 float32) (v0, v1, v2, v3 float32) {
	return d0 - d2, d1 + d2, d2 - d1, d1 - d3
}

func winogradSpreadGeneric(z []float32, stride int, y []float32, off []int32, tiles, depth int) {
	for t := range tiles {
		for c := range depth {
			p := pixels[[4]float32](y, off[4*t:], c)
			left, right := [4]float32{p[0], p[0] + p[2], p[0] - p[2], p[2]}, [4]float32{p[1], p[1] + p[3], p[1] - p[3], p[3]}
			for i := range 4 {
				at := 4*i*stride + t*depth + c
				a, b := left[i], right[i]
				z[at], z[at+stride], z[at+2*stride], z[at+3*stride] = a, a+b, a-b, b
			}
		}
	}
}

// pixels gathers channel c of the pixels of a tile.
func pixels[A [4]float32 | [16]float32](x []float32, off []int32, c int) (d A) {
	for p := range len(d) {
		if o := off[p]; o >= 0 {
			d[p] = x[int(o)+c]
		}
	}
	return d
}

func winogradOutputGeneric(y []float32, off []int32, m []float32, stride, tiles, cols int, e Epilogue) {
	floor := e.floor()
	for t := range tiles {
		for c := range cols {
			b := float32(0)
			if e.Bias != nil {
				b = e.Bias[c]
			}
			var r [4][2]float32
			for i := range r {
				at := 4*i*stride + t*cols + c
				m0, m1, m2, m3 := m[at], m[at+stride], m[at+2*stride], m[at+3*stride]
				r[i] = [2]float32{m0 + m1 + m2, m1 - m2 - m3}
			}
			for p := range 4 {
				o, j := off[4*t+p], p%2
				if o < 0 {
					continue
				}
				v := r[0][j] + r[1][j] + r[2][j]
				if p >= 2 {
					v = r[1][j] - r[2][j] - r[3][j]
				}
				v += b
				dst := &y[int(o)+c]
				if e.Acc {
					v += *dst
				}
				if v < floor {
					v = floor
				}
				if e.Mask != nil && !(e.Mask[int(o)+c] > 0) {
					v = 0
				}
				*dst = v
			}
		}
	}
}

func winogradFilterGeneric(u []float32, stride int, g []float32, gap, n int) {
	for c := range n {
		var t [3][4]float32 // g Gᵀ
		for i := range t {
			at := 3*i*gap + c
			t[i][0], t[i][1], t[i][2], t[i][3] = filterSums(g[at], g[at+gap], g[at+2*gap])
		}
		for j := range 4 {
			at := j*stride + c
			u[at], u[at+4*stride], u[at+8*stride], u[at+12*stride] = filterSums(t[0][j], t[1][j], t[2][j])
		}
	}
}

// filterSums returns G g.
func filterSums(g0, g1, g2 float32) (u0, u1, u2, u3 float32) {
	return g0, (g0 + g2 + g1) / 2, (g0 + g2 - g1) / 2, g2
}

func winogradGradientGeneric(g []float32, gap int, u []float32, stride, n int) {
	for c := range n {
		var t [4][3]float32 // u G
		for i := range t {
			at := 4*i*stride + c
			t[i][0], t[i][1], t[i][2] = gradientSums(u[at], u[at+stride], u[at+2*stride], u[at+3*stride])
		}
		for j := range 3 {
			at := j*gap + c
			g[at], g[at+3*gap], g[at+6*gap] = gradientSums(t[0][j], t[1][j], t[2][j], t[3][j])
		}
	}
}

// gradientSums returns Gᵀ s with the opposite sign of the last element.
func gradientSums(s0, s1, s2, s3 float32) (g0, g1, g2 float32) {
	h := (s1 + s2) / 2
	return s0 + h, (s1 - s2) / 2, h - s3
}
