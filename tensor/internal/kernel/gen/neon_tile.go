package main

import "fmt"

// A neonTile is the accumulators of rows × vecs vectors: vector i of row r is register
// r*vecs+i. The registers after those of a full tile hold rows of b and values of a.
//
// A pass of its loop does several steps in depth: two values of a row of a are one load, or
// four if the tile is one vector wide, since a lane of a register can be a factor. So a tile
// of 12×8 has 14 loads for 48 multiply-adds.
type neonTile struct {
	*neon
	rows, vecs int
}

func (t neonTile) acc(r, i int) v { return v(r*t.vecs + i) }

// steps is the number of steps in depth of a pass.
func (t neonTile) steps() int { return 4 / t.vecs }

// row returns the register of vector i of a row of b, u steps ahead.
func (t neonTile) row(u, i int) v { return v(24 + u*t.vecs + i) }

// value returns a register for values of row r of a: four of them take turns.
func (t neonTile) value(r int) v { return v(28 + r%4) }

// clear sets the accumulators to zero.
func (t neonTile) clear() {
	for r := range t.rows {
		for i := range t.vecs {
			t.zero(t.acc(r, i))
		}
	}
}

// move loads or stores all accumulators, with the rows of c ldc bytes apart. It leaves c behind
// the tile.
func (t neonTile) move(store bool, c, ldc r) {
	for r := range t.rows {
		first := t.acc(r, 0)
		switch {
		case store && t.vecs == 2:
			t.do("FSTPQ", "(%s, %s), (%s)", first, first+1, c)
		case store:
			t.do("FMOVQ", "%s, (%s)", first, c)
		case t.vecs == 2:
			t.do("FLDPQ", "(%s), (%s, %s)", c, first, first+1)
		default:
			t.do("FMOVQ", "(%s), %s", c, first)
		}
		t.do("ADD", "%s, %s", ldc, c)
	}
}

// begin loads or clears the accumulators. It overwrites c and ldc.
func (t neonTile) begin(c, ldc r) {
	t.do("MOVBU", "%s, %s", t.place("acc"), c)
	t.do("CBZ", "%s, %s", c, t.l("zero"))
	t.arg("c", c)
	t.arg("ldc", ldc)
	t.do("LSL", "$2, %s", ldc)
	t.move(false, c, ldc)
	t.jump("B", "begin")
	t.at("zero")
	t.clear()
	t.at("begin")
}

// finish stores the accumulators and returns.
func (t neonTile) finish(c, ldc r) {
	t.arg("c", c)
	t.arg("ldc", ldc)
	t.do("LSL", "$2, %s", ldc)
	t.move(true, c, ldc)
	t.do("RET", "")
}

// down writes the loop over left steps in depth. The pointers to the rows of a and to b move on.
func (t neonTile) down(ptr []r, b, left r) {
	t.do("SUBS", "$%d, %s", t.steps(), left)
	t.jump("BLT", "tail")
	t.at("loop")
	t.pass(ptr, b, t.steps())
	t.do("SUBS", "$%d, %s", t.steps(), left)
	t.jump("BGE", "loop")
	t.at("tail")
	t.do("ADDS", "$%d, %s", t.steps(), left)
	t.jump("BEQ", "done")
	t.at("one")
	t.pass(ptr, b, 1)
	t.do("SUBS", "$1, %s", left)
	t.jump("BNE", "one")
	t.at("done")
}

// pass writes so many steps in depth, four rows at a time, so that an accumulator rests between
// two steps.
func (t neonTile) pass(ptr []r, b r, steps int) {
	t.loadB(b, steps)
	load := map[int]string{1: "FMOVS.P", 2: "FMOVD.P", 4: "FMOVQ.P"}[steps]
	for first := 0; first < t.rows; first += 4 {
		last := min(first+4, t.rows)
		for r := first; r < last; r++ {
			t.do(load, "%d(%s), %s", 4*steps, ptr[r], t.value(r))
		}
		for u := range steps {
			for r := first; r < last; r++ {
				t.multiply(r, u, u)
			}
		}
	}
}

// loadB loads steps rows of b that follow each other, and moves on.
func (t neonTile) loadB(b r, steps int) {
	for i := 0; i < steps*t.vecs; i += 2 {
		first := v(24 + i)
		if i+1 == steps*t.vecs {
			t.do("FMOVQ.P", "%d(%s), %s", neonBytes, b, first)
			continue
		}
		t.do("FLDPQ.P", "%d(%s), (%s, %s)", 2*neonBytes, b, first, first+1)
	}
}

// multiply adds a lane of the values of row r times a row of b to row r.
func (t neonTile) multiply(r, u, lane int) {
	for i := range t.vecs {
		t.v("fmla.s", t.acc(r, i), t.row(u, i), t.value(r), v(lane))
	}
}

// eachTile writes the bodies for tiles of each size, and the choice among them by the
// arguments rows and wide, which is the number of columns.
func (n *neon) eachTile(wide string, body func(t neonTile)) {
	rows, cols := general[0], general[1]
	n.arg("rows", rows)
	n.arg(wide, cols)
	n.do("CMP", "$%d, %s", neonLanes, cols)
	n.do("BEQ", "narrow")
	for _, vecs := range []int{2, 1} {
		if vecs == 1 {
			n.label = ""
			n.at("narrow")
		}
		for h := neonMR; h > 1; h-- {
			n.do("CMP", "$%d, %s", h, rows)
			n.do("BEQ", "t%dx%d", h, vecs)
		}
		for h := 1; h <= neonMR; h++ {
			n.label = ""
			n.at(fmt.Sprintf("t%dx%d", h, vecs))
			n.label = fmt.Sprintf("t%dx%d", h, vecs)
			body(neonTile{n, h, vecs})
		}
	}
}
