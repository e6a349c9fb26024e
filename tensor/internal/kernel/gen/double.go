package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tiles64 writes the kernel of Tile64, which is in a file of its own. The accumulators
// use the same registers as those of the float32 tiles; a vector holds half as many
// values.
func (s *set) tiles64() {
	s.function("tile64", "(c *float64, ldc int, a, b *float64, depth int, acc bool)",
		"tile64"+s.suffix+" is Tile64 for a full tile and positive depth. It checks nothing.")
	t := tile{s, s.mr, 2}
	a, b, n, c, ldc := reg.RSI, reg.RDI, reg.RCX, reg.RAX, reg.RDX
	s.MOVQ(s.arg("a"), a)
	s.MOVQ(s.arg("b"), b)
	s.MOVQ(s.arg("depth"), n)
	s.MOVQ(s.arg("ldc"), ldc)
	s.SHLQ(operand.U8(3), ldc)

	each := func(f func(acc reg.VecPhysical, m operand.Mem)) {
		s.MOVQ(s.arg("c"), c)
		for r := range t.rows {
			for i := range t.vecs {
				f(t.acc(r, i), at(c, i*s.bytes()))
			}
			s.ADDQ(ldc, c)
		}
	}
	s.CMPB(s.arg("acc"), operand.U8(0))
	s.JEQ(operand.LabelRef("zero"))
	each(func(acc reg.VecPhysical, m operand.Mem) { s.VMOVUPD(m, acc) })
	s.JMP(operand.LabelRef("loop"))
	s.Label("zero")
	for r := range t.rows {
		for i := range t.vecs {
			s.zero(t.acc(r, i))
		}
	}

	s.Label("loop")
	for i := range t.vecs {
		s.VMOVUPD(at(b, i*s.bytes()), t.row(i))
	}
	for r := range t.rows {
		x := t.value(r)
		s.VBROADCASTSD(at(a, 8*r), x)
		for i := range t.vecs {
			s.VFMADD231PD(x, t.row(i), t.acc(r, i))
		}
	}
	s.ADDQ(operand.U32(8*t.rows), a)
	s.ADDQ(operand.U32(t.vecs*s.bytes()), b)
	s.DECQ(n)
	s.JNE(operand.LabelRef("loop"))

	each(func(acc reg.VecPhysical, m operand.Mem) { s.VMOVUPD(acc, m) })
	s.VZEROUPPER()
	s.RET()
}
