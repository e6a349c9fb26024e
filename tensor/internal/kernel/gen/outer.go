package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The signatures of the assembly of Outer and of OuterRows; n is the number of
// offsets or of rows.
const (
	outerArgs     = "(c *float32, ldc, rows, cols int, a *float32, off *int32, n int, b *float32, ldb int, acc bool)"
	outerRowsArgs = "(c *float32, ldc, rows, cols int, a *float32, lda, n int, b *float32, ldb int, acc bool)"
)

// The registers of the outer products.
var (
	oA      = reg.RAX
	oOff    = reg.RBX // behind the last offset; OuterRows: bytes between rows of a
	oN      = reg.RDX // rows left; Outer: negative
	oB      = reg.RSI
	oLDB    = reg.RDI
	oX      = reg.R8 // Outer: the current row of a
	oWindow = reg.RCX
)

// outer writes the kernels of Outer and OuterRows, one body for each number of
// rows and of vectors in a row.
func (s *set) outer() {
	s.function("outer", outerArgs,
		"outer"+s.suffix+" is Outer for positive rows, cols and n. It checks nothing.")
	s.outerTiles(func(t tile) {
		s.MOVQ(s.arg("off"), oOff)
		s.outerLoops(t, s.gatheredLoop)
	})
	s.function("outerRows", outerRowsArgs,
		"outerRows"+s.suffix+" is OuterRows for positive rows, cols and n. It checks nothing.")
	s.outerTiles(func(t tile) {
		s.MOVQ(s.arg("lda"), oOff)
		s.SHLQ(operand.U8(2), oOff)
		s.outerLoops(t, s.stridedLoop)
	})
}

// outerTiles writes the bodies, and the choice among them.
func (s *set) outerTiles(body func(t tile)) {
	s.MOVQ(s.arg("rows"), reg.RAX)
	s.CMPQ(s.arg("cols"), operand.U8(s.lanes))
	s.JLE(operand.LabelRef("narrow"))
	for _, vecs := range []int{2, 1} {
		if vecs == 1 {
			s.Label("narrow")
		}
		for rows := s.mr; rows > 1; rows-- {
			s.CMPQ(reg.RAX, operand.U8(rows))
			s.JEQ(operand.LabelRef(fmt.Sprintf("t%dx%d", rows, vecs)))
		}
		for rows := 1; rows <= s.mr; rows++ {
			s.label = fmt.Sprintf("t%dx%d", rows, vecs)
			s.Label(s.label)
			t := tile{s, rows, vecs}
			t.start()
			body(t)
			t.finish()
		}
	}
}

// outerLoops writes a loop for whole vectors of b and one for masked ones. load
// reads vector i of a row of b.
func (s *set) outerLoops(t tile, loop func(t tile, name string, load func(m operand.Mem, i int))) {
	s.MOVQ(s.arg("a"), oA)
	s.MOVQ(s.arg("n"), oN)
	s.MOVQ(s.arg("b"), oB)
	s.MOVQ(s.arg("ldb"), oLDB)
	s.SHLQ(operand.U8(2), oLDB)
	s.CMPQ(s.arg("cols"), operand.U8(t.vecs*s.lanes))
	s.JNE(s.target("partial"))
	loop(t, "full", func(m operand.Mem, i int) { s.VMOVUPS(m, t.row(i)) })
	s.JMP(s.target("done"))
	s.Label(s.l("partial"))
	loop(t, "some", func(m operand.Mem, i int) { s.loadMasked(m, i, oWindow, t.row(i)) })
	s.Label(s.l("done"))
}

// gatheredLoop writes the loop over the offsets.
func (s *set) gatheredLoop(t tile, name string, load func(m operand.Mem, i int)) {
	s.LEAQ(atIndex(oOff, oN, 4, 0), oOff)
	s.NEGQ(oN)
	s.Label(s.l(name))
	s.MOVLQSX(atIndex(oOff, oN, 4, 0), oX)
	s.TESTQ(oX, oX)
	s.JLT(s.target(name + "skip"))
	s.LEAQ(atIndex(oA, oX, 4, 0), oX)
	for i := range t.vecs {
		load(at(oB, i*s.bytes()), i)
	}
	for r := range t.rows {
		t.multiply(at(oX, 4*r), r)
	}
	s.Label(s.l(name + "skip"))
	s.ADDQ(oLDB, oB)
	s.INCQ(oN)
	s.JNE(s.target(name))
}

// stridedLoop writes the loop over rows a constant distance apart, two at a
// time.
func (s *set) stridedLoop(t tile, name string, load func(m operand.Mem, i int)) {
	first := func() {
		for i := range t.vecs {
			load(at(oB, i*s.bytes()), i)
		}
		for r := range t.rows {
			t.multiply(at(oA, 4*r), r)
		}
	}
	s.SUBQ(operand.U8(2), oN)
	s.JLT(s.target(name + "last"))
	s.Label(s.l(name))
	first()
	for i := range t.vecs {
		load(atIndex(oB, oLDB, 1, i*s.bytes()), i)
	}
	for r := range t.rows {
		t.multiply(atIndex(oA, oOff, 1, 4*r), r)
	}
	s.LEAQ(atIndex(oA, oOff, 2, 0), oA)
	s.LEAQ(atIndex(oB, oLDB, 2, 0), oB)
	s.SUBQ(operand.U8(2), oN)
	s.JGE(s.target(name))
	s.Label(s.l(name + "last"))
	s.INCQ(oN)
	s.JNE(s.target(name + "end"))
	first()
	s.Label(s.l(name + "end"))
}
