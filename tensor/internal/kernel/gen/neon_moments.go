package main

import "fmt"

// moments writes the kernels of ColMoments and ColSquares, see moments.go: blocks of four
// vectors of columns, then of one.
func (n *neon) moments() {
	n.moment("colMoments", "(sum, dot *float64, x, y *float32, rows, cols, stride int)", true)
	n.moment("colSquares", "(sum, dot *float64, x *float32, rows, cols, stride int)", false)
}

// The registers of the moments.
const (
	mSum, mDot, mX, mY, mRows, mCols, mStride = r(0), r(1), r(2), r(3), r(4), r(5), r(6)
	mP, mQ, mLeft, mGroup                     = r(7), r(8), r(9), r(10)
	mSums, mDots, mFirst                      = v(0), v(4), v(8)
)

func (n *neon) moment(name, args string, two bool) {
	n.function(name, args, 0, name+"NEON adds the sums over positive rows of length stride of the first cols columns, a",
		"positive multiple of the length of a vector, less the first row: see the twin.")
	n.arg("sum", mSum)
	n.arg("dot", mDot)
	n.arg("x", mX)
	if two {
		n.arg("y", mY)
	}
	n.arg("rows", mRows)
	n.arg("cols", mCols)
	n.arg("stride", mStride)
	n.do("LSL", "$2, %s", mStride)
	for _, vecs := range []int{4, 1} {
		n.label = fmt.Sprintf("of%d", vecs)
		n.momentBlocks(vecs, two)
	}
	n.do("RET", "")
}

// momentBlocks does as many blocks of vecs vectors of columns as there are.
func (n *neon) momentBlocks(vecs int, two bool) {
	n.at("next")
	n.do("SUBS", "$%d, %s", vecs*neonLanes, mCols)
	n.jump("BLT", "done")
	y := mX
	if two {
		y = mY
	}
	for i := range vecs {
		n.do("FMOVQ", "%d(%s), %s", neonBytes*i, y, mFirst+v(i))
	}
	n.do("MOVD", "%s, %s", mX, mP)
	n.do("MOVD", "%s, %s", y, mQ)
	n.do("MOVD", "%s, %s", mRows, mLeft)
	n.at("group")
	for i := range v(vecs) {
		n.zero(mSums + i)
		n.zero(mDots + i)
	}
	n.do("MOVD", "$%d, %s", momentRows, mGroup)
	n.do("CMP", "%s, %s", mGroup, mLeft)
	n.do("CSEL", "LT, %s, %s, %s", mLeft, mGroup, mGroup)
	n.do("SUB", "%s, %s", mGroup, mLeft)
	n.at("row")
	for i := range v(vecs) {
		n.momentRow(i, two)
	}
	n.do("ADD", "%s, %s", mStride, mP)
	n.do("ADD", "%s, %s", mStride, mQ)
	n.do("SUBS", "$1, %s", mGroup)
	n.jump("BNE", "row")
	for i := range v(vecs) {
		n.widen(mSums+i, mSum, int(i))
		n.widen(mDots+i, mDot, int(i))
	}
	n.do("CBNZ", "%s, %s", mLeft, n.l("group"))
	for _, p := range []r{mX, mY} {
		n.do("ADD", "$%d, %s", vecs*neonBytes, p)
	}
	for _, p := range []r{mSum, mDot} {
		n.do("ADD", "$%d, %s", 2*vecs*neonBytes, p)
	}
	n.jump("B", "next")
	n.at("done")
	n.do("ADD", "$%d, %s", vecs*neonLanes, mCols)
}

// momentRow adds vector i of a row to the sums in float32.
func (n *neon) momentRow(i v, two bool) {
	const value, other = v(12), v(13)
	n.do("FMOVQ", "%d(%s), %s", neonBytes*int(i), mP, value)
	if !two {
		n.v("fsub.4s", value, value, mFirst+i)
		n.v("fadd.4s", mSums+i, mSums+i, value)
		n.v("fmla.4s", mDots+i, value, value)
		return
	}
	n.do("FMOVQ", "%d(%s), %s", neonBytes*int(i), mQ, other)
	n.v("fsub.4s", other, other, mFirst+i)
	n.v("fadd.4s", mSums+i, mSums+i, value)
	n.v("fmla.4s", mDots+i, value, other)
}

// widen adds a vector of float32 sums to vector i of dst.
func (n *neon) widen(x v, dst r, i int) {
	at := 2 * neonBytes * i
	n.do("FLDPQ", "%d(%s), (F14, F15)", at, dst)
	n.v("fcvtl", 12, x)
	n.v("fcvtl2", 13, x)
	n.v("fadd.2d", 14, 14, 12)
	n.v("fadd.2d", 15, 15, 13)
	n.do("FSTPQ", "(F14, F15), %d(%s)", at, dst)
}
