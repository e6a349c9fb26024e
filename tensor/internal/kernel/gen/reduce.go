package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// dotBlocks writes the kernel of Dot. A vector holds half as many float64
// values as float32 values; the 32 partial sums take 64/lanes vectors.
func (s *set) dotBlocks() {
	s.function("dotBlocks", "(sum *[32]float64, x, y []float32)",
		"dotBlocks"+s.suffix+" adds x[i]·y[i] to sum[i%32], for a length that is a positive multiple of 32.")
	s.label = ""
	sum, x, y, n := reg.RDI, reg.RSI, reg.RDX, reg.RCX
	s.MOVQ(s.arg("sum"), sum)
	s.Load(s.Param("x").Base(), x)
	s.Load(s.Param("y").Base(), y)
	s.Load(s.Param("x").Len(), n)
	wide := s.lanes / 2
	vecs := 32 / wide
	u, v := s.v[len(s.v)-1], s.v[len(s.v)-2]
	for i := range vecs {
		s.VMOVUPD(at(sum, i*s.bytes()), s.v[i])
	}
	s.Label("loop")
	for i := range vecs {
		s.VCVTPS2PD(at(x, 4*wide*i), u)
		s.VCVTPS2PD(at(y, 4*wide*i), v)
		s.VFMADD231PD(u, v, s.v[i])
	}
	s.ADDQ(operand.U32(128), x)
	s.ADDQ(operand.U32(128), y)
	s.SUBQ(operand.U8(32), n)
	s.JNE(operand.LabelRef("loop"))
	for i := range vecs {
		s.VMOVUPD(s.v[i], at(sum, i*s.bytes()))
	}
	s.VZEROUPPER()
	s.RET()
}

// colSum writes the kernel of ColSum for full blocks of four vectors of float64 columns.
// The twin does the rest and gives the same bits.
func (s *set) colSum() {
	const vecs = 4
	s.function("colSum", "(dst *float64, x *float32, rows, cols, stride int)",
		"colSum"+s.suffix+" is ColSum for the first cols columns of positive rows of length stride; cols is a",
		"positive multiple of twice the length of a float32 vector.")
	s.label = ""
	dst, x, rows, cols, stride := reg.RDI, reg.RSI, reg.RDX, reg.RCX, reg.R9
	p, r := reg.R10, reg.RAX
	s.MOVQ(s.arg("dst"), dst)
	s.MOVQ(s.arg("x"), x)
	s.MOVQ(s.arg("rows"), rows)
	s.MOVQ(s.arg("cols"), cols)
	s.MOVQ(s.arg("stride"), stride)
	s.SHLQ(operand.U8(2), stride)
	wide := s.lanes / 2
	s.Label("block")
	for i := range vecs {
		s.VMOVUPD(at(dst, i*s.bytes()), s.v[i])
	}
	s.MOVQ(x, p)
	s.MOVQ(rows, r)
	s.Label("row")
	for i := range vecs {
		u := s.v[vecs+i]
		s.VCVTPS2PD(at(p, 4*wide*i), u)
		s.VADDPD(u, s.v[i], s.v[i])
	}
	s.ADDQ(stride, p)
	s.DECQ(r)
	s.JNE(operand.LabelRef("row"))
	for i := range vecs {
		s.VMOVUPD(s.v[i], at(dst, i*s.bytes()))
	}
	s.ADDQ(operand.U32(vecs*s.bytes()), dst)
	s.ADDQ(operand.U32(4*vecs*wide), x)
	s.SUBQ(operand.U8(vecs*wide), cols)
	s.JNE(operand.LabelRef("block"))
	s.VZEROUPPER()
	s.RET()
}

// maxOffsets writes the check of an offset table.
func (s *set) maxOffsets() {
	s.function("maxOffsets", "(off *int32, stride, rows, taps int) int32",
		"maxOffsets"+s.suffix+" returns the largest of off[t*stride+r] over t < taps and r < rows, or -1",
		"if all are negative. rows is at most the length of a vector, or equal to stride.")
	s.label = ""
	off, stride, rows, taps, window := reg.RDI, reg.RSI, reg.RDX, reg.R8, reg.RCX
	s.MOVQ(s.arg("off"), off)
	s.MOVQ(s.arg("stride"), stride)
	s.MOVQ(s.arg("rows"), rows)
	s.MOVQ(s.arg("taps"), taps)
	s.SHLQ(operand.U8(2), stride)
	m, v := s.v[0], s.v[1]
	if s.wide {
		s.VPTERNLOGD(operand.U8(0xff), m, m, m)
	} else {
		s.VPCMPEQD(m, m, m)
	}
	// Whole vectors of a long row (there is then only one tap).
	s.Label("long")
	s.CMPQ(rows, operand.U8(s.lanes))
	s.JLT(operand.LabelRef("short"))
	s.VPMAXSD(at(off, 0), m, m)
	s.ADDQ(operand.U8(s.bytes()), off)
	s.SUBQ(operand.U8(s.lanes), rows)
	s.JMP(operand.LabelRef("long"))
	s.Label("short")
	s.TESTQ(rows, rows)
	s.JEQ(operand.LabelRef("done"))
	s.MOVQ(rows, window)
	s.mask(window, reg.RAX, 1)
	if s.wide {
		s.Label("tap")
		s.VPMAXSD(at(off, 0), m, reg.K1, m)
	} else {
		s.VMOVUPS(at(window, 0), s.v[2])
		s.VPXOR(s.v[4], s.v[4], s.v[4])
		s.VPCMPEQD(s.v[4], s.v[2], s.v[4]) // ones outside the mask
		s.Label("tap")
		s.VPMASKMOVD(at(off, 0), s.v[2], v)
		s.VPOR(s.v[4], v, v)
		s.VPMAXSD(v, m, m)
	}
	s.ADDQ(stride, off)
	s.DECQ(taps)
	s.JNE(operand.LabelRef("tap"))
	s.Label("done")
	s.maxLanes(m, v)
	s.VMOVD(m.(reg.Vec).AsX(), reg.EAX)
	s.Store(reg.EAX, s.ReturnIndex(0))
	s.VZEROUPPER()
	s.RET()
}

// maxLanes leaves the largest 32-bit lane of m in its first lane.
func (s *set) maxLanes(m, v reg.VecPhysical) {
	my, vy := m.(reg.Vec).AsY(), v.(reg.Vec).AsY()
	mx, vx := m.(reg.Vec).AsX(), v.(reg.Vec).AsX()
	if s.wide {
		s.VEXTRACTI64X4(operand.U8(1), m, vy)
		s.VPMAXSD(vy, my, my)
	}
	s.VEXTRACTI128(operand.U8(1), my, vx)
	s.VPMAXSD(vx, mx, mx)
	for _, order := range []int{0x0e, 0x01} {
		s.VPSHUFD(operand.U8(order), mx, vx)
		s.VPMAXSD(vx, mx, mx)
	}
}

// peak writes a loop of independent multiply-adds: the highest rate that any
// kernel can reach.
func (s *set) peak() {
	const chains = 12
	s.function("peak", "(n int)", "peak"+s.suffix+" does 12·n independent vector multiply-adds, for the benchmarks.")
	n := reg.RAX
	s.MOVQ(s.arg("n"), n)
	for i := range chains + 2 {
		s.zero(s.v[i])
	}
	s.Label("loop")
	for i := range chains {
		s.VFMADD231PS(s.v[chains], s.v[chains+1], s.v[i])
	}
	s.DECQ(n)
	s.JNE(operand.LabelRef("loop"))
	s.VZEROUPPER()
	s.RET()
}
