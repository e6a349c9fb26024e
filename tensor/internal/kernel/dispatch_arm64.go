//go:build arm64 && !noasm

package kernel

// supported returns the instruction sets: every arm64 processor has NEON.
func supported() []level { return []level{generic, neon} }

func maxOffsets(off []int32, stride, rows, taps int) int {
	if active == neon && rows > 0 && taps > 0 {
		return int(maxOffsetsNEON(&off[0], stride, rows, taps))
	}
	return maxOffsetsGeneric(off, stride, rows, taps)
}

func gather(c []float32, ldc, rows, cols int, a []float32, off []int32, taps, depth int, b []float32, ldb int, acc bool) {
	switch {
	case active == generic:
		gatherGeneric(c, ldc, rows, cols, a, off, MR(), taps, depth, b, ldb, acc)
	case cols == ldb:
		gatherNEON(&c[0], ldc, rows, first(a), &off[0], taps, depth, &b[0], ldb, acc, &zeros[0])
	default:
		var e partial
		e.load(c, ldc, rows, cols, ldb, acc)
		gatherNEON(&e.c[0], ldb, rows, first(a), &off[0], taps, depth, &b[0], ldb, true, &zeros[0])
		e.store(c, ldc, rows, cols, ldb)
	}
}

func outer(c []float32, ldc, rows, cols int, a []float32, off []int32, b []float32, ldb int, acc bool) {
	switch {
	case active == generic:
		outerGeneric(c, ldc, rows, cols, a, off, b, ldb, acc)
	case cols%4 == 0:
		outerNEON(&c[0], ldc, rows, cols, first(a), &off[0], len(off), &b[0], ldb, acc)
	default:
		var e partial
		width := (cols + 3) &^ 3
		e.load(c, ldc, rows, cols, width, acc)
		for p := 0; p < len(off); p += partialRows {
			m := min(partialRows, len(off)-p)
			e.loadB(b[p*ldb:], ldb, m, cols, width)
			outerNEON(&e.c[0], width, rows, width, first(a), &off[p], m, &e.b[0], width, true)
		}
		e.store(c, ldc, rows, cols, width)
	}
}

// partialRows is the number of rows of b that a partial tile holds.
const partialRows = 32

// A partial tile is one whose last columns fill no vector, completed with zeros: NEON has no
// masks.
type partial struct {
	c [12 * 8]float32
	b [partialRows * 8]float32
}

// load copies a tile of c if its products are added to it.
func (e *partial) load(c []float32, ldc, rows, cols, width int, acc bool) {
	if acc {
		for r := range rows {
			copy(e.c[r*width:r*width+cols], c[r*ldc:])
		}
	}
}

// loadB copies rows of b, n of them.
func (e *partial) loadB(b []float32, ldb, n, cols, width int) {
	for p := range n {
		copy(e.b[p*width:p*width+cols], b[p*ldb:])
	}
}

// store copies the tile back.
func (e *partial) store(c []float32, ldc, rows, cols, width int) {
	for r := range rows {
		copy(c[r*ldc:r*ldc+cols], e.c[r*width:])
	}
}

// first returns the address of x, or of a zero if x is empty (then every
// offset is negative and it is not read).
func first(x []float32) *float32 {
	if len(x) == 0 {
		return &zeros[0]
	}
	return &x[0]
}
