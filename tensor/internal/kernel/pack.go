package kernel

import "fmt"

// Pack copies a matrix to rows of one width, as Gather reads its panels:
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
// cols is at most width. Rows or columns whose values lie together (col or row
// is 1) are fast for a width of NR() or NR()/2.
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

// Prefetch asks for rows of cols values, stride apart, to be brought near. It
// changes nothing; what lies outside x is left out.
func Prefetch(x []float32, stride, rows, cols int) {
	if stride > 0 {
		rows = min(rows, (len(x)+stride-cols)/stride)
	}
	if rows > 0 && cols > 0 && cols <= len(x) {
		prefetch(x, stride, rows, cols)
	}
}
