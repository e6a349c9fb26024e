package main

import "fmt"

// reductions writes the kernels of Dot and ColSum, and the check of offset tables.
func (n *neon) reductions() {
	n.dotBlocks()
	n.colSum()
	n.maxOffsets()
}

// doubles loads or stores count registers of float64 values.
func (n *neon) doubles(store bool, at r, first v, count int) {
	for i := range v(count / 2) {
		if store {
			n.do("FSTPQ", "(%s, %s), %d(%s)", first+2*i, first+2*i+1, 2*neonBytes*int(i), at)
			continue
		}
		n.do("FLDPQ", "%d(%s), (%s, %s)", 2*neonBytes*int(i), at, first+2*i, first+2*i+1)
	}
}

// dotBlocks writes the kernel of Dot: 32 partial sums in 16 registers.
func (n *neon) dotBlocks() {
	n.function("dotBlocks", "(sum *[32]float64, x, y []float32)", 0,
		"dotBlocksNEON adds x[i]·y[i] to sum[i%32], for a length that is a positive multiple of 32.")
	const sum, x, y, left = r(0), r(1), r(2), r(3)
	n.arg("sum", sum)
	n.arg("x_base", x)
	n.arg("y_base", y)
	n.arg("x_len", left)
	n.doubles(false, sum, 0, 16)
	n.at("loop")
	for i := range v(8) {
		n.do("FMOVQ.P", "%d(%s), F16", neonBytes, x)
		n.do("FMOVQ.P", "%d(%s), F17", neonBytes, y)
		n.v("fcvtl", 18, 16)
		n.v("fcvtl", 19, 17)
		n.v("fcvtl2", 16, 16)
		n.v("fcvtl2", 17, 17)
		n.v("fmla.2d", 2*i, 18, 19)
		n.v("fmla.2d", 2*i+1, 16, 17)
	}
	n.do("SUBS", "$32, %s", left)
	n.jump("BNE", "loop")
	n.doubles(true, sum, 0, 16)
	n.do("RET", "")
}

// colSum writes the kernel of ColSum for blocks of 16 columns. The twin does the rest and gives
// the same bits.
func (n *neon) colSum() {
	n.function("colSum", "(dst *float64, x *float32, rows, cols, stride int)", 0,
		"colSumNEON is ColSum for the first cols columns of positive rows of length stride; cols is a",
		"positive multiple of 16.")
	const dst, x, rows, cols, stride, p, left = r(0), r(1), r(2), r(3), r(4), r(5), r(6)
	n.arg("dst", dst)
	n.arg("x", x)
	n.arg("rows", rows)
	n.arg("cols", cols)
	n.arg("stride", stride)
	n.do("LSL", "$2, %s", stride)
	n.at("block")
	n.doubles(false, dst, 0, 8)
	n.do("MOVD", "%s, %s", x, p)
	n.do("MOVD", "%s, %s", rows, left)
	n.at("row")
	n.doubles(false, p, 16, 4)
	for i := range v(4) {
		n.v("fcvtl", 20, 16+i)
		n.v("fcvtl2", 21, 16+i)
		n.v("fadd.2d", 2*i, 2*i, 20)
		n.v("fadd.2d", 2*i+1, 2*i+1, 21)
	}
	n.do("ADD", "%s, %s", stride, p)
	n.do("SUBS", "$1, %s", left)
	n.jump("BNE", "row")
	n.doubles(true, dst, 0, 8)
	n.do("ADD", "$128, %s", dst)
	n.do("ADD", "$64, %s", x)
	n.do("SUBS", "$16, %s", cols)
	n.jump("BNE", "block")
	n.do("RET", "")
}

// maxOffsets writes the check of an offset table.
func (n *neon) maxOffsets() {
	n.function("maxOffsets", "(off *int32, stride, rows, taps int) int32", 0,
		"maxOffsetsNEON returns the largest of off[t*stride+r] over t < taps and r < rows, or -1 if all are",
		"negative. taps and rows are positive.")
	const off, stride, rows, taps, p, left = r(0), r(1), r(2), r(3), r(4), r(5)
	n.arg("off", off)
	n.arg("stride", stride)
	n.do("LSL", "$2, %s", stride)
	n.arg("rows", rows)
	n.arg("taps", taps)
	n.do("MOVD", "$-1, %s", p)
	n.v("dup.4s.w", 0, v(p))
	n.at("tap")
	n.do("MOVD", "%s, %s", off, p)
	n.do("MOVD", "%s, %s", rows, left)
	for _, part := range []struct {
		name, next, move string
		values           int
	}{{"several", "rest", "FMOVQ", 4}, {"single", "next", "FMOVS", 1}} {
		n.strips(part.name, part.next, part.values, left, func() {
			n.do(part.move+".P", "%d(%s), F1", 4*part.values, p)
			if part.values == 1 {
				n.v("dup.4s", 1, 1)
			}
			n.v("smax.4s", 0, 0, 1)
		})
	}
	n.do("ADD", "%s, %s", stride, off)
	n.do("SUBS", "$1, %s", taps)
	n.jump("BNE", "tap")
	n.v("smaxv", 0, 0)
	n.do("FMOVS", "F0, %s", p)
	n.do("MOVW", "%s, %s", p, n.place("ret"))
	n.do("RET", "")
}

// peak writes a loop of independent multiply-adds: the highest rate that any kernel can reach.
func (n *neon) peak() {
	const chains = 24
	n.function("peak", "(n int)", 0, fmt.Sprintf("peakNEON does %d·n independent vector multiply-adds, for the benchmarks.", chains))
	n.arg("n", 0)
	for i := range v(chains + 2) {
		n.zero(i)
	}
	n.at("loop")
	for i := range v(chains) {
		n.v("fmla.4s", i, chains, chains+1)
	}
	n.do("SUBS", "$1, R0")
	n.jump("BNE", "loop")
	n.do("RET", "")
}
