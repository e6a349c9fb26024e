package kernel

// zeros is read for rows with a negative offset. Longer depths are cut into pieces of
// its length.
var zeros [512]float32

// gatherGeneric is the twin of Gather. mr is the stride of the offset table; tiles may
// have any size.
func gatherGeneric(c []float32, ldc, rows, cols int, a []float32, off []int32, mr, taps, depth int, b []float32, ldb int, acc bool) {
	for r := 0; r < rows; r += 4 {
		for j := 0; j < cols; j += 4 {
			h, w := min(4, rows-r), min(4, cols-j)
			var s [16]float32
			if acc {
				loadBlock(&s, c[r*ldc+j:], ldc, h, w)
			}
			for t := range taps {
				for k := 0; k < depth; k += len(zeros) {
					n := min(depth-k, len(zeros))
					var x [4][]float32
					for i := range x {
						x[i] = rowOrZeros(a, off[t*mr+r+min(i, h-1)], k, n)
					}
					if ldb-j >= 4 {
						block4x4(&s, x[0], x[1], x[2], x[3], b[(t*depth+k)*ldb+j:], ldb)
					} else {
						blockEdge(&s, &x, b[(t*depth+k)*ldb+j:], ldb, w)
					}
				}
			}
			storeBlock(&s, c[r*ldc+j:], ldc, h, w)
		}
	}
}

// rowOrZeros returns a[o+k:o+k+n], or n zeros if o is negative.
func rowOrZeros(a []float32, o int32, k, n int) []float32 {
	if o < 0 {
		return zeros[:n]
	}
	return a[int(o)+k : int(o)+k+n]
}

// block4x4 adds to s the product of the four rows x0 … x3 and of the first
// four columns of b.
func block4x4(s *[16]float32, x0, x1, x2, x3 []float32, b []float32, ldb int) {
	s00, s01, s02, s03 := s[0], s[1], s[2], s[3]
	s10, s11, s12, s13 := s[4], s[5], s[6], s[7]
	s20, s21, s22, s23 := s[8], s[9], s[10], s[11]
	s30, s31, s32, s33 := s[12], s[13], s[14], s[15]
	n := len(x0)
	x1, x2, x3 = x1[:n], x2[:n], x3[:n]
	for k, v0 := range x0 {
		row := (*[4]float32)(b[k*ldb:])
		b0, b1, b2, b3 := row[0], row[1], row[2], row[3]
		v1, v2, v3 := x1[k], x2[k], x3[k]
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

// blockEdge is block4x4 for the last w columns of a panel whose width is no
// multiple of four.
func blockEdge(s *[16]float32, x *[4][]float32, b []float32, ldb, w int) {
	for i, row := range x {
		for k, v := range row {
			for j, u := range b[k*ldb : k*ldb+w] {
				s[4*i+j] += v * u
			}
		}
	}
}

// loadBlock reads h×w elements of c into s.
func loadBlock(s *[16]float32, c []float32, ldc, h, w int) {
	for i := range h {
		copy(s[4*i:4*i+w], c[i*ldc:])
	}
}

// storeBlock writes h×w elements of s into c.
func storeBlock(s *[16]float32, c []float32, ldc, h, w int) {
	for i := range h {
		copy(c[i*ldc:i*ldc+w], s[4*i:])
	}
}
