package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The registers of the Winograd transforms. Sixteen matrices, stride apart,
// hold the transformed tiles; a pixel that is not there has a negative offset.
var (
	wMatrix = reg.RDI // the current place in the first of the sixteen matrices
	wStride = reg.R9  // bytes between matrices
	wThree  = reg.R10 // three times that
	wRow    = reg.R11 // the current place in the first matrix of a row of four
	wImage  = reg.RSI
	wOff    = reg.RBX // offsets of the current tile
	wAt     = reg.RDX // first channel of the current vector
	wNone   = reg.R8  // index from the image of zeros
	wLeft   = reg.R13 // channels left
	wTiles  = reg.R12
	wIndex  = reg.RAX
	wWindow = reg.RCX
)

// winograd writes the transforms of F(2×2, 3×3).
func (s *set) winograd() {
	s.winogradImage("winogradInput", "Input", 16, s.inputBody)
	s.winogradImage("winogradSpread", "Spread", 4, s.spreadBody)
	s.winogradOutput()
}

// access is how a vector of channels is read and written: whole or masked.
type access struct {
	load  func(m operand.Mem, r reg.VecPhysical)
	store func(r reg.VecPhysical, m operand.Mem)
}

// channels writes a loop over the channels of a tile, a vector at a time, the
// last one masked. after is written behind each whole vector.
func (s *set) channels(count operand.Mem, body func(access), after func()) {
	s.XORQ(wAt, wAt)
	s.MOVQ(count, wLeft)
	s.SUBQ(operand.U8(s.lanes), wLeft)
	s.JLT(operand.LabelRef("rest"))
	s.Label("whole")
	s.label = "w"
	body(access{func(m operand.Mem, r reg.VecPhysical) { s.VMOVUPS(m, r) }, func(r reg.VecPhysical, m operand.Mem) { s.VMOVUPS(r, m) }})
	s.ADDQ(operand.U8(s.lanes), wAt)
	s.ADDQ(operand.U8(s.bytes()), wMatrix)
	after()
	s.SUBQ(operand.U8(s.lanes), wLeft)
	s.JGE(operand.LabelRef("whole"))
	s.Label("rest")
	s.ADDQ(operand.U8(s.lanes), wLeft)
	s.JEQ(operand.LabelRef("next"))
	s.label = "r"
	body(access{
		func(m operand.Mem, r reg.VecPhysical) { s.loadMasked(m, 0, wWindow, r) },
		func(r reg.VecPhysical, m operand.Mem) { s.storeMasked(r, m, 0, wWindow, s.v[15]) },
	})
	s.LEAQ(atIndex(wMatrix, wLeft, 4, 0), wMatrix)
	s.Label("next")
}

// begin loads the arguments that all transforms have, and prepares the mask of
// the last vector.
func (s *set) winogradBegin(image, matrix, count string) {
	s.MOVQ(s.arg(count), wWindow)
	s.ANDQ(operand.U32(s.lanes-1), wWindow)
	s.mask(wWindow, reg.RAX, 1)
	s.MOVQ(s.arg(image), wImage)
	s.MOVQ(s.arg("off"), wOff)
	s.MOVQ(s.arg(matrix), wMatrix)
	s.MOVQ(s.arg("tiles"), wTiles)
	s.MOVQ(s.arg("stride"), wStride)
	s.SHLQ(operand.U8(2), wStride)
	s.LEAQ(atIndex(wStride, wStride, 2, 0), wThree)
}

// winogradImage writes a transform that reads pixels pixels of a tile.
func (s *set) winogradImage(name, doc string, pixels int, body func(access)) {
	s.function(name, "(v *float32, stride int, x *float32, off *int32, tiles, depth int, zero *float32)",
		name+s.suffix+" is Winograd"+doc+" for positive tiles and depth. It checks nothing.")
	s.winogradBegin("x", "v", "depth")
	s.MOVQ(s.arg("zero"), wNone)
	s.SUBQ(wImage, wNone)
	s.SARQ(operand.U8(2), wNone)
	s.Label("tile")
	s.channels(s.arg("depth"), body, func() {})
	s.ADDQ(operand.U8(4*pixels), wOff)
	s.DECQ(wTiles)
	s.JNE(operand.LabelRef("tile"))
	s.VZEROUPPER()
	s.RET()
}

// pixel returns the address of the current channels of a pixel of the tile.
func (s *set) pixel(p int) operand.Mem {
	s.MOVLQSX(at(wOff, 4*p), wIndex)
	s.TESTQ(wIndex, wIndex)
	s.LEAQ(atIndex(wIndex, wAt, 1, 0), wIndex)
	s.CMOVQLT(wNone, wIndex)
	return atIndex(wImage, wIndex, 4, 0)
}

// matrices returns the places of the four matrices of the current row.
func (s *set) matrices() [4]operand.Mem {
	return [4]operand.Mem{at(wRow, 0), atIndex(wRow, wStride, 1, 0), atIndex(wRow, wStride, 2, 0), atIndex(wRow, wThree, 1, 0)}
}

// rows calls f for each row of four matrices.
func (s *set) rows(f func(i int, m [4]operand.Mem)) {
	s.MOVQ(wMatrix, wRow)
	for i := range 4 {
		f(i, s.matrices())
		if i < 3 {
			s.LEAQ(atIndex(wRow, wStride, 4, 0), wRow)
		}
	}
}

// inputBody writes V = Bᵀ d B for one vector of channels.
func (s *set) inputBody(a access) {
	if s.wide {
		for p := range 16 {
			a.load(s.pixel(p), s.v[16+p])
		}
	}
	// fetch puts a pixel in a register. With 32 registers it is already in one.
	fetch := func(p int, r reg.VecPhysical) reg.VecPhysical {
		if s.wide {
			return s.v[16+p]
		}
		a.load(s.pixel(p), r)
		return r
	}
	s.rows(func(i int, m [4]operand.Mem) {
		t, out := s.v[0:4], s.v[4]
		for j := range 4 {
			s.combination(i, func(k int) reg.VecPhysical { return fetch(4*k+j, s.v[5+k]) }, t[j])
		}
		for j := range 4 {
			s.combination(j, func(k int) reg.VecPhysical { return t[k] }, out)
			a.store(out, m[j])
		}
	})
}

// combination sets dst to row i of Bᵀ times d.
func (s *set) combination(i int, d func(k int) reg.VecPhysical, dst reg.VecPhysical) {
	switch i {
	case 0:
		s.VSUBPS(d(2), d(0), dst)
	case 1:
		s.VADDPS(d(2), d(1), dst)
	case 2:
		s.VSUBPS(d(1), d(2), dst)
	case 3:
		s.VSUBPS(d(3), d(1), dst)
	}
}

// spreadBody writes Z = A y Aᵀ for one vector of channels, without the signs of
// the last row and column.
func (s *set) spreadBody(a access) {
	y, t, out := s.v[0:4], s.v[4:12], s.v[12]
	for p := range 4 {
		a.load(s.pixel(p), y[p])
	}
	s.rows(func(i int, m [4]operand.Mem) {
		left, right := s.spread(i, y[0], y[2], t[2*i]), s.spread(i, y[1], y[3], t[2*i+1])
		for j := range 4 {
			a.store(s.spread(j, left, right, out), m[j])
		}
	})
}

// spread returns row i of A times (x, y), with a positive sign in the last row.
func (s *set) spread(i int, x, y, dst reg.VecPhysical) reg.VecPhysical {
	switch i {
	case 0:
		return x
	case 1:
		s.VADDPS(y, x, dst)
	case 2:
		s.VSUBPS(y, x, dst)
	case 3:
		return y
	}
	return dst
}

// winogradOutput writes the kernel of WinogradOutput. biasStep is 0 if bias points to
// zeros; mask is nil if nothing is masked.
func (s *set) winogradOutput() {
	s.function("winogradOutput", "(y *float32, off *int32, m *float32, stride, tiles, cols int, bias *float32, biasStep int, floor float32, mask *float32, acc bool)",
		"winogradOutput"+s.suffix+" is WinogradOutput for positive tiles and cols. It checks nothing.")
	s.winogradBegin("y", "m", "cols")
	bias, mask, acc := reg.R8, reg.R14, reg.R15
	s.MOVQ(s.arg("mask"), mask)
	s.MOVBQZX(s.arg("acc"), acc)
	floor := s.v[14]
	s.VBROADCASTSS(s.arg("floor"), floor)
	s.Label("tile")
	s.MOVQ(s.arg("bias"), bias)
	s.channels(s.arg("cols"), func(a access) { s.outputBody(a, bias, mask, acc, floor) }, func() { s.ADDQ(s.arg("biasStep"), bias) })
	s.ADDQ(operand.U8(16), wOff)
	s.DECQ(wTiles)
	s.JNE(operand.LabelRef("tile"))
	s.VZEROUPPER()
	s.RET()
}

// outputBody writes y = Aᵀ M A, plus bias, for one vector of channels.
func (s *set) outputBody(a access, bias, mask, acc reg.GPPhysical, floor reg.VecPhysical) {
	y, in, t := s.v[0:4], s.v[4:8], s.v[8:10]
	s.rows(func(i int, m [4]operand.Mem) {
		for j := range 4 {
			a.load(m[j], in[j])
		}
		s.VADDPS(in[1], in[0], t[0])
		s.VADDPS(in[2], t[0], t[0])
		s.VSUBPS(in[2], in[1], t[1])
		s.VSUBPS(in[3], t[1], t[1])
		for j := range 2 {
			switch i {
			case 0:
				s.VMOVAPS(t[j], y[j])
			case 1:
				s.VADDPS(t[j], y[j], y[j])
				s.VMOVAPS(t[j], y[2+j])
			case 2:
				s.VADDPS(t[j], y[j], y[j])
				s.VSUBPS(t[j], y[2+j], y[2+j])
			case 3:
				s.VSUBPS(t[j], y[2+j], y[2+j])
			}
		}
	})
	a.load(at(bias, 0), in[0])
	for p := range 4 {
		skip, first, all := fmt.Sprintf("skip%d", p), fmt.Sprintf("first%d", p), fmt.Sprintf("all%d", p)
		s.MOVLQSX(at(wOff, 4*p), wIndex)
		s.TESTQ(wIndex, wIndex)
		s.JLT(s.target(skip))
		s.ADDQ(wAt, wIndex)
		s.VADDPS(in[0], y[p], y[p])
		s.TESTQ(acc, acc)
		s.JEQ(s.target(first))
		a.load(atIndex(wImage, wIndex, 4, 0), in[1])
		s.VADDPS(in[1], y[p], y[p])
		s.Label(s.l(first))
		s.VMAXPS(y[p], floor, y[p])
		s.TESTQ(mask, mask)
		s.JEQ(s.target(all))
		a.load(atIndex(mask, wIndex, 4, 0), in[1])
		s.keepPositive(in[1], y[p], in[2])
		s.Label(s.l(all))
		a.store(y[p], atIndex(wImage, wIndex, 4, 0))
		s.Label(s.l(skip))
	}
}

// keepPositive sets y to zero if x is not greater than zero.
func (s *set) keepPositive(x, y, tmp reg.VecPhysical) {
	s.zero(tmp)
	if s.wide {
		s.VCMPPS(operand.U8(greater), tmp, x, reg.K2)
		s.VMOVAPS_Z(y, reg.K2, y)
		return
	}
	s.VCMPPS(operand.U8(greater), tmp, x, x)
	s.VANDPS(x, y, y)
}
