package main

// The registers of the outer products.
const (
	nA    r = 2 // the current row of a; Outer: its begin
	nStep r = 3 // bytes between rows of a; Outer: the next offset
	nLeft r = 4 // rows left
	nB    r = 5
	nLDB  r = 6
	nX    r = 7 // Outer: the current row of a
)

// outer writes the kernels of Outer and OuterRows, one body for each number of rows and of
// vectors in a row.
func (n *neon) outer() {
	n.function("outer", "(c *float32, ldc, rows, cols int, a *float32, off *int32, n int, b *float32, ldb int, acc bool)", 0,
		"outerNEON is Outer for positive rows and n, and one or two vectors of columns. It checks nothing.")
	n.eachTile("cols", func(t neonTile) {
		t.outerBegin("off")
		n.at("row")
		n.do("MOVW.P", "4(%s), %s", nStep, nX)
		n.do("TBNZ", "$31, %s, %s", nX, n.l("skip"))
		n.do("ADD", "%s<<2, %s, %s", nX, nA, nX)
		t.outerRow(nX)
		n.at("skip")
		n.do("ADD", "%s, %s", nLDB, nB)
		n.do("SUBS", "$1, %s", nLeft)
		n.jump("BNE", "row")
		t.finish(0, 1)
	})
	n.function("outerRows", "(c *float32, ldc, rows, cols int, a *float32, lda, n int, b *float32, ldb int, acc bool)", 0,
		"outerRowsNEON is OuterRows for positive rows and n, and one or two vectors of columns. It checks nothing.")
	n.eachTile("cols", func(t neonTile) {
		t.outerBegin("lda")
		n.do("LSL", "$2, %s", nStep)
		n.at("row")
		t.outerRow(nA)
		n.do("ADD", "%s, %s", nStep, nA)
		n.do("ADD", "%s, %s", nLDB, nB)
		n.do("SUBS", "$1, %s", nLeft)
		n.jump("BNE", "row")
		t.finish(0, 1)
	})
}

// outerBegin loads the accumulators and the arguments; step is where the rows of a are.
func (t neonTile) outerBegin(step string) {
	t.begin(0, 1)
	t.arg("a", nA)
	t.arg(step, nStep)
	t.arg("n", nLeft)
	t.arg("b", nB)
	t.arg("ldb", nLDB)
	t.do("LSL", "$2, %s", nLDB)
}

// outerRow adds the product of one row of a and one of b: four values of a are one load, the
// last of them single.
func (t neonTile) outerRow(a r) {
	if t.vecs == 2 {
		t.do("FLDPQ", "(%s), (%s, %s)", nB, t.row(0, 0), t.row(0, 1))
	} else {
		t.do("FMOVQ", "(%s), %s", nB, t.row(0, 0))
	}
	whole := t.rows &^ 3
	for q := 0; q < whole; q += 4 {
		t.do("FMOVQ", "%d(%s), %s", 4*q, a, t.value(q/4))
	}
	for r := range whole {
		t.outerValue(r, t.value(r/4), r%4)
	}
	// A tile that has rows left is not full: the registers of its last row are free.
	for r := whole; r < t.rows; r++ {
		x := t.value(r)
		t.do("FMOVS", "%d(%s), %s", 4*r, a, x)
		t.outerValue(r, x, 0)
	}
}

// outerValue adds a lane of values times the row of b to row r.
func (t neonTile) outerValue(r int, values v, lane int) {
	for i := range t.vecs {
		t.v("fmla.s", t.acc(r, i), t.row(0, i), values, v(lane))
	}
}
