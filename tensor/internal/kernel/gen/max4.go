package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Predicates of VCMPPS: not less or equal (true for a NaN), and no NaN.
const (
	notLess = 0x06
	ordered = 0x07
)

// max4 writes the kernel of Max4 for a multiple of a vector's length. The
// rest is the twin's: it does no arithmetic, so there is nothing to round.
func (s *set) max4() {
	s.function("max4", "(dst *float32, idx *uint8, a, b, c, d *float32, n int)",
		"max4"+s.suffix+" is Max4 for n elements, a positive multiple of the length of a vector.")
	s.label = ""
	dst, idx, n, i := reg.RDI, reg.RSI, reg.RDX, reg.RAX
	in := []reg.GPPhysical{reg.R8, reg.R9, reg.R10, reg.R11}
	s.MOVQ(s.arg("dst"), dst)
	s.MOVQ(s.arg("idx"), idx)
	s.MOVQ(s.arg("n"), n)
	for k, name := range []string{"a", "b", "c", "d"} {
		s.MOVQ(s.arg(name), in[k])
	}
	m, best, v := s.v[0], s.v[1], s.v[2]
	place := s.v[5:8]
	for k := range 3 {
		s.MOVL(operand.U32(k+1), reg.EAX)
		s.VMOVD(reg.EAX, place[k].(reg.Vec).AsX())
		s.VPBROADCASTD(place[k].(reg.Vec).AsX(), place[k])
	}
	s.XORQ(i, i)
	s.Label("loop")
	s.VMOVUPS(atIndex(in[0], i, 4, 0), m)
	s.zero(best)
	for k := range 3 {
		s.VMOVUPS(atIndex(in[k+1], i, 4, 0), v)
		s.beats(v, m, best, place[k])
	}
	s.VMOVUPS(m, atIndex(dst, i, 4, 0))
	s.storeBytes(best, v, atIndex(idx, i, 1, 0))
	s.ADDQ(operand.U8(s.lanes), i)
	s.CMPQ(i, n)
	s.JLT(operand.LabelRef("loop"))
	s.VZEROUPPER()
	s.RET()
}

// beats replaces m by v and best by place where v is greater than m, or the
// first NaN.
func (s *set) beats(v, m, best, place reg.VecPhysical) {
	if s.wide {
		s.VCMPPS(operand.U8(notLess), m, v, reg.K1)
		s.VCMPPS(operand.U8(ordered), m, m, reg.K1, reg.K2)
		s.VMOVAPS(v, reg.K2, m)
		s.VMOVDQA32(place, reg.K2, best)
		return
	}
	x, y := s.v[3], s.v[4]
	s.VCMPPS(operand.U8(notLess), m, v, x)
	s.VCMPPS(operand.U8(ordered), m, m, y)
	s.VANDPS(y, x, x)
	s.VBLENDVPS(x, v, m, m)
	s.VBLENDVPS(x, place, best, best)
}

// storeBytes stores the low byte of each 32-bit lane of r.
func (s *set) storeBytes(r, tmp reg.VecPhysical, m operand.Mem) {
	if s.wide {
		s.VPMOVDB(r, m)
		return
	}
	low, high := r.(reg.Vec).AsX(), tmp.(reg.Vec).AsX()
	s.VEXTRACTI128(operand.U8(1), r, high)
	s.VPACKUSDW(high, low, low)
	s.VPACKUSWB(low, low, low)
	s.VMOVQ(low, m)
}
