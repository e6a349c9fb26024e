package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// winogradFilters writes the kernels of WinogradFilter and WinogradGradient, one
// filter in each lane.
func (s *set) winogradFilters() {
	s.winogradFilter("winogradFilter", "Filter", s.filterBody)
	s.winogradFilter("winogradGradient", "Gradient", s.gradientBody)
}

// winogradFilter writes a kernel between nine rows of g and sixteen of u.
func (s *set) winogradFilter(name, doc string, body func(a access, taps func(i int) [3]operand.Mem)) {
	s.function(name, "(u *float32, stride int, filter *float32, gap, n int)",
		name+s.suffix+" is Winograd"+doc+" for positive n. It checks nothing.")
	s.MOVQ(s.arg("n"), wWindow)
	s.ANDQ(operand.U32(s.lanes-1), wWindow)
	s.mask(wWindow, reg.RAX, 1)
	s.MOVQ(s.arg("u"), wMatrix)
	s.MOVQ(s.arg("stride"), wStride)
	s.SHLQ(operand.U8(2), wStride)
	s.LEAQ(atIndex(wStride, wStride, 2, 0), wThree)
	row, gap, three := wTiles, reg.R8, reg.R14
	s.MOVQ(s.arg("filter"), wImage)
	s.MOVQ(s.arg("gap"), gap)
	s.SHLQ(operand.U8(2), gap)
	s.LEAQ(atIndex(gap, gap, 2, 0), three)
	// taps returns the places of row i of the filters; i rises from 0.
	taps := func(i int) [3]operand.Mem {
		if i == 0 {
			s.LEAQ(atIndex(wImage, wAt, 4, 0), row)
		} else {
			s.ADDQ(three, row)
		}
		return [3]operand.Mem{at(row, 0), atIndex(row, gap, 1, 0), atIndex(row, gap, 2, 0)}
	}
	s.channels(s.arg("n"), func(a access) { body(a, taps) }, func() {})
	s.VZEROUPPER()
	s.RET()
}

// halfSum sets dst to half of x+y, halfDifference to half of x−y.
func (s *set) halfSum(x, y, dst reg.VecPhysical) {
	s.VADDPS(y, x, dst)
	s.VMULPS(s.constant(0.5), dst, dst)
}

func (s *set) halfDifference(x, y, dst reg.VecPhysical) {
	s.VSUBPS(y, x, dst)
	s.VMULPS(s.constant(0.5), dst, dst)
}

// filterBody writes U = G g Gᵀ: the columns of Gᵀ first, row by row.
func (s *set) filterBody(a access, taps func(i int) [3]operand.Mem) {
	var t [3][]reg.VecPhysical // g Gᵀ
	tmp := s.v[12:15]
	for i := range t {
		t[i] = s.v[4*i : 4*i+4]
		for j, m := range taps(i) {
			a.load(m, [3]reg.VecPhysical{t[i][0], tmp[1], t[i][3]}[j])
		}
		s.VADDPS(t[i][3], t[i][0], tmp[0])
		s.halfSum(tmp[0], tmp[1], t[i][1])
		s.halfDifference(tmp[0], tmp[1], t[i][2])
	}
	s.rows(func(i int, m [4]operand.Mem) {
		for j := range 4 {
			switch i {
			case 0:
				a.store(t[0][j], m[j])
				continue
			case 1:
				s.VADDPS(t[2][j], t[0][j], t[0][j])
				s.halfSum(t[0][j], t[1][j], tmp[1])
			case 2:
				s.halfDifference(t[0][j], t[1][j], tmp[1])
			case 3:
				s.VMOVAPS(t[2][j], tmp[1])
			}
			a.store(tmp[1], m[j])
		}
	})
}

// gradientBody writes g = Gᵀ u G, with the opposite sign of the last row and
// column of u.
func (s *set) gradientBody(a access, taps func(i int) [3]operand.Mem) {
	var t [4][]reg.VecPhysical // u G
	x := s.v[12:15]
	s.rows(func(i int, m [4]operand.Mem) {
		t[i] = s.v[3*i : 3*i+3]
		a.load(m[0], t[i][0])
		a.load(m[1], x[0])
		a.load(m[2], x[1])
		a.load(m[3], t[i][2])
		s.gradientSums(t[i][0], x[0], x[1], t[i][2], t[i][1], x[2])
	})
	for j := range 3 {
		s.gradientSums(t[0][j], t[1][j], t[2][j], t[3][j], x[0], x[1])
		s.VMOVAPS(x[0], t[1][j])
	}
	for i := range 3 {
		for j, m := range taps(i) {
			a.store(t[[3]int{0, 1, 3}[i]][j], m)
		}
	}
}

// gradientSums sets (s0, middle, s3) to Gᵀ s with the opposite sign of s3. It overwrites
// tmp.
func (s *set) gradientSums(s0, s1, s2, s3, middle, tmp reg.VecPhysical) {
	s.halfSum(s1, s2, tmp)
	s.halfDifference(s1, s2, middle)
	s.VADDPS(tmp, s0, s0)
	s.VSUBPS(s3, tmp, s3)
}
