package kernel

import "testing"

// product computes a whole rows×cols matrix product c (+)= gathered a · b with
// the tiles of the active set. pick gives the offset of a row and tap.
func product(c []float32, rows, cols int, a []float32, taps, depth int, pick func(r, t int) int32, b []float32, acc bool) {
	mr, nr := MR(), NR()
	for j := 0; j < cols; j += nr {
		w := min(nr, cols-j)
		ldb := nr
		if w <= nr/2 {
			ldb = nr / 2
		}
		panel := make([]float32, taps*depth*ldb)
		for k := range taps * depth {
			copy(panel[k*ldb:k*ldb+w], b[k*cols+j:])
		}
		for r := 0; r < rows; r += mr {
			h := min(mr, rows-r)
			off := make([]int32, taps*mr)
			for t := range taps {
				for i := range h {
					off[t*mr+i] = pick(r+i, t)
				}
			}
			Gather(c[r*cols+j:], cols, h, w, a, off, taps, depth, panel, ldb, acc)
		}
	}
}

// outerProduct computes a whole product aᵀ b with the tiles of the active set.
func outerProduct(c []float32, rows, cols int, a []float32, off []int32, b []float32, acc bool) {
	for i := 0; i < rows; i += MR() {
		for j := 0; j < cols; j += NR() {
			Outer(c[i*cols+j:], cols, min(MR(), rows-i), min(NR(), cols-j), a[i:], off, b[j:], cols, acc)
		}
	}
}

// TestSameBits holds AVX-512 and AVX2 to the same bits whatever their tiles,
// and the twins to nearly the same values.
func TestSameBits(t *testing.T) {
	rnd := source()
	for range 60 {
		rows, cols := 1+rnd.IntN(40), 1+rnd.IntN(80)
		taps, depth := 1+rnd.IntN(9), 1+rnd.IntN(40)
		acc := rnd.IntN(2) == 0
		a, b, c := normals(rnd, depth+100), normals(rnd, taps*depth*cols), normals(rnd, rows*cols)
		at := make([]int32, rows*taps)
		for i := range at {
			at[i] = int32(rnd.IntN(120) - 20)
		}
		u, v := normals(rnd, 120+rows), normals(rnd, len(at)*cols)
		dst := normals(rnd, 100)
		results := map[level][]float32{}
		for _, l := range supported() {
			use(t, l)
			g := append([]float32(nil), c...)
			product(g, rows, cols, a, taps, depth, func(r, t int) int32 { return min(at[r*taps+t], 100) }, b, acc)
			o := append([]float32(nil), c...)
			outerProduct(o, rows, cols, u, at, v, acc)
			e := append([]float32(nil), dst...)
			Axpy(e, 0.7, u[:100])
			MulAdd(e, a[:100], u[:100])
			Scale(e, 1.1)
			results[l] = append(append(g, o...), e...)
		}
		if wide, ok := results[avx512]; ok {
			if i := sameBits(wide, results[avx2]); i >= 0 {
				t.Fatalf("%d×%d, %d taps of depth %d: AVX-512 %v, AVX2 %v at %d of %d", rows, cols, taps, depth, wide[i], results[avx2][i], i, rows*cols)
			}
		}
		for l, x := range results {
			for i, v := range x {
				if d := v - results[generic][i]; d > 2e-3 || d < -2e-3 {
					t.Fatalf("%s: %v, generic %v", names[l], v, results[generic][i])
				}
			}
		}
	}
}
