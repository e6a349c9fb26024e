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

// windows writes the kernels of MaxWindows, PickWindows and SpreadWindows for whole
// vectors of channels. The twins do the rest: there is no arithmetic, so nothing is
// rounded differently.
func (s *set) windows() {
	best, value, other := s.v[0], s.v[1], s.v[2]
	place := s.v[5:9]
	s.eachWindow("maxWindows", place, func(y, idx operand.Mem, in [4]operand.Mem) {
		s.VMOVUPS(in[0], value)
		s.zero(best)
		for k := 1; k < len(in); k++ {
			s.VMOVUPS(in[k], other)
			s.beats(other, value, best, place[k])
		}
		s.VMOVUPS(value, y)
		s.storeBytes(best, other, idx)
	})
	s.eachWindow("pickWindows", place, func(y, idx operand.Mem, in [4]operand.Mem) {
		s.VPMOVZXBD(idx, best)
		s.VMOVUPS(in[0], value)
		for k := 1; k < len(in); k++ {
			if s.wide {
				s.VPCMPEQD(place[k], best, reg.K1)
				s.VMOVUPS(in[k], reg.K1, value)
				continue
			}
			s.VPCMPEQD(place[k], best, other)
			s.VBLENDVPS(other, in[k], value, value)
		}
		s.VMOVUPS(value, y)
	})
	s.eachWindow("spreadWindows", place, func(y, idx operand.Mem, in [4]operand.Mem) {
		s.VPMOVZXBD(idx, best)
		s.VMOVUPS(y, value)
		for k := range in {
			if s.wide {
				s.VPCMPEQD(place[k], best, reg.K1)
				s.VMOVAPS_Z(value, reg.K1, other)
			} else {
				s.VPCMPEQD(place[k], best, other)
				s.VANDPS(value, other, other)
			}
			s.VMOVUPS(other, in[k])
		}
	})
}

// eachWindow writes a kernel that does body for each vector of channels of each
// window, with the numbers of its pixels in place.
func (s *set) eachWindow(name string, place []reg.VecPhysical, body func(y, idx operand.Mem, in [4]operand.Mem)) {
	s.function(name, "(y *float32, idx *uint8, x *float32, row, step, channels, cols, windows int)",
		name+s.suffix+" is the kernel of the same name for the first cols of the channels, a positive multiple of",
		"the length of a vector, and for at least one window.")
	s.label = ""
	y, idx, row, step, channels, cols, windows, j := reg.RDI, reg.RSI, reg.R13, reg.R9, reg.R10, reg.R11, reg.R12, reg.RAX
	in := []reg.GPPhysical{reg.RBX, reg.RCX, reg.RDX, reg.R8}
	for k, p := range place {
		s.MOVL(operand.U32(k), reg.EAX)
		s.VMOVD(reg.EAX, p.(reg.Vec).AsX())
		s.VPBROADCASTD(p.(reg.Vec).AsX(), p)
	}
	s.MOVQ(s.arg("y"), y)
	s.MOVQ(s.arg("idx"), idx)
	s.MOVQ(s.arg("row"), row)
	s.MOVQ(s.arg("step"), step)
	s.SHLQ(operand.U8(2), step)
	s.MOVQ(s.arg("channels"), channels)
	s.MOVQ(s.arg("cols"), cols)
	s.MOVQ(s.arg("windows"), windows)
	s.MOVQ(s.arg("x"), in[0])
	s.LEAQ(atIndex(in[0], channels, 4, 0), in[1])
	s.LEAQ(atIndex(in[0], row, 4, 0), in[2])
	s.LEAQ(atIndex(in[1], row, 4, 0), in[3])
	s.Label("window")
	s.XORQ(j, j)
	s.Label("vector")
	var at4 [4]operand.Mem
	for k, p := range in {
		at4[k] = atIndex(p, j, 4, 0)
	}
	body(atIndex(y, j, 4, 0), atIndex(idx, j, 1, 0), at4)
	s.ADDQ(operand.U8(s.lanes), j)
	s.CMPQ(j, cols)
	s.JLT(operand.LabelRef("vector"))
	s.LEAQ(atIndex(y, channels, 4, 0), y)
	s.ADDQ(channels, idx)
	for _, p := range in {
		s.ADDQ(step, p)
	}
	s.DECQ(windows)
	s.JNE(operand.LabelRef("window"))
	s.VZEROUPPER()
	s.RET()
}

// beats replaces m by v and best by place if v is greater than m, or the first NaN.
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
