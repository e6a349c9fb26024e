package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A gatherCase is the arguments of one call of Gather.
type gatherCase struct {
	c               []float32
	ldc, rows, cols int
	a               []float32
	off             []int32
	taps, depth     int
	b               []float32
	ldb             int
	acc             bool
}

// newGatherCase returns a call with random values. Every fourth row of a tap
// is padding.
func newGatherCase(rnd *rand.Rand, rows, cols, taps, depth, ldb int, acc bool, values func(*rand.Rand, int) []float32) gatherCase {
	g := gatherCase{rows: rows, cols: cols, taps: taps, depth: depth, ldb: ldb, acc: acc}
	g.ldc = cols + rnd.IntN(5)
	g.c = values(rnd, (rows-1)*g.ldc+cols)
	g.a = values(rnd, depth+rnd.IntN(50))
	g.off = make([]int32, (taps-1)*MR()+rows)
	for i := range g.off {
		g.off[i] = int32(rnd.IntN(len(g.a) - depth + 1))
		if i%MR() >= rows {
			g.off[i] = math.MaxInt32 // must not be looked at
		} else if rnd.IntN(4) == 0 {
			g.off[i] = -1 - int32(rnd.IntN(3))
		}
	}
	g.b = values(rnd, taps*depth*ldb)
	for i := range g.b {
		if i%ldb >= cols {
			g.b[i] = 0
		}
	}
	return g
}

// run calls Gather.
func (g gatherCase) run(c []float32) {
	Gather(c, g.ldc, g.rows, g.cols, g.a, g.off, g.taps, g.depth, g.b, g.ldb, g.acc)
}

// reference returns element (r, j) in float64 and the sum of the magnitudes
// of its terms.
func (g gatherCase) reference(r, j int) (sum, size float64) {
	if g.acc {
		sum = float64(g.c[r*g.ldc+j])
		size = math.Abs(sum)
	}
	for t := range g.taps {
		o := int(g.off[t*MR()+r])
		if o < 0 {
			continue
		}
		for k := range g.depth {
			v := float64(g.a[o+k]) * float64(g.b[(t*g.depth+k)*g.ldb+j])
			sum += v
			size += math.Abs(v)
		}
	}
	return sum, size
}

// check runs a case and compares every element of c, also those between and
// around the rows of the tile.
func (g gatherCase) check(t *testing.T) {
	t.Helper()
	c, intact := guarded(g.c)
	g.run(c)
	checkResult(t, "Gather", c, g.c, g.ldc, g.rows, g.cols, g.taps*g.depth, g.reference)
	if !intact() {
		t.Fatalf("Gather wrote outside of c: %d×%d, ldc %d", g.rows, g.cols, g.ldc)
	}
}

// checkResult compares a tile with its reference, and what lies between its
// rows with the values before the call.
func checkResult(t *testing.T, name string, got, before []float32, ldc, rows, cols, terms int, reference func(r, j int) (sum, size float64)) {
	t.Helper()
	for i, v := range got {
		r, j := i/ldc, i%ldc
		if j >= cols {
			if v != before[i] {
				t.Fatalf("%s %d×%d ldc %d: wrote to column %d", name, rows, cols, ldc, j)
			}
			continue
		}
		want, size := reference(r, j)
		if !(math.Abs(float64(v)-want) <= 1.2e-7*float64(terms+1)*size) {
			t.Fatalf("%s %d×%d (%d terms): element (%d,%d) = %v, want %v ± %g", name, rows, cols, terms, r, j, v, want, size)
		}
	}
}

func TestGather(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rnd := source()
		depths := []int{1, 2, 3, 4, 5, 16, 33}
		for rows := 1; rows <= MR(); rows++ {
			for _, ldb := range []int{NR(), NR() / 2} {
				for cols := 1; cols <= ldb; cols++ {
					taps, depth := 1+rnd.IntN(5), depths[rnd.IntN(len(depths))]
					newGatherCase(rnd, rows, cols, taps, depth, ldb, cols%2 == 0, normals).check(t)
					newGatherCase(rnd, rows, cols, 9, 3, ldb, cols%2 == 1, normals).check(t)
				}
			}
		}
	})
}

func TestGatherDeep(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rnd := source()
		for _, depth := range []int{511, 512, 513, 1024, 1025, 1700} {
			for rows := 1; rows <= MR(); rows += 3 {
				newGatherCase(rnd, rows, NR(), 2, depth, NR(), true, normals).check(t)
				newGatherCase(rnd, rows, NR()/2, 1, depth, NR()/2, false, normals).check(t)
			}
		}
	})
}

// TestGatherExact compares sums that every set computes without rounding.
func TestGatherExact(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rnd := source()
		for range 200 {
			ldb := NR() >> rnd.IntN(2)
			g := newGatherCase(rnd, 1+rnd.IntN(MR()), 1+rnd.IntN(ldb), 1+rnd.IntN(9), 1+rnd.IntN(40), ldb, rnd.IntN(2) == 0, integers)
			c := append([]float32(nil), g.c...)
			g.run(c)
			for r := range g.rows {
				for j := range g.cols {
					if want, _ := g.reference(r, j); float64(c[r*g.ldc+j]) != want {
						t.Fatalf("%d×%d: element (%d,%d) = %v, want %v", g.rows, g.cols, r, j, c[r*g.ldc+j], want)
					}
				}
			}
		}
	})
}

func TestGatherEmpty(t *testing.T) {
	forEach(t, func(t *testing.T) {
		for _, acc := range []bool{false, true} {
			c := []float32{1, 2, 3, 4, 5}
			Gather(c, 3, 2, 2, nil, nil, 0, 3, nil, NR(), acc)
			want := []float32{0, 0, 3, 0, 0}
			if acc {
				want = []float32{1, 2, 3, 4, 5}
			}
			if i := sameBits(c, want); i >= 0 {
				t.Errorf("no taps, acc %v: %v", acc, c)
			}
		}
		Gather(nil, 0, 0, 3, nil, nil, 1, 1, nil, NR(), false)
		Gather(nil, 0, 3, 0, nil, nil, 1, 1, nil, NR(), false)
		// Nothing but padding: a may be empty.
		c := []float32{7}
		Gather(c, 1, 1, 1, nil, []int32{-1}, 1, 2, make([]float32, 2*NR()), NR(), false)
		if c[0] != 0 {
			t.Errorf("only padding: %v", c[0])
		}
	})
}

func TestGatherPanics(t *testing.T) {
	forEach(t, func(t *testing.T) {
		good := func() gatherCase { return newGatherCase(source(), 3, 5, 2, 4, NR(), false, normals) }
		for name, spoil := range map[string]func(g *gatherCase){
			"rows":            func(g *gatherCase) { g.rows = MR() + 1 },
			"negative rows":   func(g *gatherCase) { g.rows = -1 },
			"cols":            func(g *gatherCase) { g.cols = NR() + 1 },
			"ldb":             func(g *gatherCase) { g.ldb = NR() - 1 },
			"depth":           func(g *gatherCase) { g.depth = -1 },
			"taps":            func(g *gatherCase) { g.taps = 3 },
			"ldc":             func(g *gatherCase) { g.ldc = 4 },
			"short c":         func(g *gatherCase) { g.c = g.c[:len(g.c)-1] },
			"short b":         func(g *gatherCase) { g.b = g.b[:len(g.b)-1] },
			"short off":       func(g *gatherCase) { g.off = g.off[:len(g.off)-1] },
			"offset":          func(g *gatherCase) { g.off[1] = int32(len(g.a) - g.depth + 1) },
			"greatest offset": func(g *gatherCase) { g.off[MR()] = math.MaxInt32 },
			"short a":         func(g *gatherCase) { g.a, g.off[0] = g.a[:3], 0 },
		} {
			g := good()
			spoil(&g)
			wantPanic(t, name, "kernel: Gather: ", func() { g.run(g.c) })
		}
	})
}
