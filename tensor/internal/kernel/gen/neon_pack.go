package main

// packing writes the kernels of Pack and Prefetch.
func (n *neon) packing() {
	n.packRows()
	n.packColumns()
	n.prefetch()
}

// packRows copies rows of one or two vectors.
func (n *neon) packRows() {
	n.function("packRows", "(dst *float32, vecs int, src *float32, stride, rows int)", 0,
		"packRowsNEON copies positive rows of one or two vectors, stride apart.")
	const dst, src, stride, rows, vecs = r(0), r(1), r(2), r(3), r(4)
	n.arg("dst", dst)
	n.arg("src", src)
	n.arg("stride", stride)
	n.do("LSL", "$2, %s", stride)
	n.arg("rows", rows)
	n.arg("vecs", vecs)
	n.do("CMP", "$1, %s", vecs)
	n.jump("BEQ", "one")
	n.at("two")
	n.do("FLDPQ", "(%s), (F0, F1)", src)
	n.do("FSTPQ.P", "(F0, F1), %d(%s)", 2*neonBytes, dst)
	n.do("ADD", "%s, %s", stride, src)
	n.do("SUBS", "$1, %s", rows)
	n.jump("BNE", "two")
	n.do("RET", "")
	n.at("one")
	n.do("FMOVQ", "(%s), F0", src)
	n.do("FMOVQ.P", "F0, %d(%s)", neonBytes, dst)
	n.do("ADD", "%s, %s", stride, src)
	n.do("SUBS", "$1, %s", rows)
	n.jump("BNE", "one")
	n.do("RET", "")
}

// packColumns transposes four rows, four columns at a time.
func (n *neon) packColumns() {
	n.function("packColumns", "(dst *float32, width int, src *float32, stride, depth int)", 0,
		"packColumnsNEON transposes four rows of src: dst[k*width+j] = src[j*stride+k] for k < depth, a",
		"positive multiple of four.")
	const dst, width, stride, left = r(0), r(1), r(2), r(3)
	row := [4]r{4, 5, 6, 7}
	n.arg("dst", dst)
	n.arg("width", width)
	n.do("LSL", "$2, %s", width)
	n.arg("src", row[0])
	n.arg("stride", stride)
	n.do("LSL", "$2, %s", stride)
	n.arg("depth", left)
	for i := range 3 {
		n.do("ADD", "%s, %s, %s", stride, row[i], row[i+1])
	}
	n.at("loop")
	for i, p := range row {
		n.do("FMOVQ.P", "%d(%s), %s", neonBytes, p, v(i))
	}
	for i := range v(2) { // blocks of 2×2, then blocks of such
		n.v("trn1.4s", 4+2*i, 2*i, 2*i+1)
		n.v("trn2.4s", 5+2*i, 2*i, 2*i+1)
	}
	for i := range v(2) {
		n.v("trn1.2d", i, 4+i, 6+i)
		n.v("trn2.2d", 2+i, 4+i, 6+i)
	}
	for i := range v(4) {
		n.do("FMOVQ", "%s, (%s)", i, dst)
		n.do("ADD", "%s, %s", width, dst)
	}
	n.do("SUBS", "$4, %s", left)
	n.jump("BNE", "loop")
	n.do("RET", "")
}

// prefetch asks for the cache lines of rows.
func (n *neon) prefetch() {
	n.function("prefetch", "(x *float32, stride, rows, bytes int)", 0, "prefetchNEON is Prefetch for positive rows of positive length.")
	const x, stride, rows, bytes, p, left = r(0), r(1), r(2), r(3), r(4), r(5)
	n.arg("x", x)
	n.arg("stride", stride)
	n.do("LSL", "$2, %s", stride)
	n.arg("rows", rows)
	n.arg("bytes", bytes)
	n.at("row")
	n.do("MOVD", "%s, %s", x, p)
	n.do("MOVD", "%s, %s", bytes, left)
	n.at("line")
	n.do("PRFM", "(%s), PLDL1KEEP", p)
	n.do("ADD", "$64, %s", p)
	n.do("SUBS", "$64, %s", left)
	n.jump("BGT", "line")
	n.do("ADD", "%s, %s", stride, x)
	n.do("SUBS", "$1, %s", rows)
	n.jump("BNE", "row")
	n.do("RET", "")
}

// tile64 writes the kernel of Tile64. The accumulators use the registers of those of the
// float32 tiles; a vector holds two values, and so does a load of a.
func (n *neon) tile64() {
	n.function("tile64", "(c *float64, ldc int, a, b *float64, depth int, acc bool)", 0,
		"tile64NEON is Tile64 for a full tile and positive depth. It checks nothing.")
	t := neonTile{n, neonMR, 2}
	const c, ldc, a, b, left, x = r(0), r(1), r(2), r(3), r(4), r(5)
	n.arg("c", c)
	n.arg("ldc", ldc)
	n.do("LSL", "$3, %s", ldc)
	n.arg("a", a)
	n.arg("b", b)
	n.arg("depth", left)
	n.do("MOVBU", "%s, %s", n.place("acc"), x)
	n.do("CBZ", "%s, zero", x)
	t.move(false, c, ldc)
	n.jump("B", "loop")
	n.at("zero")
	t.clear()
	n.at("loop")
	n.do("FLDPQ.P", "%d(%s), (F24, F25)", 2*neonBytes, b)
	for r := 0; r < t.rows; r += 4 {
		n.do("FLDPQ.P", "%d(%s), (F28, F29)", 2*neonBytes, a)
		for k := range 4 {
			for i := range 2 {
				n.v("fmla.d", t.acc(r+k, i), v(24+i), v(28+k/2), v(k%2))
			}
		}
	}
	n.do("SUBS", "$1, %s", left)
	n.jump("BNE", "loop")
	n.arg("c", c)
	t.move(true, c, ldc)
	n.do("RET", "")
}
