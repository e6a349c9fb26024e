package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// momentRows is the number of rows that are summed in float32.
const momentRows = 8

// moments writes the kernels of ColMoments and ColSquares, which sum deviations
// from the first row. They take blocks of four vectors of columns, then of one.
func (s *set) moments() {
	s.moment("colMoments", "(sum, dot *float64, x, y *float32, rows, cols, stride int)", true)
	s.moment("colSquares", "(sum, dot *float64, x *float32, rows, cols, stride int)", false)
}

// A momentKernel is the state of one of the two kernels.
type momentKernel struct {
	*set
	two                                   bool // x and y, not x alone
	sum, dot, x, y, rows, cols, stride    reg.GPPhysical
	p, toY, left, group                   reg.GPPhysical
	sums, dots, first, value, other, half []reg.VecPhysical
}

func (s *set) moment(name, args string, two bool) {
	s.function(name, args, name+s.suffix+" adds the sums over positive rows of length stride of the first cols columns, a",
		"positive multiple of the length of a vector, less the first row: see the twin.")
	k := &momentKernel{set: s, two: two,
		sum: reg.RDI, dot: reg.RSI, x: reg.RDX, y: reg.RCX, rows: reg.R8, cols: reg.R9, stride: reg.R10,
		p: reg.R11, toY: reg.R12, left: reg.RAX, group: reg.RBX,
		sums: s.v[0:4], dots: s.v[4:8], first: s.v[8:12], value: s.v[12:13], other: s.v[13:14], half: s.v[14:15]}
	s.MOVQ(s.arg("sum"), k.sum)
	s.MOVQ(s.arg("dot"), k.dot)
	s.MOVQ(s.arg("x"), k.x)
	s.MOVQ(s.arg("rows"), k.rows)
	s.MOVQ(s.arg("cols"), k.cols)
	s.MOVQ(s.arg("stride"), k.stride)
	s.SHLQ(operand.U8(2), k.stride)
	if two {
		s.MOVQ(s.arg("y"), k.y)
	} else {
		s.MOVQ(k.x, k.y)
	}
	s.MOVQ(k.y, k.toY)
	s.SUBQ(k.x, k.toY)
	for _, vecs := range []int{4, 1} {
		k.blocks(vecs)
	}
	s.VZEROUPPER()
	s.RET()
}

// blocks does as many blocks of some vectors of columns as there are.
func (k *momentKernel) blocks(vecs int) {
	k.label = fmt.Sprintf("of%d", vecs)
	k.Label(k.l("next"))
	k.SUBQ(operand.U32(vecs*k.lanes), k.cols)
	k.JLT(k.target("done"))
	for i := range vecs {
		k.VMOVUPS(atIndex(k.x, k.toY, 1, i*k.bytes()), k.first[i])
	}
	k.MOVQ(k.x, k.p)
	k.MOVQ(k.rows, k.left)
	k.Label(k.l("group"))
	for i := range vecs {
		k.zero(k.sums[i])
		k.zero(k.dots[i])
	}
	k.MOVQ(operand.U32(momentRows), k.group)
	k.CMPQ(k.left, k.group)
	k.CMOVQLT(k.left, k.group)
	k.SUBQ(k.group, k.left)
	k.Label(k.l("row"))
	for i := range vecs {
		k.row(i)
	}
	k.ADDQ(k.stride, k.p)
	k.DECQ(k.group)
	k.JNE(k.target("row"))
	for i := range vecs {
		k.widen(k.sums[i], k.sum, i)
		k.widen(k.dots[i], k.dot, i)
	}
	k.TESTQ(k.left, k.left)
	k.JNE(k.target("group"))
	k.ADDQ(operand.U32(vecs*k.bytes()), k.x)
	k.ADDQ(operand.U32(2*vecs*k.bytes()), k.sum)
	k.ADDQ(operand.U32(2*vecs*k.bytes()), k.dot)
	k.JMP(k.target("next"))
	k.Label(k.l("done"))
	k.ADDQ(operand.U32(vecs*k.lanes), k.cols)
}

// row adds vector i of a row to the sums in float32.
func (k *momentKernel) row(i int) {
	value, other := k.value[0], k.other[0]
	k.VMOVUPS(at(k.p, i*k.bytes()), value)
	if !k.two {
		k.VSUBPS(k.first[i], value, value)
		k.VADDPS(value, k.sums[i], k.sums[i])
		k.VFMADD231PS(value, value, k.dots[i])
		return
	}
	k.VMOVUPS(atIndex(k.p, k.toY, 1, i*k.bytes()), other)
	k.VSUBPS(k.first[i], other, other)
	k.VADDPS(value, k.sums[i], k.sums[i])
	k.VFMADD231PS(other, value, k.dots[i])
}

// widen adds a vector of float32 sums to vector i of dst.
func (k *momentKernel) widen(v reg.VecPhysical, dst reg.Register, i int) {
	low, high := k.value[0], k.half[0]
	if k.wide {
		k.VEXTRACTF64X4(operand.U8(1), v, high.(reg.Vec).AsY())
		k.VCVTPS2PD(v.(reg.Vec).AsY(), low)
		k.VCVTPS2PD(high.(reg.Vec).AsY(), high)
	} else {
		k.VEXTRACTF128(operand.U8(1), v, high.(reg.Vec).AsX())
		k.VCVTPS2PD(v.(reg.Vec).AsX(), low)
		k.VCVTPS2PD(high.(reg.Vec).AsX(), high)
	}
	for h, part := range []reg.VecPhysical{low, high} {
		m := at(dst, (2*i+h)*k.bytes())
		k.VADDPD(m, part, part)
		k.VMOVUPD(part, m)
	}
}
