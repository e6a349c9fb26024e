package kernel

import "fmt"

// Pack copies a matrix to rows of equal width, the layout of Gather's panels:
//
//	for r := range rows {
//		for j := range width {
//			v := 0
//			if j < cols {
//				v = src[r*row+j*col]
//			}
//			dst[r*width+j] = v
//		}
//	}
//
// cols is at most width. A matrix with contiguous rows or columns (col or row is 1) is
// fast for a width of NR() or NR()/2.
func Pack(dst []float32, width int, src []float32, row, col, rows, cols int) {
	if rows < 0 || cols < 0 || cols > width || row < 0 || col < 0 {
		panic(fmt.Sprintf("kernel: Pack: %d×%d matrix with strides %d and %d to a width of %d", rows, cols, row, col, width))
	}
	if rows == 0 || width == 0 {
		return
	}
	if len(dst) < rows*width || cols > 0 && len(src) <= (rows-1)*row+(cols-1)*col {
		panic(fmt.Sprintf("kernel: Pack: %d×%d matrix with strides %d and %d in %d values, to %d values", rows, cols, row, col, len(src), len(dst)))
	}
	pack(dst, width, src, row, col, rows, cols)
}

// Transpose is dst[j*to+i] = src[i*from+j] for i < rows and j < cols, and writes
// nothing else: to is at least rows and from at least cols.
func Transpose(dst []float32, to int, src []float32, from, rows, cols int) {
	if rows < 0 || cols < 0 || to < rows || from < cols {
		panic(fmt.Sprintf("kernel: Transpose: %d×%d matrix with rows of %d to rows of %d", rows, cols, from, to))
	}
	if rows == 0 || cols == 0 {
		return
	}
	if len(dst) < (cols-1)*to+rows || len(src) < (rows-1)*from+cols {
		panic(fmt.Sprintf("kernel: Transpose: %d×%d matrix of %d values with rows of %d to %d values with rows of %d", rows, cols, len(src), from, len(dst), to))
	}
	transpose(dst, to, src, from, rows, cols)
}

// Prefetch asks the processor to load rows of cols values, stride apart, into the
// cache. It changes nothing, and leaves out what lies outside of x.
func Prefetch(x []float32, stride, rows, cols int) {
	if stride > 0 {
		rows = min(rows, (len(x)+stride-cols)/stride)
	}
	if rows > 0 && cols > 0 && cols <= len(x) {
		prefetch(x, stride, rows, cols)
	}
}
