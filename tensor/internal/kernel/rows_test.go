package kernel

import (
	"math/rand/v2"
	"testing"
)

// A rowsCase is the arguments of one call of Rows.
type rowsCase struct {
	c               []float32
	ldc, rows, cols int
	a               []float32
	lda, depth      int
	b               []float32
	ldb             int
	acc             bool
}

func newRowsCase(rnd *rand.Rand, rows, cols, depth, ldb int) rowsCase {
	w := rowsCase{rows: rows, cols: cols, depth: depth, ldb: ldb, acc: rnd.IntN(2) == 0}
	w.ldc, w.lda = cols+rnd.IntN(5), depth+rnd.IntN(5)
	w.c, w.a, w.b = normals(rnd, (rows-1)*w.ldc+cols), normals(rnd, (rows-1)*w.lda+depth), normals(rnd, depth*ldb)
	return w
}

func (w rowsCase) run(c []float32) {
	Rows(c, w.ldc, w.rows, w.cols, w.a, w.lda, w.depth, w.b, w.ldb, w.acc)
}

// TestRows holds Rows against Gather, tile by tile: the same bits.
func TestRows(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rnd := source()
		off := make([]int32, MR())
		for _, ldb := range []int{NR(), NR() / 2} {
			for rows := 1; rows <= 6*MR()+1; rows++ {
				for _, depth := range []int{1, 2, 3, 4, 5, 7, 8, 13, 1 + rnd.IntN(600)} {
					w := newRowsCase(rnd, rows, []int{ldb, ldb, 1 + rnd.IntN(ldb)}[rnd.IntN(3)], depth, ldb)
					want := append([]float32(nil), w.c...)
					for r := range off {
						off[r] = int32(r * w.lda)
					}
					for r := 0; r < rows; r += MR() {
						Gather(want[r*w.ldc:], w.ldc, min(MR(), rows-r), w.cols, w.a[r*w.lda:], off, 1, depth, w.b, ldb, w.acc)
					}
					c, intact := guarded(w.c)
					w.run(c)
					if i := sameBits(c, want); i >= 0 {
						t.Fatalf("%d×%d of depth %d, panel of %d: element %d is %v, not %v", rows, w.cols, depth, ldb, i, c[i], want[i])
					}
					if !intact() {
						t.Fatalf("Rows wrote outside of c: %d×%d", rows, w.cols)
					}
				}
			}
		}
	})
}

func TestRowsPanics(t *testing.T) {
	forEach(t, func(t *testing.T) {
		for name, spoil := range map[string]func(w *rowsCase){
			"no rows": func(w *rowsCase) { w.rows = 0 },
			"depth":   func(w *rowsCase) { w.depth = -1 },
			"cols":    func(w *rowsCase) { w.cols = w.ldb + 1 },
			"width":   func(w *rowsCase) { w.ldb = NR() - 1 },
			"ldc":     func(w *rowsCase) { w.ldc = w.cols - 1 },
			"lda":     func(w *rowsCase) { w.lda = -1 },
			"far":     func(w *rowsCase) { w.lda = MaxDistance + 1 },
			"short a": func(w *rowsCase) { w.a = w.a[:len(w.a)-1] },
			"short b": func(w *rowsCase) { w.b = w.b[:len(w.b)-1] },
			"short c": func(w *rowsCase) { w.c = w.c[:len(w.c)-1] },
		} {
			w := newRowsCase(source(), 3*MR(), NR(), 5, NR())
			spoil(&w)
			wantPanic(t, name, "kernel: Rows: ", func() { w.run(w.c) })
		}
	})
}

// An outerRowsCase is the arguments of one call of OuterRows.
type outerRowsCase struct {
	c               []float32
	ldc, rows, cols int
	a               []float32
	lda, n          int
	b               []float32
	ldb             int
	acc             bool
}

func newOuterRowsCase(rnd *rand.Rand, rows, cols, n int) outerRowsCase {
	o := outerRowsCase{rows: rows, cols: cols, n: n, acc: rnd.IntN(2) == 0}
	o.ldc, o.lda, o.ldb = cols+rnd.IntN(5), 1+rnd.IntN(2*rows), cols+rnd.IntN(5)
	o.c, o.a, o.b = normals(rnd, (rows-1)*o.ldc+cols), normals(rnd, (n-1)*o.lda+rows), normals(rnd, (n-1)*o.ldb+cols)
	return o
}

func (o outerRowsCase) run(c []float32) {
	OuterRows(c, o.ldc, o.rows, o.cols, o.a, o.lda, o.n, o.b, o.ldb, o.acc)
}

// TestOuterRows holds OuterRows against Outer: the same bits.
func TestOuterRows(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rnd := source()
		for rows := 1; rows <= MR(); rows++ {
			for cols := 1; cols <= NR(); cols++ {
				for _, n := range []int{1, 2, 3, 1 + rnd.IntN(70)} {
					o := newOuterRowsCase(rnd, rows, cols, n)
					want, off := append([]float32(nil), o.c...), make([]int32, n)
					for p := range off {
						off[p] = int32(p * o.lda)
					}
					Outer(want, o.ldc, rows, cols, o.a, off, o.b, o.ldb, o.acc)
					c, intact := guarded(o.c)
					o.run(c)
					if i := sameBits(c, want); i >= 0 {
						t.Fatalf("%d×%d, %d rows: element %d is %v, not %v", rows, cols, n, i, c[i], want[i])
					}
					if !intact() {
						t.Fatalf("OuterRows wrote outside of c: %d×%d", rows, cols)
					}
				}
			}
		}
	})
}

func TestOuterRowsPanics(t *testing.T) {
	forEach(t, func(t *testing.T) {
		for name, spoil := range map[string]func(o *outerRowsCase){
			"rows":     func(o *outerRowsCase) { o.rows = MR() + 1 },
			"cols":     func(o *outerRowsCase) { o.cols = NR() + 1 },
			"nothing":  func(o *outerRowsCase) { o.n = 0 },
			"lda":      func(o *outerRowsCase) { o.lda = -1 },
			"ldc":      func(o *outerRowsCase) { o.ldc = o.cols - 1 },
			"ldb":      func(o *outerRowsCase) { o.ldb = o.cols - 1 },
			"short a":  func(o *outerRowsCase) { o.a = o.a[:len(o.a)-1] },
			"short b":  func(o *outerRowsCase) { o.b = o.b[:len(o.b)-1] },
			"short c":  func(o *outerRowsCase) { o.c = o.c[:len(o.c)-1] },
			"too many": func(o *outerRowsCase) { o.n = 1 << 40 },
		} {
			o := newOuterRowsCase(source(), MR(), NR()-1, 50)
			spoil(&o)
			wantPanic(t, name, "kernel: OuterRows: ", func() { o.run(o.c) })
		}
	})
}
