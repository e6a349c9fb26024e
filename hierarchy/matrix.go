package hierarchy

import (
	"breakeven/tensor"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// A matrix is dense, its rows Stride apart.
type matrix blas64.General

func newMatrix(rows, cols int) matrix {
	return matrix{Rows: rows, Cols: cols, Stride: cols, Data: make([]float64, rows*cols)}
}

func (m matrix) row(i int) []float64 { return m.Data[i*m.Stride : i*m.Stride+m.Cols] }

// at returns the submatrix of the given size that begins at i, j.
func (m matrix) at(i, j, rows, cols int) matrix {
	if rows == 0 || cols == 0 {
		return matrix{Rows: rows, Cols: cols, Stride: m.Stride}
	}
	start := i*m.Stride + j
	return matrix{Rows: rows, Cols: cols, Stride: m.Stride, Data: m.Data[start : start+(rows-1)*m.Stride+cols]}
}

// top returns the first rows.
func (m matrix) top(rows int) matrix { return m.at(0, 0, rows, m.Cols) }

func (m matrix) zero() {
	for i := range m.Rows {
		clear(m.row(i))
	}
}

func clone(m matrix) matrix {
	c := newMatrix(m.Rows, m.Cols)
	for i := range m.Rows {
		copy(c.row(i), m.row(i))
	}
	return c
}

func transpose(dst, m matrix) {
	for i := range m.Rows {
		for j, v := range m.row(i) {
			dst.row(j)[i] = v
		}
	}
}

// Products are made of tiles of the result, each in blocks of the depth. Sums
// are so split in a fixed way, and gonum keeps products of this size on one
// core.
const (
	tileRows  = 64
	tileCols  = 128
	tileDepth = 256
)

const (
	plain      = blas.NoTrans
	transposed = blas.Trans
)

// mulAdd adds op(a)·op(b) to c, on one core.
func mulAdd(c matrix, ta blas.Transpose, a matrix, tb blas.Transpose, b matrix) {
	for i := 0; i < c.Rows; i += tileRows {
		for j := 0; j < c.Cols; j += tileCols {
			mulTile(c, ta, a, tb, b, i, j)
		}
	}
}

// spread calls f for each task, on all cores if the work, in multiplications, is
// worth the call of others.
func spread(tasks, work int, f func(task int)) {
	if work < 1<<16 {
		for i := range tasks {
			f(i)
		}
		return
	}
	tensor.Parallel(tasks, f)
}

// mulAddParallel is mulAdd on all cores, to the same bits.
func mulAddParallel(c matrix, ta blas.Transpose, a matrix, tb blas.Transpose, b matrix) {
	across := (c.Cols + tileCols - 1) / tileCols
	down := (c.Rows + tileRows - 1) / tileRows
	spread(across*down, c.Rows*c.Cols*depth(ta, a), func(task int) {
		mulTile(c, ta, a, tb, b, task/across*tileRows, task%across*tileCols)
	})
}

// depth returns the number of columns of op(a).
func depth(ta blas.Transpose, a matrix) int {
	if ta == transposed {
		return a.Rows
	}
	return a.Cols
}

// mulTile adds to the tile of c that begins at i, j.
func mulTile(c matrix, ta blas.Transpose, a matrix, tb blas.Transpose, b matrix, i, j int) {
	rows, cols := min(tileRows, c.Rows-i), min(tileCols, c.Cols-j)
	for k, end := 0, depth(ta, a); k < end; k += tileDepth {
		d := min(tileDepth, end-k)
		var x, y matrix
		if ta == plain {
			x = a.at(i, k, rows, d)
		} else {
			x = a.at(k, i, d, rows)
		}
		if tb == plain {
			y = b.at(k, j, d, cols)
		} else {
			y = b.at(j, k, cols, d)
		}
		blas64.Gemm(ta, tb, 1, blas64.General(x), blas64.General(y), 1, blas64.General(c.at(i, j, rows, cols)))
	}
}

func dot(a, b []float64) float64 {
	return blas64.Dot(blas64.Vector{N: len(a), Inc: 1, Data: a}, blas64.Vector{N: len(b), Inc: 1, Data: b})
}

// axpy adds s·x to dst.
func axpy(dst []float64, s float64, x []float64) {
	blas64.Axpy(s, blas64.Vector{N: len(x), Inc: 1, Data: x}, blas64.Vector{N: len(dst), Inc: 1, Data: dst})
}

func scaleTo(dst []float64, s float64, x []float64) {
	for i, v := range x {
		dst[i] = s * v
	}
}

func mulTo(dst, x, y []float64) {
	for i, v := range x {
		dst[i] = v * y[i]
	}
}

func addProduct(dst, x, y []float64) {
	for i, v := range x {
		dst[i] += v * y[i]
	}
}
