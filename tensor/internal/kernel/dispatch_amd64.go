//go:build amd64 && !noasm

package kernel

import "golang.org/x/sys/cpu"

// supported returns the instruction sets of the processor that the operating system
// saves and restores, the lowest first.
func supported() []level {
	x := cpu.X86
	switch {
	case x.HasAVX512F && x.HasAVX512BW && x.HasAVX512VL && x.HasAVX512DQ:
		return []level{generic, avx2, avx512}
	case x.HasAVX2 && x.HasFMA:
		return []level{generic, avx2}
	}
	return []level{generic}
}

func maxOffsets(off []int32, stride, rows, taps int) int {
	switch active {
	case avx512:
		return int(maxOffsetsAVX512(&off[0], stride, rows, taps))
	case avx2:
		return int(maxOffsetsAVX2(&off[0], stride, rows, taps))
	}
	return maxOffsetsGeneric(off, stride, rows, taps)
}

func gather(c []float32, ldc, rows, cols int, a []float32, off []int32, taps, depth int, b []float32, ldb int, acc bool) {
	switch active {
	case avx512:
		gatherAVX512(&c[0], ldc, rows, cols, first(a), &off[0], taps, depth, &b[0], ldb, acc, &zeros[0])
	case avx2:
		gatherAVX2(&c[0], ldc, rows, cols, first(a), &off[0], taps, depth, &b[0], ldb, acc, &zeros[0])
	default:
		gatherGeneric(c, ldc, rows, cols, a, off, MR(), taps, depth, b, ldb, acc)
	}
}

func outer(c []float32, ldc, rows, cols int, a []float32, off []int32, b []float32, ldb int, acc bool) {
	switch active {
	case avx512:
		outerAVX512(&c[0], ldc, rows, cols, first(a), &off[0], len(off), &b[0], ldb, acc)
	case avx2:
		outerAVX2(&c[0], ldc, rows, cols, first(a), &off[0], len(off), &b[0], ldb, acc)
	default:
		outerGeneric(c, ldc, rows, cols, a, off, b, ldb, acc)
	}
}

// first returns the address of x, or of a zero if x is empty (then every
// offset is negative and it is not read).
func first(x []float32) *float32 {
	if len(x) == 0 {
		return &zeros[0]
	}
	return &x[0]
}
