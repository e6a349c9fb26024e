package kernel

import (
	"math"
	"testing"
)

// A packCase is a matrix and the width of the rows that it is packed to.
type packCase struct{ width, row, col, rows, cols int }

// check packs random values and compares all of dst, and what lies around it.
func (p packCase) check(t *testing.T) {
	t.Helper()
	src := normals(source(), max(0, (p.rows-1)*p.row+(p.cols-1)*p.col+1))
	dst, intact := guarded(normals(source(), p.rows*p.width))
	Pack(dst, p.width, src, p.row, p.col, p.rows, p.cols)
	for i, v := range dst {
		want := float32(0)
		if r, j := i/p.width, i%p.width; j < p.cols {
			want = src[r*p.row+j*p.col]
		}
		if math.Float32bits(v) != math.Float32bits(want) {
			t.Fatalf("%+v: element %d is %v, want %v", p, i, v, want)
		}
	}
	if !intact() {
		t.Fatalf("%+v: wrote outside of dst", p)
	}
}

func TestPack(t *testing.T) {
	forEach(t, func(t *testing.T) {
		for _, width := range []int{NR(), NR() / 2, 5} {
			for cols := 0; cols <= width; cols++ {
				for _, rows := range []int{0, 1, 3, 4, 8, 17, 18} {
					packCase{width, cols + 3, 1, rows, cols}.check(t)
					packCase{width, 1, rows + 2, rows, cols}.check(t)
					packCase{width, 2, 2*rows + 1, rows, cols}.check(t)
				}
			}
		}
	})
}

func TestTranspose(t *testing.T) {
	forEach(t, func(t *testing.T) {
		for rows := 0; rows <= NR()+3; rows++ {
			for _, cols := range []int{0, 1, 3, 4, 9, 16, 33} {
				from, to := cols+2, rows+3
				src := normals(source(), rows*from)
				dst, intact := guarded(make([]float32, cols*to))
				Transpose(dst, to, src, from, rows, cols)
				for k, v := range dst {
					want := float32(0)
					if j, i := k/to, k%to; i < rows {
						want = src[i*from+j]
					}
					if v != want {
						t.Fatalf("%d×%d: element %d is %v, want %v", rows, cols, k, v, want)
					}
				}
				if !intact() {
					t.Fatalf("%d×%d: wrote outside of dst", rows, cols)
				}
			}
		}
	})
}

func TestPackPanics(t *testing.T) {
	forEach(t, func(t *testing.T) {
		x := make([]float32, 64)
		for name, f := range map[string]func(){
			"rows":        func() { Pack(x, 8, x, 8, 1, -1, 8) },
			"cols":        func() { Pack(x, 8, x, 8, 1, 8, 9) },
			"row":         func() { Pack(x, 8, x, -8, 1, 8, 8) },
			"short dst":   func() { Pack(x[:63], 8, x, 8, 1, 8, 8) },
			"short rows":  func() { Pack(x, 8, x[:63], 8, 1, 8, 8) },
			"short cols":  func() { Pack(x, 8, x[:63], 1, 8, 8, 8) },
			"no columns":  func() { Pack(x, 8, x, 8, 1, 8, -1) },
			"short empty": func() { Pack(x[:7], 8, nil, 8, 1, 1, 0) },
		} {
			wantPanic(t, name, "kernel: Pack: ", f)
		}
		for name, f := range map[string]func(){
			"rows":      func() { Transpose(x, 8, x, 8, -1, 8) },
			"cols":      func() { Transpose(x, 8, x, 8, 8, -1) },
			"from":      func() { Transpose(x, 8, x, 7, 8, 8) },
			"to":        func() { Transpose(x, 7, x, 8, 8, 8) },
			"short dst": func() { Transpose(x[:63], 8, x, 8, 8, 8) },
			"short src": func() { Transpose(x, 8, x[:63], 8, 8, 8) },
		} {
			wantPanic(t, name, "kernel: Transpose: ", f)
		}
	})
}

// Prefetch accepts any numbers and changes nothing.
func TestPrefetch(t *testing.T) {
	forEach(t, func(t *testing.T) {
		x := normals(source(), 50)
		y := append([]float32(nil), x...)
		for _, stride := range []int{0, 1, 16, 100} {
			for _, rows := range []int{-1, 0, 1, 1000} {
				for _, cols := range []int{0, 1, 16, 50, 51} {
					Prefetch(x, stride, rows, cols)
				}
			}
		}
		Prefetch(nil, 1, 1, 1)
		if i := sameBits(x, y); i >= 0 {
			t.Errorf("value %d has changed", i)
		}
	})
}

// BenchmarkPack reports the bytes read and written in a second.
func BenchmarkPack(b *testing.B) {
	const rows, stride = 256, 260
	src := make([]float32, rows*stride)
	benchEach(b, "rows", func(b *testing.B) {
		dst := make([]float32, rows*NR())
		b.SetBytes(8 * rows * int64(NR()))
		for b.Loop() {
			Pack(dst, NR(), src, stride, 1, rows, NR())
		}
	})
	benchEach(b, "transposed", func(b *testing.B) {
		dst := make([]float32, rows*NR())
		b.SetBytes(8 * rows * int64(NR()))
		for b.Loop() {
			Pack(dst, NR(), src, 1, stride, rows, NR())
		}
	})
}
