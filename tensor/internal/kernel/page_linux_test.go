package kernel

import (
	"runtime/debug"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// edge returns n zeros that end where a page without access begins, so that
// a read or write past the end faults.
func edge(t *testing.T, n int) []float32 {
	t.Helper()
	page := unix.Getpagesize()
	size := (4*n + page - 1) / page * page
	mem, err := unix.Mmap(-1, 0, size+page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Skipf("no memory mapping: %v", err)
	}
	t.Cleanup(func() { _ = unix.Munmap(mem) })
	if err := unix.Mprotect(mem[size:], unix.PROT_NONE); err != nil {
		t.Skipf("no page protection: %v", err)
	}
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&mem[size-4*n])), n)
}

// TestBounds calls every kernel on slices that end at an inaccessible page.
func TestBounds(t *testing.T) {
	forEach(t, func(t *testing.T) {
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		for n := 1; n <= 2*NR(); n++ {
			x, y, z := edge(t, n), edge(t, n), edge(t, n)
			sum := make([]float64, n)
			for _, k := range affineKernels {
				k.run(x, [7][]float32{y, z, y, z, y, z, y})
			}
			Sum(x, y, z)
			SumReLU(x, y, z)
			ReLU(x, y)
			Mask(x, y, z)
			Add(x, y)
			Axpy(x, 2, y)
			Scale(x, 2)
			Mul(x, y, z)
			MulAdd(x, y, z)
			for _, f := range functions {
				f.run(x, y)
			}
			boundsWindows(t, n)
			AddRow(x, 1, n, y)
			Dot(x, y)
			ColSum(sum, x, 1, n)
			ColMoments(sum, sum, x, y, 1, n)
			ColSquares(sum, sum, x, 1, n)
		}
		for rows := 1; rows <= MR(); rows++ {
			for cols := 1; cols <= NR(); cols += 1 + rows%3 {
				boundsTile(t, rows, cols, 3)
			}
		}
	})
}

// boundsTile calls Gather and Outer on slices that end at an inaccessible page.
func boundsTile(t *testing.T, rows, cols, depth int) {
	const taps = 2
	ldb := NR()
	if cols <= ldb/2 {
		ldb /= 2
	}
	c, a, b := edge(t, (rows-1)*(cols+1)+cols), edge(t, depth), edge(t, taps*depth*ldb)
	bits := edge(t, (taps-1)*MR()+rows)
	off := unsafe.Slice((*int32)(unsafe.Pointer(&bits[0])), len(bits))
	Gather(c, cols+1, rows, cols, a, off, taps, depth, b, ldb, false)
	Gather(c, cols+1, rows, cols, a, off, taps, depth, b, ldb, true)
	n := len(off)
	Outer(c, cols+1, rows, cols, edge(t, rows), off, edge(t, (n-1)*(cols+2)+cols), cols+2, false)
	Outer(c, cols+1, rows, cols, edge(t, rows), off, edge(t, (n-1)*(cols+2)+cols), cols+2, true)
}

// boundsWindows calls the kernels of pool.go on slices that end at an
// inaccessible page, for two windows of c channels.
func boundsWindows(t *testing.T, c int) {
	x, y, idx := edge(t, 8*c), edge(t, 2*c), edge(t, (2*c+3)/4)
	places := unsafe.Slice((*uint8)(unsafe.Pointer(&idx[0])), 4*len(idx))[4*len(idx)-2*c:]
	MaxWindows(y, places, x, 4*c, 2*c, c)
	PickWindows(y, places, x, 4*c, 2*c, c)
	SpreadWindows(x, places, y, 4*c, 2*c, c)
}
