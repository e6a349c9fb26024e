package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// packing writes the kernels of Pack and Prefetch, which are in files of their own.
func (s *set) packing() {
	s.packRows()
	s.packColumns()
	s.prefetch()
}

// packRows copies rows of up to two vectors and fills them up with zeros.
func (s *set) packRows() {
	s.function("packRows", "(dst *float32, vecs int, src *float32, stride, rows, cols int)",
		"packRows"+s.suffix+" copies positive rows of cols values to rows of one or two vectors, filled up with zeros.")
	s.label = ""
	dst, src, stride, rows, cols := reg.RDI, reg.RSI, reg.RDX, reg.RBX, reg.RCX
	s.MOVQ(s.arg("dst"), dst)
	s.MOVQ(s.arg("src"), src)
	s.MOVQ(s.arg("stride"), stride)
	s.MOVQ(s.arg("rows"), rows)
	s.MOVQ(s.arg("cols"), cols)
	s.SHLQ(operand.U8(2), stride)
	s.mask(cols, reg.RAX, 2)
	s.CMPQ(s.arg("vecs"), operand.U8(1))
	s.JEQ(operand.LabelRef("narrow"))
	for _, vecs := range []int{2, 1} {
		if vecs == 1 {
			s.Label("narrow")
		}
		loop := []string{"one", "two"}[vecs-1]
		s.Label(loop)
		for i := range vecs {
			s.loadMasked(at(src, i*s.bytes()), i, cols, s.v[i])
			s.VMOVUPS(s.v[i], at(dst, i*s.bytes()))
		}
		s.ADDQ(stride, src)
		s.ADDQ(operand.U32(vecs*s.bytes()), dst)
		s.DECQ(rows)
		s.JNE(operand.LabelRef(loop))
		s.VZEROUPPER()
		s.RET()
	}
}

// packColumns transposes a vector's length of rows, four columns at a time: a
// register holds four values of as many rows as it has quarters of 16 bytes, so
// that transposing 4×4 blocks within the quarters is enough.
func (s *set) packColumns() {
	s.function("packColumns", "(dst *float32, width int, src *float32, stride, depth int)",
		"packColumns"+s.suffix+" transposes as many rows of src as a vector has values: dst[k*width+j] = src[j*stride+k]",
		"for k < depth, a positive multiple of four.")
	s.label = ""
	dst, width, stride, three, depth := reg.RDI, reg.RSI, reg.RDX, reg.RBX, reg.RCX
	quarter := []reg.GPPhysical{reg.R8, reg.R9, reg.R10, reg.R11}[:s.lanes/4]
	s.MOVQ(s.arg("dst"), dst)
	s.MOVQ(s.arg("width"), width)
	s.MOVQ(s.arg("src"), quarter[0])
	s.MOVQ(s.arg("stride"), stride)
	s.MOVQ(s.arg("depth"), depth)
	s.SHLQ(operand.U8(2), width)
	s.SHLQ(operand.U8(2), stride)
	s.LEAQ(atIndex(stride, stride, 2, 0), three)
	for q := 1; q < len(quarter); q++ {
		s.LEAQ(atIndex(quarter[q-1], stride, 4, 0), quarter[q])
	}
	s.Label("loop")
	row, pair, out := s.v[:4], s.v[4:8], s.v[8:12]
	for i := range 4 {
		for q, p := range quarter {
			m := []operand.Mem{at(p, 0), atIndex(p, stride, 1, 0), atIndex(p, stride, 2, 0), atIndex(p, three, 1, 0)}[i]
			s.insert(m, q, row[i])
		}
	}
	for i, r := range []int{0, 2} {
		s.VUNPCKLPS(row[r+1], row[r], pair[2*i])
		s.VUNPCKHPS(row[r+1], row[r], pair[2*i+1])
	}
	for i := range 2 {
		s.VUNPCKLPD(pair[2+i], pair[i], out[2*i])
		s.VUNPCKHPD(pair[2+i], pair[i], out[2*i+1])
	}
	for i := range 4 {
		s.VMOVUPS(out[i], at(dst, 0))
		s.ADDQ(width, dst)
	}
	for _, p := range quarter {
		s.ADDQ(operand.U8(16), p)
	}
	s.SUBQ(operand.U8(4), depth)
	s.JNE(operand.LabelRef("loop"))
	s.VZEROUPPER()
	s.RET()
}

// insert loads 16 bytes into a quarter of a register; the first clears the rest.
func (s *set) insert(m operand.Mem, quarter int, dst reg.VecPhysical) {
	switch {
	case quarter == 0:
		s.VMOVUPS(m, dst.AsX())
	case s.wide:
		s.VINSERTF32X4(operand.U8(quarter), m, dst, dst)
	default:
		s.VINSERTF128(operand.U8(quarter), m, dst, dst)
	}
}

// prefetch asks for the cache lines of rows.
func (s *set) prefetch() {
	s.function("prefetch", "(x *float32, stride, rows, bytes int)",
		"prefetch"+s.suffix+" is Prefetch for positive rows of positive length.")
	s.label = ""
	x, stride, rows, bytes, at64 := reg.RDI, reg.RSI, reg.RDX, reg.RCX, reg.RAX
	s.MOVQ(s.arg("x"), x)
	s.MOVQ(s.arg("stride"), stride)
	s.MOVQ(s.arg("rows"), rows)
	s.MOVQ(s.arg("bytes"), bytes)
	s.SHLQ(operand.U8(2), stride)
	s.Label("row")
	s.XORQ(at64, at64)
	s.Label("line")
	s.PREFETCHT0(atIndex(x, at64, 1, 0))
	s.ADDQ(operand.U8(64), at64)
	s.CMPQ(at64, bytes)
	s.JLT(operand.LabelRef("line"))
	s.ADDQ(stride, x)
	s.DECQ(rows)
	s.JNE(operand.LabelRef("row"))
	s.RET()
}
