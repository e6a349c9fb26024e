package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// An outerCase is the arguments of one call of Outer.
type outerCase struct {
	c               []float32
	ldc, rows, cols int
	a               []float32
	off             []int32
	b               []float32
	ldb             int
	acc             bool
}

// newOuterCase returns a call with n offsets and random values.
func newOuterCase(rnd *rand.Rand, rows, cols, n int, acc bool, values func(*rand.Rand, int) []float32) outerCase {
	o := outerCase{rows: rows, cols: cols, acc: acc}
	o.ldc, o.ldb = cols+rnd.IntN(5), cols+rnd.IntN(5)
	o.c = values(rnd, (rows-1)*o.ldc+cols)
	o.a = values(rnd, rows+rnd.IntN(50))
	o.b = values(rnd, (n-1)*o.ldb+cols)
	o.off = make([]int32, n)
	for p := range o.off {
		o.off[p] = int32(rnd.IntN(len(o.a) - rows + 1))
		if rnd.IntN(4) == 0 {
			o.off[p] = -1 - int32(rnd.IntN(3))
		}
	}
	return o
}

// run calls Outer.
func (o outerCase) run(c []float32) {
	Outer(c, o.ldc, o.rows, o.cols, o.a, o.off, o.b, o.ldb, o.acc)
}

// reference is as that of gatherCase.
func (o outerCase) reference(i, j int) (sum, size float64) {
	if o.acc {
		sum = float64(o.c[i*o.ldc+j])
		size = math.Abs(sum)
	}
	for p, q := range o.off {
		if q >= 0 {
			v := float64(o.a[int(q)+i]) * float64(o.b[p*o.ldb+j])
			sum += v
			size += math.Abs(v)
		}
	}
	return sum, size
}

func TestOuter(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rnd := source()
		for rows := 1; rows <= MR(); rows++ {
			for cols := 1; cols <= NR(); cols++ {
				for _, n := range []int{1, 2, 1 + rnd.IntN(70)} {
					o := newOuterCase(rnd, rows, cols, n, (rows+cols+n)%2 == 0, normals)
					c, intact := guarded(o.c)
					o.run(c)
					checkResult(t, "Outer", c, o.c, o.ldc, rows, cols, n, o.reference)
					if !intact() {
						t.Fatalf("Outer wrote outside of c: %d×%d", rows, cols)
					}
				}
			}
		}
	})
}

// TestOuterExact compares sums that every set computes without rounding.
func TestOuterExact(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rnd := source()
		for range 200 {
			o := newOuterCase(rnd, 1+rnd.IntN(MR()), 1+rnd.IntN(NR()), 1+rnd.IntN(400), rnd.IntN(2) == 0, integers)
			c := append([]float32(nil), o.c...)
			o.run(c)
			for i := range o.rows {
				for j := range o.cols {
					if want, _ := o.reference(i, j); float64(c[i*o.ldc+j]) != want {
						t.Fatalf("%d×%d: element (%d,%d) = %v, want %v", o.rows, o.cols, i, j, c[i*o.ldc+j], want)
					}
				}
			}
		}
	})
}

func TestOuterEmpty(t *testing.T) {
	forEach(t, func(t *testing.T) {
		c := []float32{1, 2, 3, 4, 5}
		Outer(c, 3, 2, 2, nil, nil, nil, 2, true)
		if i := sameBits(c, []float32{1, 2, 3, 4, 5}); i >= 0 {
			t.Errorf("no offsets, acc: %v", c)
		}
		Outer(c, 3, 2, 2, nil, nil, nil, 2, false)
		if i := sameBits(c, []float32{0, 0, 3, 0, 0}); i >= 0 {
			t.Errorf("no offsets: %v", c)
		}
		// A skipped row contributes nothing, not even the NaN of 0·Inf.
		b := []float32{float32(math.Inf(1)), float32(math.NaN()), 1, 1}
		Outer(c, 3, 2, 2, []float32{2, 3}, []int32{-1, 0}, b, 2, false)
		if i := sameBits(c, []float32{2, 2, 3, 3, 3}); i >= 0 {
			t.Errorf("skipped row: %v", c)
		}
	})
}

func TestOuterPanics(t *testing.T) {
	forEach(t, func(t *testing.T) {
		for name, spoil := range map[string]func(o *outerCase){
			"rows":          func(o *outerCase) { o.rows = MR() + 1 },
			"cols":          func(o *outerCase) { o.cols = NR() + 1 },
			"negative cols": func(o *outerCase) { o.cols = -1 },
			"ldc":           func(o *outerCase) { o.ldc = 4 },
			"ldb":           func(o *outerCase) { o.ldb = 4 },
			"short c":       func(o *outerCase) { o.c = o.c[:len(o.c)-1] },
			"short b":       func(o *outerCase) { o.b = o.b[:len(o.b)-1] },
			"first offset":  func(o *outerCase) { o.off[0] = int32(len(o.a) - o.rows + 1) },
			"last offset":   func(o *outerCase) { o.off[len(o.off)-1] = math.MaxInt32 },
			"short a":       func(o *outerCase) { o.a, o.off[0] = o.a[:2], 0 },
		} {
			o := newOuterCase(source(), 3, 5, 50, false, normals)
			spoil(&o)
			wantPanic(t, name, "kernel: Outer: ", func() { o.run(o.c) })
		}
	})
}
