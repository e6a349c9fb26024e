package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// depthUnroll is the number of steps in depth of one pass of the inner loop.
const depthUnroll = 2

// gatherArgs is the signature of the assembly of Gather. ldb, cols and zero
// are as in Gather; zero points to chunk zeros.
const gatherArgs = "(c *float32, ldc, rows, cols int, a *float32, off *int32, taps, depth int, b *float32, ldb int, acc bool, zero *float32)"

// chunk is the longest depth for which row pointers are kept: the length of the block of
// zeros that is read for rows outside of the image.
const chunk = 512

// gatherFrame are the values that do not fit in registers.
type gatherFrame struct {
	off, taps, b, base, left, zero, index operand.Mem
}

// gather writes the kernel of Gather. There is one body for each number of
// rows and of vectors in a row, so that the edges of a matrix are fast too.
// The accumulators stay in vector registers and the row pointers in general
// registers, for a whole tap.
func (s *set) gather() {
	s.function("gather", gatherArgs,
		"gather"+s.suffix+" is Gather for positive rows, cols, taps and depth.",
		"It checks nothing. zero points to 512 zeros.")
	var f gatherFrame
	for _, m := range []*operand.Mem{&f.off, &f.taps, &f.b, &f.base, &f.left, &f.zero, &f.index} {
		*m = s.AllocLocal(8)
	}
	s.MOVQ(s.arg("off"), reg.RAX)
	s.MOVQ(reg.RAX, f.off)
	s.MOVQ(s.arg("taps"), reg.RAX)
	s.MOVQ(reg.RAX, f.taps)
	s.MOVQ(s.arg("b"), reg.RAX)
	s.MOVQ(reg.RAX, f.b)
	s.MOVQ(s.arg("rows"), reg.RAX)
	s.CMPQ(s.arg("ldb"), operand.U8(s.lanes))
	s.JEQ(operand.LabelRef("narrow"))
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
			s.gatherTile(f, rows, vecs)
		}
	}
}

// gatherTile writes one body, which returns from the function.
func (s *set) gatherTile(f gatherFrame, rows, vecs int) {
	t := tile{s, rows, vecs}
	ptr, b, idx := gpr[:rows], gpr[12], gpr[13]
	t.start()

	s.Label(s.l("tap"))
	s.MOVQ(s.arg("a"), b)
	s.MOVQ(b, f.base)
	s.MOVQ(s.arg("depth"), b)
	s.MOVQ(b, f.left)

	// Row pointers to the end of the piece of depth, an index that rises to 0.
	s.Label(s.l("chunk"))
	s.MOVQ(f.left, ptr[0])
	s.CMPQ(ptr[0], operand.U32(chunk))
	s.JLE(s.target("last"))
	s.MOVQ(operand.U32(chunk), ptr[0])
	s.Label(s.l("last"))
	s.SUBQ(ptr[0], f.left)
	s.MOVQ(f.base, b)
	s.LEAQ(atIndex(b, ptr[0], 4, 0), b)
	s.MOVQ(b, f.base)
	s.MOVQ(s.arg("zero"), idx)
	s.LEAQ(atIndex(idx, ptr[0], 4, 0), idx)
	s.MOVQ(idx, f.zero)
	s.NEGQ(ptr[0])
	s.SHLQ(operand.U8(2), ptr[0])
	s.MOVQ(f.off, idx)
	s.MOVQ(ptr[0], f.index)
	for r := range rows {
		s.MOVLQSX(at(idx, 4*r), ptr[r])
		s.LEAQ(atIndex(b, ptr[r], 4, 0), ptr[r])
		s.CMPL(at(idx, 4*r), operand.U8(0))
		s.CMOVQLT(f.zero, ptr[r])
	}
	s.MOVQ(f.b, b)
	s.MOVQ(f.index, idx)

	row := s.bytes() * vecs
	s.CMPQ(idx, operand.I32(-4*depthUnroll))
	s.JGT(s.target("tail"))
	s.Label(s.l("loop"))
	for u := range depthUnroll {
		t.step(ptr, b, idx, u)
	}
	s.ADDQ(operand.U32(depthUnroll*row), b)
	s.ADDQ(operand.U8(4*depthUnroll), idx)
	s.CMPQ(idx, operand.I32(-4*depthUnroll))
	s.JLE(s.target("loop"))
	s.Label(s.l("tail"))
	s.TESTQ(idx, idx)
	s.JEQ(s.target("done"))
	s.Label(s.l("one"))
	t.step(ptr, b, idx, 0)
	s.ADDQ(operand.U32(row), b)
	s.ADDQ(operand.U8(4), idx)
	s.JNE(s.target("one"))
	s.Label(s.l("done"))

	s.MOVQ(b, f.b)
	s.CMPQ(f.left, operand.U8(0))
	s.JNE(s.target("chunk"))
	s.ADDQ(operand.U8(4*s.mr), f.off)
	s.DECQ(f.taps)
	s.JNE(s.target("tap"))
	t.finish()
}

// A tile is the accumulators of rows × vecs vectors: vector i of row r is
// register r*vecs+i. The registers after the accumulators hold a row of b and
// the values of a.
type tile struct {
	*set
	rows, vecs int
}

func (t tile) acc(r, i int) reg.VecPhysical { return t.v[r*t.vecs+i] }

// row returns the register of vector i of a row of b.
func (t tile) row(i int) reg.VecPhysical { return t.v[max(t.rows, t.mr)*t.vecs+i] }

// value returns a register for a value of a.
func (t tile) value(r int) reg.VecPhysical {
	free := t.v[(max(t.rows, t.mr)+1)*t.vecs:]
	return free[r%min(len(free), 6)]
}

// start loads or clears the accumulators. It overwrites all general registers.
func (t tile) start() {
	s := t.set
	c, n, ldc := reg.RAX, reg.RCX, reg.RDX
	s.MOVQ(s.arg("cols"), n)
	s.mask(n, reg.RBX, t.vecs)
	s.CMPB(s.arg("acc"), operand.U8(0))
	s.JEQ(s.target("zero"))
	s.MOVQ(s.arg("c"), c)
	s.MOVQ(s.arg("ldc"), ldc)
	s.SHLQ(operand.U8(2), ldc)
	for r := range t.rows {
		for i := range t.vecs {
			s.loadMasked(at(c, i*s.bytes()), i, n, t.acc(r, i))
		}
		if r+1 < t.rows {
			s.ADDQ(ldc, c)
		}
	}
	s.JMP(s.target("begin"))
	s.Label(s.l("zero"))
	for r := range t.rows {
		for i := range t.vecs {
			s.zero(t.acc(r, i))
		}
	}
	s.Label(s.l("begin"))
}

// finish stores the accumulators and returns.
func (t tile) finish() {
	s := t.set
	c, n, ldc := reg.RAX, reg.RCX, reg.RDX
	s.MOVQ(s.arg("c"), c)
	s.MOVQ(s.arg("ldc"), ldc)
	s.SHLQ(operand.U8(2), ldc)
	if !s.wide {
		s.CMPQ(s.arg("cols"), operand.U8(t.vecs*s.lanes))
		s.JNE(s.target("masked"))
		t.store(c, ldc, func(src reg.VecPhysical, m operand.Mem, i int) { s.VMOVUPS(src, m) })
		s.Label(s.l("masked"))
	}
	s.MOVQ(s.arg("cols"), n)
	if !s.wide {
		s.mask(n, reg.RBX, t.vecs)
	}
	t.store(c, ldc, func(src reg.VecPhysical, m operand.Mem, i int) { s.storeMasked(src, m, i, n, t.row(0)) })
}

// store stores every accumulator with put and returns.
func (t tile) store(c, ldc reg.GPPhysical, put func(src reg.VecPhysical, m operand.Mem, i int)) {
	for r := range t.rows {
		for i := range t.vecs {
			put(t.acc(r, i), at(c, i*t.bytes()), i)
		}
		if r+1 < t.rows {
			t.ADDQ(ldc, c)
		}
	}
	t.VZEROUPPER()
	t.RET()
}

// step adds the product of one column of the rows and one row of b, u steps
// ahead of the pointers.
func (t tile) step(ptr []reg.GPPhysical, b, idx reg.GPPhysical, u int) {
	for i := range t.vecs {
		t.VMOVUPS(at(b, (u*t.vecs+i)*t.bytes()), t.row(i))
	}
	for r := range t.rows {
		t.multiply(atIndex(ptr[r], idx, 1, 4*u), r)
	}
}

// multiply adds a value of a times the row of b to row r.
func (t tile) multiply(a operand.Mem, r int) {
	if t.wide && t.vecs == 1 {
		t.VFMADD231PS_BCST(a, t.row(0), t.acc(r, 0))
		return
	}
	x := t.value(r)
	t.VBROADCASTSS(a, x)
	for i := range t.vecs {
		t.VFMADD231PS(x, t.row(i), t.acc(r, i))
	}
}
