package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A set is an instruction set and the file in which its kernels are collected. Its
// methods cover the differences between the two: the width of a vector and how the end
// of a row is masked.
type set struct {
	*build.Context
	name, suffix string
	lanes        int // float32 values in a vector
	mr           int // rows of a full tile
	v            []reg.VecPhysical
	wide         bool        // AVX-512
	window       operand.Mem // AVX2: 16 ones, then 16 zeros
	label        string
	constants    map[uint64]operand.Mem
}

// gpr are the general registers without the stack and frame pointers. R14 and
// R15 are free in assembly functions of a program that is not a shared object.
var gpr = []reg.GPPhysical{
	reg.RAX, reg.RBX, reg.RCX, reg.RDX, reg.RSI, reg.RDI, reg.R8, reg.R9,
	reg.R10, reg.R11, reg.R12, reg.R13, reg.R14, reg.R15,
}

var kmask = []reg.OpmaskPhysical{reg.K0, reg.K1, reg.K2, reg.K3, reg.K4, reg.K5, reg.K6, reg.K7}

func newAVX512() *set {
	s := &set{Context: build.NewContext(), constants: map[uint64]operand.Mem{}, name: "avx512", suffix: "AVX512", lanes: 16, mr: 12, wide: true}
	s.v = []reg.VecPhysical{
		reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
		reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
		reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
		reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
	}
	return s
}

func newAVX2() *set {
	s := &set{Context: build.NewContext(), constants: map[uint64]operand.Mem{}, name: "avx2", suffix: "AVX2", lanes: 8, mr: 6}
	s.v = []reg.VecPhysical{
		reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
		reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15,
	}
	s.window = s.StaticGlobal("window")
	s.DataAttributes(attr.RODATA | attr.NOPTR)
	for range 8 {
		s.AppendDatum(operand.U64(^uint64(0)))
	}
	for range 8 {
		s.AppendDatum(operand.U64(0))
	}
	return s
}

// bytes returns the size of a vector.
func (s *set) bytes() int { return 4 * s.lanes }

// at is the address base+disp.
func at(base reg.Register, disp int) operand.Mem { return operand.Mem{Base: base, Disp: disp} }

// atIndex is the address base+index*scale+disp.
func atIndex(base, index reg.Register, scale uint8, disp int) operand.Mem {
	return operand.Mem{Base: base, Index: index, Scale: scale, Disp: disp}
}

// arg is the place of an argument in the frame.
func (s *set) arg(name string) operand.Mem {
	b, err := s.Param(name).Resolve()
	if err != nil {
		panic(fmt.Sprintf("argument %s: %v", name, err))
	}
	return b.Addr
}

// l returns a label that is unique within the function for the current prefix.
func (s *set) l(name string) string { return s.label + name }

// target is a jump's destination.
func (s *set) target(name string) operand.LabelRef { return operand.LabelRef(s.l(name)) }

// zero sets a vector register to zero.
func (s *set) zero(r reg.VecPhysical) {
	if s.wide {
		s.VPXORD(r, r, r)
		return
	}
	s.VXORPS(r, r, r)
}

// mask prepares masks for the first n of vecs*lanes values: k-masks K1 … in
// AVX-512. In AVX2 n becomes the address of the mask of the first vector, see
// loadMasked. n and tmp are overwritten.
func (s *set) mask(n, tmp reg.GPPhysical, vecs int) {
	if !s.wide {
		s.LEAQ(s.window, tmp)
		s.NEGQ(n)
		s.LEAQ(atIndex(tmp, n, 4, 64), n)
		return
	}
	if n != reg.RCX {
		panic("mask: the count must be in CX")
	}
	s.MOVQ(operand.U32(1), tmp)
	s.SHLQ(reg.CL, tmp)
	s.DECQ(tmp)
	for i := range vecs {
		s.KMOVW(tmp.(reg.GP).As32(), kmask[1+i])
		if i+1 < vecs {
			s.SHRQ(operand.U8(s.lanes), tmp)
		}
	}
}

// loadMasked loads vector i of a row whose masks were prepared by mask; window
// is the register that mask left (AVX2). Values outside the mask are zero and
// their memory is not touched.
func (s *set) loadMasked(m operand.Mem, i int, window reg.Register, dst reg.VecPhysical) {
	if s.wide {
		s.VMOVUPS_Z(m, kmask[1+i], dst)
		return
	}
	s.VMOVUPS(at(window, 32*i), dst)
	s.VMASKMOVPS(m, dst, dst)
}

// storeMasked stores vector i of such a row. In AVX2 tmp is overwritten.
func (s *set) storeMasked(src reg.VecPhysical, m operand.Mem, i int, window reg.Register, tmp reg.VecPhysical) {
	if s.wide {
		s.VMOVUPS(src, kmask[1+i], m)
		return
	}
	s.VMOVUPS(at(window, 32*i), tmp)
	s.VMASKMOVPS(src, tmp, m)
}
