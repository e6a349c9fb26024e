package main

// windows writes the kernels of MaxWindows, PickWindows and SpreadWindows for whole vectors of
// channels, which the twins complete. Register 8+k is the number of pixel k.
func (n *neon) windows() {
	const best, value, other, x, y = v(0), v(1), v(2), v(3), v(4)
	n.eachWindow("maxWindows", func(pixel [4]r, yAt, idxAt r) {
		n.do("FMOVQ", "(%s), %s", pixel[0], value)
		n.zero(best)
		for k := 1; k < 4; k++ {
			n.do("FMOVQ", "(%s), %s", pixel[k], other)
			// Not less or equal (true for a NaN), and the maximum is no NaN.
			n.v("fcmge.4s", x, value, other)
			n.v("fcmeq.4s", y, value, value)
			n.v("bic.16b", x, y, x)
			n.v("bit.16b", value, other, x)
			n.v("bit.16b", best, v(8+k), x)
		}
		n.do("FMOVQ", "%s, (%s)", value, yAt)
		n.v("xtn.4h", best, best)
		n.v("xtn.8b", best, best)
		n.do("FMOVS", "%s, (%s)", best, idxAt)
	})
	n.eachWindow("pickWindows", func(pixel [4]r, yAt, idxAt r) {
		n.numbers(idxAt, best)
		n.do("FMOVQ", "(%s), %s", pixel[0], value)
		for k := 1; k < 4; k++ {
			n.do("FMOVQ", "(%s), %s", pixel[k], other)
			n.v("cmeq.4s", x, best, v(8+k))
			n.v("bit.16b", value, other, x)
		}
		n.do("FMOVQ", "%s, (%s)", value, yAt)
	})
	n.eachWindow("spreadWindows", func(pixel [4]r, yAt, idxAt r) {
		n.numbers(idxAt, best)
		n.do("FMOVQ", "(%s), %s", yAt, value)
		for k, p := range pixel {
			n.v("cmeq.4s", x, best, v(8+k))
			n.v("and.16b", x, x, value)
			n.do("FMOVQ", "%s, (%s)", x, p)
		}
	})
}

// numbers loads four bytes as 32-bit numbers.
func (n *neon) numbers(from r, to v) {
	n.do("FMOVS", "(%s), %s", from, to)
	n.v("uxtl.8h", to, to)
	n.v("uxtl.4s", to, to)
}

// eachWindow writes a kernel that does body for each vector of channels of each window.
func (n *neon) eachWindow(name string, body func(pixel [4]r, y, idx r)) {
	n.function(name, "(y *float32, idx *uint8, x *float32, row, step, channels, cols, windows int)", 0,
		name+"NEON is the kernel of the same name for the first cols of the channels, a positive multiple of",
		"the length of a vector, and for at least one window.")
	const y, idx, row, step, channels, cols, windows, left, yAt, idxAt = r(0), r(1), r(2), r(3), r(4), r(5), r(6), r(7), r(8), r(9)
	in, pixel := [4]r{10, 11, 12, 13}, [4]r{14, 15, 16, 17}
	for k := range 4 {
		n.do("MOVD", "$%d, %s", k, left)
		n.v("dup.4s.w", v(8+k), v(left))
	}
	n.arg("y", y)
	n.arg("idx", idx)
	n.arg("row", row)
	n.arg("step", step)
	n.do("LSL", "$2, %s", step)
	n.arg("channels", channels)
	n.arg("cols", cols)
	n.arg("windows", windows)
	n.arg("x", in[0])
	n.do("ADD", "%s<<2, %s, %s", channels, in[0], in[1])
	n.do("ADD", "%s<<2, %s, %s", row, in[0], in[2])
	n.do("ADD", "%s<<2, %s, %s", row, in[1], in[3])
	n.at("window")
	n.do("MOVD", "%s, %s", y, yAt)
	n.do("MOVD", "%s, %s", idx, idxAt)
	n.do("MOVD", "%s, %s", cols, left)
	for k := range in {
		n.do("MOVD", "%s, %s", in[k], pixel[k])
	}
	n.at("vector")
	body(pixel, yAt, idxAt)
	n.do("ADD", "$%d, %s", neonBytes, yAt)
	n.do("ADD", "$%d, %s", neonLanes, idxAt)
	for _, p := range pixel {
		n.do("ADD", "$%d, %s", neonBytes, p)
	}
	n.do("SUBS", "$%d, %s", neonLanes, left)
	n.jump("BNE", "vector")
	n.do("ADD", "%s<<2, %s", channels, y)
	n.do("ADD", "%s, %s", channels, idx)
	for _, p := range in {
		n.do("ADD", "%s, %s", step, p)
	}
	n.do("SUBS", "$1, %s", windows)
	n.jump("BNE", "window")
	n.do("RET", "")
}
