package main

// winogradFilters writes the kernels of WinogradFilter and WinogradGradient, one filter in each
// lane.
func (n *neon) winogradFilters() {
	n.winogradFilter("winogradFilter", "Filter", n.filterBody)
	n.winogradFilter("winogradGradient", "Gradient", n.gradientBody)
}

// winogradFilter writes a kernel between nine rows of g, a gap apart, and sixteen of u.
func (n *neon) winogradFilter(name, doc string, body func(move string)) {
	n.function(name, "(u *float32, stride int, filter *float32, gap, n int)", 0,
		name+"NEON is Winograd"+doc+" for positive n. It checks nothing.")
	n.arg("u", zMatrix)
	n.arg("stride", zStride)
	n.do("LSL", "$2, %s", zStride)
	n.arg("filter", zImage)
	n.arg("gap", zGap)
	n.do("LSL", "$2, %s", zGap)
	n.do("MOVD", "$neonConstants<>(SB), %s", nConst)
	n.channels("n", func(move string) {
		n.do("ADD", "%s, %s, %s", zAt, zImage, zPixel)
		n.do("MOVD", "%s, %s", zMatrix, zRow)
		n.float(0.5, 15)
		body(move)
	}, func(int) {})
	n.do("RET", "")
}

// halfSum sets dst to half of x+y, halfDifference to half of x−y.
func (n *neon) halfSum(x, y, dst v) {
	n.v("fadd.4s", dst, x, y)
	n.v("fmul.4s", dst, dst, 15)
}

func (n *neon) halfDifference(x, y, dst v) {
	n.v("fsub.4s", dst, x, y)
	n.v("fmul.4s", dst, dst, 15)
}

// filterBody writes U = G g Gᵀ: the columns of Gᵀ first, row by row.
func (n *neon) filterBody(move string) {
	const tmp, out = v(12), v(13)
	t := func(i, j int) v { return v(4*i + j) } // g Gᵀ
	for i := range 3 {
		for _, to := range []v{t(i, 0), out, t(i, 3)} {
			n.do(move, "(%s), %s", zPixel, to)
			n.do("ADD", "%s, %s", zGap, zPixel)
		}
		n.v("fadd.4s", tmp, t(i, 0), t(i, 3))
		n.halfSum(tmp, out, t(i, 1))
		n.halfDifference(tmp, out, t(i, 2))
	}
	for i := range 4 {
		for j := range 4 {
			x := out
			switch i {
			case 0:
				x = t(0, j)
			case 1:
				n.v("fadd.4s", v(20+j), t(0, j), t(2, j))
				n.halfSum(v(20+j), t(1, j), x)
			case 2:
				n.halfDifference(v(20+j), t(1, j), x)
			case 3:
				x = t(2, j)
			}
			n.matrix(move, true, x)
		}
	}
}

// gradientBody writes g = Gᵀ u G, with the opposite sign of the last row and column of u.
func (n *neon) gradientBody(move string) {
	t := func(i, j int) v { return v(3*i + j) } // u G
	const x, y, tmp = v(12), v(13), v(14)
	for i := range 4 {
		for _, from := range []v{t(i, 0), x, y, t(i, 2)} {
			n.matrix(move, false, from)
		}
		n.gradientSums(t(i, 0), x, y, t(i, 2), t(i, 1), tmp)
	}
	for j := range 3 {
		n.gradientSums(t(0, j), t(1, j), t(2, j), t(3, j), x, tmp)
		n.assign(t(1, j), x)
	}
	for _, i := range []int{0, 1, 3} {
		for j := range 3 {
			n.do(move, "%s, (%s)", t(i, j), zPixel)
			n.do("ADD", "%s, %s", zGap, zPixel)
		}
	}
}

// gradientSums sets (s0, middle, s3) to Gᵀ s with the opposite sign of s3. It overwrites tmp.
func (n *neon) gradientSums(s0, s1, s2, s3, middle, tmp v) {
	n.halfSum(s1, s2, tmp)
	n.halfDifference(s1, s2, middle)
	n.v("fadd.4s", s0, s0, tmp)
	n.v("fsub.4s", s3, tmp, s3)
}
