package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// outerArgs is the signature of the assembly of Outer; n is the number of
// offsets.
const outerArgs = "(c *float32, ldc, rows, cols int, a *float32, off *int32, n int, b *float32, ldb int, acc bool)"

// outer writes the kernel of Outer, one body for each number of rows and of
// vectors in a row.
func (s *set) outer() {
	s.function("outer", outerArgs,
		"outer"+s.suffix+" is Outer for positive rows, cols and n. It checks nothing.")
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
			s.outerTile(rows, vecs)
		}
	}
}

// outerTile writes one body, which returns from the function.
func (s *set) outerTile(rows, vecs int) {
	t := tile{s, rows, vecs}
	a, off, n, b, ldb, x, window := reg.RAX, reg.RBX, reg.RDX, reg.RSI, reg.RDI, reg.R8, reg.RCX
	t.start()
	s.MOVQ(s.arg("a"), a)
	s.MOVQ(s.arg("off"), off)
	s.MOVQ(s.arg("n"), n)
	s.MOVQ(s.arg("b"), b)
	s.MOVQ(s.arg("ldb"), ldb)
	s.SHLQ(operand.U8(2), ldb)
	s.LEAQ(atIndex(off, n, 4, 0), off)
	s.NEGQ(n)
	s.CMPQ(s.arg("cols"), operand.U8(vecs*s.lanes))
	s.JNE(s.target("partial"))
	s.outerLoop(t, "full", a, off, n, b, ldb, x, func(m operand.Mem, i int) { s.VMOVUPS(m, t.row(i)) })
	s.JMP(s.target("done"))
	s.Label(s.l("partial"))
	s.outerLoop(t, "loop", a, off, n, b, ldb, x, func(m operand.Mem, i int) { s.loadMasked(m, i, window, t.row(i)) })
	s.Label(s.l("done"))
	t.finish()
}

// outerLoop writes the loop over the offsets; load reads vector i of a row of b.
func (s *set) outerLoop(t tile, name string, a, off, n, b, ldb, x reg.GPPhysical, load func(m operand.Mem, i int)) {
	s.Label(s.l(name))
	s.MOVLQSX(atIndex(off, n, 4, 0), x)
	s.TESTQ(x, x)
	s.JLT(s.target(name + "skip"))
	s.LEAQ(atIndex(a, x, 4, 0), x)
	for i := range t.vecs {
		load(at(b, i*s.bytes()), i)
	}
	for r := range t.rows {
		t.multiply(at(x, 4*r), r)
	}
	s.Label(s.l(name + "skip"))
	s.ADDQ(ldb, b)
	s.INCQ(n)
	s.JNE(s.target(name))
}
