package kernel

import "fmt"

// ReLU is
//
//	for i, v := range x {
//		if v < 0 {
//			v = 0
//		}
//		dst[i] = v
//	}
//
// so that a NaN stays a NaN.
func ReLU(dst, x []float32) {
	checkLen("ReLU", len(dst), len(x))
	relu(dst, x)
}

// Mask is
//
//	for i, v := range y {
//		if v > 0 {
//			dst[i] = g[i]
//		} else {
//			dst[i] = 0
//		}
//	}
func Mask(dst, y, g []float32) {
	checkLen("Mask", len(dst), len(y))
	checkLen("Mask", len(dst), len(g))
	mask(dst, y, g)
}

// Add is
//
//	for i, v := range x {
//		dst[i] += v
//	}
func Add(dst, x []float32) {
	checkLen("Add", len(dst), len(x))
	add(dst, x)
}

// Axpy is
//
//	for i, v := range x {
//		dst[i] += a * v
//	}
//
// with one rounding for each element in the assembly.
func Axpy(dst []float32, a float32, x []float32) {
	checkLen("Axpy", len(dst), len(x))
	axpy(dst, a, x)
}

// Scale is
//
//	for i := range dst {
//		dst[i] *= a
//	}
func Scale(dst []float32, a float32) { scale(dst, a) }

// Mul is
//
//	for i, v := range x {
//		dst[i] = v * y[i]
//	}
func Mul(dst, x, y []float32) {
	checkLen("Mul", len(dst), len(x))
	checkLen("Mul", len(dst), len(y))
	mul(dst, x, y)
}

// MulAdd is
//
//	for i, v := range x {
//		dst[i] += v * y[i]
//	}
//
// with one rounding for each element in the assembly.
func MulAdd(dst, x, y []float32) {
	checkLen("MulAdd", len(dst), len(x))
	checkLen("MulAdd", len(dst), len(y))
	mulAdd(dst, x, y)
}

// AddRow is
//
//	for r := range rows {
//		for j := range cols {
//			dst[r*cols+j] += b[j]
//		}
//	}
func AddRow(dst []float32, rows, cols int, b []float32) {
	checkMatrix("AddRow", len(dst), rows, cols)
	checkLen("AddRow", cols, len(b))
	addRow(dst, rows, cols, b)
}

// checkLen panics unless two lengths are equal.
func checkLen(name string, want, got int) {
	if want != got {
		panic(fmt.Sprintf("kernel: %s: lengths %d and %d", name, want, got))
	}
}

// checkMatrix panics unless n values are a rows×cols matrix.
func checkMatrix(name string, n, rows, cols int) {
	if rows < 0 || cols < 0 || n != rows*cols {
		panic(fmt.Sprintf("kernel: %s: %d×%d matrix in %d values", name, rows, cols, n))
	}
}
