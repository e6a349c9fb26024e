package main

import "fmt"

// gather writes the kernel of Gather, one body for each number of rows and of vectors in a row.
// The accumulators stay in vector registers and the row pointers in general registers, for a
// whole tap. Depth is cut into pieces of the length of the block of zeros.
func (n *neon) gather() {
	n.function("gather", "(c *float32, ldc, rows int, a *float32, off *int32, taps, depth int, b *float32, ldb int, acc bool, zero *float32)", 0,
		"gatherNEON is Gather for positive rows, taps and depth, and for ldb columns.",
		"It checks nothing. zero points to 512 zeros.")
	n.eachTile("ldb", func(t neonTile) {
		ptr := general[:t.rows]
		rest := general[neonMR:]
		off, taps, b, base, left, depth, piece, zero, x, neg := rest[0], rest[1], rest[2], rest[3], rest[4], rest[5], rest[6], rest[7], rest[8], rest[9]
		t.begin(ptr[0], x)
		n.arg("off", off)
		n.arg("taps", taps)
		n.arg("b", b)
		n.arg("zero", zero)
		n.arg("depth", depth)
		n.at("tap")
		n.arg("a", base)
		n.do("MOVD", "%s, %s", depth, left)
		n.at("chunk")
		n.do("MOVD", "$%d, %s", chunk, piece)
		n.do("CMP", "%s, %s", piece, left)
		n.do("CSEL", "LT, %s, %s, %s", left, piece, piece)
		n.do("SUB", "%s, %s", piece, left)
		for i, p := range ptr {
			n.do("MOVW", "%d(%s), %s", 4*i, off, neg)
			n.do("ADD", "%s<<2, %s, %s", neg, base, p)
			n.do("CMP", "$0, %s", neg)
			n.do("CSEL", "LT, %s, %s, %s", zero, p, p)
		}
		n.do("ADD", "%s<<2, %s", piece, base)
		t.down(ptr, b, piece)
		n.do("CBNZ", "%s, %s", left, n.l("chunk"))
		n.do("ADD", "$%d, %s", 4*neonMR, off)
		n.do("SUBS", "$1, %s", taps)
		n.jump("BNE", "tap")
		t.finish(ptr[0], x)
	})
}

// stacks writes the kernels of Rows for full tiles, one for each number of vectors in a row: a
// loop over consecutive tiles. Tiles of one vector have twice as many rows.
func (n *neon) stacks() {
	for _, vecs := range []int{1, 2} {
		t := neonTile{n, 2 * neonMR / vecs, vecs}
		n.function(fmt.Sprintf("rows%d", vecs), "(c *float32, ldc, tiles int, a *float32, lda, depth int, b *float32, acc bool)", 32,
			fmt.Sprintf("rows%dNEON is Rows for tiles of %d rows and %d columns, and positive depth.", vecs, t.rows, vecs*neonLanes),
			"It checks nothing.")
		n.stack(t)
	}
}

// stack writes the body for one kind of tile. What a tile of 24 rows leaves no register for
// lies in the frame: the tile's place in c, its first row of a, and the tiles that are left.
func (n *neon) stack(t neonTile) {
	const first, place, tiles = "first-8(SP)", "place-16(SP)", "tiles-24(SP)"
	ptr, b, left := general[:t.rows], general[24], general[25]
	c, ldc, x := general[0], general[1], general[2]
	keep := func(from r, to string) { n.do("MOVD", "%s, %s", from, to) }
	get := func(from string, to r) { n.do("MOVD", "%s, %s", from, to) }
	n.arg("a", c)
	keep(c, first)
	n.arg("c", c)
	keep(c, place)
	n.arg("tiles", c)
	keep(c, tiles)

	n.at("tile")
	get(place, c)
	n.arg("ldc", ldc)
	n.do("LSL", "$2, %s", ldc)
	n.do("MOVBU", "%s, %s", n.place("acc"), x)
	n.do("CBZ", "%s, zero", x)
	t.move(false, c, ldc)
	n.do("B", "begin")
	n.at("zero")
	t.clear()
	n.do("MOVD", "$%d, %s", t.rows, x)
	n.do("MADD", "%s, %s, %s, %s", ldc, c, x, c)
	n.at("begin")
	t.ahead(c, ldc, x)
	get(first, ptr[0])
	n.arg("lda", left)
	n.do("LSL", "$2, %s", left)
	for i := 1; i < t.rows; i++ {
		n.do("ADD", "%s, %s, %s", left, ptr[i-1], ptr[i])
	}
	n.do("ADD", "%s, %s, %s", left, ptr[t.rows-1], b)
	keep(b, first)
	n.arg("b", b)
	n.arg("depth", left)
	t.down(ptr, b, left)
	get(place, c)
	n.arg("ldc", ldc)
	n.do("LSL", "$2, %s", ldc)
	t.move(true, c, ldc)
	keep(c, place)
	get(tiles, x)
	n.do("SUBS", "$1, %s", x)
	keep(x, tiles)
	n.do("BNE", "tile")
	n.do("RET", "")
}

// ahead prefetches what the next tile, at c, overwrites.
func (t neonTile) ahead(c, ldc, x r) {
	t.arg("depth", x)
	t.do("CMP", "$%d, %s", fetchDepth, x)
	t.do("BLT", "near")
	for range t.rows {
		t.do("PRFM", "(%s), PSTL1KEEP", c)
		t.do("ADD", "%s, %s", ldc, c)
	}
	t.at("near")
}
