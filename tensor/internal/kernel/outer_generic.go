package kernel

// outerGeneric is the twin of Outer; tiles may have any size.
func outerGeneric(c []float32, ldc, rows, cols int, a []float32, off []int32, b []float32, ldb int, acc bool) {
	for i := 0; i < rows; i += 4 {
		for j := 0; j < cols; j += 4 {
			h, w := min(4, rows-i), min(4, cols-j)
			var s [16]float32
			if acc {
				loadBlock(&s, c[i*ldc+j:], ldc, h, w)
			}
			if h == 4 && w == 4 {
				outer4x4(&s, a, i, off, b[j:], ldb)
			} else {
				outerEdge(&s, a, i, off, b[j:], ldb, h, w)
			}
			storeBlock(&s, c[i*ldc+j:], ldc, h, w)
		}
	}
}

// outer4x4 adds to s the product of a[off[p]+i : off[p]+i+4] and b[p*ldb :
// p*ldb+4], over p.
func outer4x4(s *[16]float32, a []float32, i int, off []int32, b []float32, ldb int) {
	s00, s01, s02, s03 := s[0], s[1], s[2], s[3]
	s10, s11, s12, s13 := s[4], s[5], s[6], s[7]
	s20, s21, s22, s23 := s[8], s[9], s[10], s[11]
	s30, s31, s32, s33 := s[12], s[13], s[14], s[15]
	for p, o := range off {
		if o < 0 {
			continue
		}
		x := (*[4]float32)(a[int(o)+i:])
		y := (*[4]float32)(b[p*ldb:])
		b0, b1, b2, b3 := y[0], y[1], y[2], y[3]
		v0, v1, v2, v3 := x[0], x[1], x[2], x[3]
		s00 += v0 * b0
		s01 += v0 * b1
		s02 += v0 * b2
		s03 += v0 * b3
		s10 += v1 * b0
		s11 += v1 * b1
		s12 += v1 * b2
		s13 += v1 * b3
		s20 += v2 * b0
		s21 += v2 * b1
		s22 += v2 * b2
		s23 += v2 * b3
		s30 += v3 * b0
		s31 += v3 * b1
		s32 += v3 * b2
		s33 += v3 * b3
	}
	*s = [16]float32{s00, s01, s02, s03, s10, s11, s12, s13, s20, s21, s22, s23, s30, s31, s32, s33}
}

// outerEdge is outer4x4 for blocks of h×w at the edge of a tile.
func outerEdge(s *[16]float32, a []float32, i int, off []int32, b []float32, ldb, h, w int) {
	for p, o := range off {
		if o < 0 {
			continue
		}
		y := b[p*ldb : p*ldb+w]
		for r, v := range a[int(o)+i : int(o)+i+h] {
			for j, u := range y {
				s[4*r+j] += v * u
			}
		}
	}
}
