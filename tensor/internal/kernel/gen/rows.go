package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowsUnroll is the number of steps in depth of one pass of the inner loop.
const rowsUnroll = 4

// The registers of the kernels of stacks.
var (
	fPtr    = gpr[:6] // every fourth row of the tile
	fC      = reg.R15 // the current row of c
	fLDC    = reg.RAX // bytes between rows of c, while the rows of a are not read
	fFirst  = gpr[10] // the tile's first row of a
	fNext   = gpr[11] // bytes to that of the next tile
	fTiles  = gpr[12] // left
	fStride = gpr[6]  // bytes between rows of a
	fThree  = gpr[7]  // three times that
	fB, fN  = gpr[8], gpr[9]
)

// stacks writes the kernels of Rows for full tiles, one for each number of vectors in a
// row: a loop over consecutive tiles, so that one begins while the one before it is
// stored. Tiles of one vector have twice as many rows.
func (s *set) stacks() {
	for _, vecs := range []int{1, 2} {
		t := tile{s, 2 * s.mr / vecs, vecs}
		s.function(fmt.Sprintf("rows%d", vecs), "(c *float32, ldc, tiles int, a *float32, lda, depth int, b *float32, acc bool)",
			fmt.Sprintf("rows%d%s is Rows for tiles of %d rows and %d columns, and positive depth.", vecs, s.suffix, t.rows, vecs*s.lanes),
			"It checks nothing.")
		s.label = ""
		s.stack(t)
	}
}

// stack writes the body for one kind of tile.
func (s *set) stack(t tile) {
	s.MOVQ(s.arg("lda"), fStride)
	s.SHLQ(operand.U8(2), fStride)
	s.LEAQ(atIndex(fStride, fStride, 2, 0), fThree)
	s.IMUL3Q(operand.U32(t.rows), fStride, fNext)
	s.MOVQ(s.arg("a"), fFirst)
	s.MOVQ(s.arg("tiles"), fTiles)
	s.MOVQ(s.arg("c"), fC)

	s.Label("tile")
	t.begin()
	t.ahead()
	ptr := fPtr[:(t.rows+3)/4]
	s.MOVQ(fFirst, ptr[0])
	for i := 1; i < len(ptr); i++ {
		s.LEAQ(atIndex(ptr[i-1], fStride, 4, 0), ptr[i])
	}
	s.MOVQ(s.arg("b"), fB)
	s.MOVQ(s.arg("depth"), fN)
	s.SUBQ(operand.U8(rowsUnroll), fN)
	s.JLT(operand.LabelRef("tail"))
	s.Label("loop")
	t.down(ptr, rowsUnroll)
	s.SUBQ(operand.U8(rowsUnroll), fN)
	s.JGE(operand.LabelRef("loop"))
	s.Label("tail")
	s.ADDQ(operand.U8(rowsUnroll), fN)
	s.JEQ(operand.LabelRef("store"))
	s.Label("one")
	t.down(ptr, 1)
	s.DECQ(fN)
	s.JNE(operand.LabelRef("one"))

	s.Label("store")
	t.eachRow(func(r, i int, m operand.Mem) { s.VMOVUPS(t.acc(r, i), m) })
	s.ADDQ(fNext, fFirst)
	s.DECQ(fTiles)
	s.JNE(operand.LabelRef("tile"))
	s.VZEROUPPER()
	s.RET()
}

// begin loads or clears the accumulators.
func (t tile) begin() {
	t.CMPB(t.arg("acc"), operand.U8(0))
	t.JEQ(operand.LabelRef("zero"))
	t.eachRow(func(r, i int, m operand.Mem) { t.VMOVUPS(m, t.acc(r, i)) })
	t.IMUL3Q(operand.U32(t.rows), fLDC, fLDC)
	t.SUBQ(fLDC, fC) // back to the first row
	t.JMP(operand.LabelRef("begin"))
	t.Label("zero")
	for r := range t.rows {
		for i := range t.vecs {
			t.zero(t.acc(r, i))
		}
	}
	t.Label("begin")
}

// fetchDepth is the depth from which on prefetching costs next to nothing.
const fetchDepth = 100

// ahead prefetches what the next tile overwrites.
func (t tile) ahead() {
	c := fPtr[1]
	t.CMPQ(t.arg("depth"), operand.U8(fetchDepth))
	t.JLT(operand.LabelRef("near"))
	t.MOVQ(t.arg("ldc"), fLDC)
	t.SHLQ(operand.U8(2), fLDC)
	t.IMUL3Q(operand.U32(t.rows), fLDC, c)
	t.ADDQ(fC, c)
	for range t.rows {
		for i := range t.vecs {
			t.PREFETCHT0(at(c, i*t.bytes()))
		}
		t.ADDQ(fLDC, c)
	}
	t.Label("near")
}

// eachRow calls f for the place of each accumulator in c, and leaves the pointer after
// the tile.
func (t tile) eachRow(f func(r, i int, m operand.Mem)) {
	t.MOVQ(t.arg("ldc"), fLDC)
	t.SHLQ(operand.U8(2), fLDC)
	for r := range t.rows {
		for i := range t.vecs {
			f(r, i, at(fC, i*t.bytes()))
		}
		t.ADDQ(fLDC, fC)
	}
}

// down writes the given number of steps in depth.
func (t tile) down(ptr []reg.GPPhysical, steps int) {
	for u := range steps {
		for i := range t.vecs {
			t.VMOVUPS(at(fB, (u*t.vecs+i)*t.bytes()), t.row(i))
		}
		for r := range t.rows {
			p := ptr[r/4]
			t.multiply([4]operand.Mem{at(p, 4*u), atIndex(p, fStride, 1, 4*u), atIndex(p, fStride, 2, 4*u), atIndex(p, fThree, 1, 4*u)}[r%4], r)
		}
	}
	for _, p := range ptr {
		t.ADDQ(operand.U8(4*steps), p)
	}
	t.ADDQ(operand.U32(steps*t.vecs*t.bytes()), fB)
}
