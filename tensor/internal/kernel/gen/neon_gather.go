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

// What a tile of 24 rows leaves no register for lies in the frame: the tile's place in c, its
// first row of a, and how many tiles are left.
const (
	framePlace = "place-8(SP)"
	frameFirst = "first-16(SP)"
	frameTiles = "tiles-24(SP)"
)

// stack writes the body for one kind of tile.
func (n *neon) stack(t neonTile) {
	ptr, b, left := general[:t.rows], general[24], general[25]
	c, ldc, x := general[0], general[1], general[2]
	for _, value := range [][2]string{{"c", framePlace}, {"a", frameFirst}, {"tiles", frameTiles}} {
		n.arg(value[0], x)
		n.do("MOVD", "%s, %s", x, value[1])
	}
	n.at("tile")
	t.take(c, ldc, x)
	t.ahead(c, ldc, x)
	n.do("MOVD", "%s, %s", frameFirst, ptr[0])
	n.arg("lda", left)
	n.do("LSL", "$2, %s", left)
	for i := 1; i < t.rows; i++ {
		n.do("ADD", "%s, %s, %s", left, ptr[i-1], ptr[i])
	}
	n.do("ADD", "%s, %s, %s", left, ptr[t.rows-1], b)
	n.do("MOVD", "%s, %s", b, frameFirst)
	n.arg("b", b)
	n.arg("depth", left)
	t.down(ptr, b, left)
	t.locate(c, ldc)
	t.move(true, c, ldc)
	n.do("MOVD", "%s, %s", c, framePlace)
	n.do("MOVD", "%s, %s", frameTiles, x)
	n.do("SUBS", "$1, %s", x)
	n.do("MOVD", "%s, %s", x, frameTiles)
	n.jump("BNE", "tile")
	n.do("RET", "")
}

// take loads or clears the accumulators, and leaves c behind the tile.
func (t neonTile) take(c, ldc, x r) {
	t.locate(c, ldc)
	t.do("MOVBU", "%s, %s", t.place("acc"), x)
	t.do("CBZ", "%s, %s", x, t.l("zero"))
	t.move(false, c, ldc)
	t.jump("B", "begin")
	t.at("zero")
	t.clear()
	t.do("MOVD", "$%d, %s", t.rows, x)
	t.do("MADD", "%s, %s, %s, %s", ldc, c, x, c)
	t.at("begin")
}

// locate loads the tile's place in c and the bytes between its rows.
func (t neonTile) locate(c, ldc r) {
	t.do("MOVD", "%s, %s", framePlace, c)
	t.arg("ldc", ldc)
	t.do("LSL", "$2, %s", ldc)
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
