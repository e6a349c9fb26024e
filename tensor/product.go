package tensor

import (
	"fmt"
	"math"

	"breakeven/tensor/internal/kernel"
)

// A Matrix is a view: element (i, j) is Data[i·Row + j·Col], and Row or Col is 1.
type Matrix struct {
	Data     []float32
	Row, Col int
}

// Rows returns a view of a row-major matrix with rows of the given stride.
func Rows(data []float32, stride int) Matrix { return Matrix{data, stride, 1} }

// T returns the transpose.
func (m Matrix) T() Matrix { return Matrix{m.Data, m.Col, m.Row} }

// from returns the view that begins at element (i, j).
func (m Matrix) from(i, j int) []float32 { return m.Data[i*m.Row+j*m.Col:] }

// A Product is the shape of C = A·B or C += A·B: A is M×K, B is K×N, and C is
// row-major.
//
// An element of C is one chain of additions from the first term to the last, however
// the work is split into tasks, so that the bits depend only on the instruction set.
// The error is at most K·2⁻²⁴·Σ|a·b| to first order.
type Product struct {
	M, K, N int
	// Lower leaves out tiles that lie above the diagonal of C. Their elements are
	// undefined then.
	Lower bool
}

const (
	depthBlock = 256 // of A and B at a time: a panel of B stays in the first cache level
	rowsBlock  = 512 // of A at a time: they stay in the second
	smallWork  = 1 << 16
)

// A Cut is a product split into tasks that may run at the same time.
type Cut struct {
	Product
	rows, cols int // blocks of C
}

// Cut splits the product into tasks for a number of workers. The split changes no bit.
// It is by columns if that comes out even, since B is then packed once.
func (p Product) Cut(workers int) Cut {
	mr, panels := kernel.MR(), p.panels()
	if p.M == 0 || p.N == 0 {
		return Cut{p, 0, 0}
	}
	rows, cols := 1, 1
	switch {
	case p.Lower: // equal areas, for any depth
		rows = min(workers, (p.M+mr-1)/mr)
	case p.M*p.N*max(1, p.K) < smallWork:
	case panels%workers == 0 || panels >= 4*workers:
		cols = workers
	default:
		rows = min(workers, (p.M+mr-1)/mr)
		cols = min(max(1, workers/rows), panels)
	}
	return Cut{p, max(rows, (p.M+rowsBlock-1)/rowsBlock), cols}
}

func (p Product) panels() int { return (p.N + kernel.NR() - 1) / kernel.NR() }

// Tasks returns the number of tasks.
func (c Cut) Tasks() int { return c.rows * c.cols }

// Block returns the rows and columns of C that a task computes.
func (c Cut) Block(task int) (row, rowEnd, col, colEnd int) {
	r, q := task%c.rows, task/c.rows
	panels, nr := c.panels(), kernel.NR()
	col, colEnd = panels*q/c.cols*nr, min(c.N, panels*(q+1)/c.cols*nr)
	if !c.Lower {
		return c.M * r / c.rows, c.M * (r + 1) / c.rows, col, colEnd
	}
	row, rowEnd = triangle(c.M, r, c.rows), triangle(c.M, r+1, c.rows)
	return row, rowEnd, col, min(colEnd, rowEnd)
}

// triangle returns the first row of part k if a lower triangle of n rows is cut into
// parts of equal area.
func triangle(n, k, parts int) int {
	return int(math.Round(float64(n) * math.Sqrt(float64(k)/float64(parts))))
}

// Mul computes c = a·b on all cores; with acc it adds to c, whose rows are ldc
// apart.
func (p Product) Mul(c []float32, ldc int, a, b Matrix, acc bool) {
	p.check(c, ldc, a, b)
	m := muls.take()
	m.cut, m.c, m.ldc, m.a, m.b, m.acc = p.Cut(Workers()), c, ldc, a, b, acc
	Parallel(m.cut.Tasks(), m.run)
	m.c, m.a, m.b = nil, Matrix{}, Matrix{}
	muls.give(m)
}

// A mul holds the arguments of Mul and a function that reads them. It is made once, so
// that Mul need not allocate.
type mul struct {
	cut  Cut
	c    []float32
	ldc  int
	a, b Matrix
	acc  bool
	run  func(task int)
}

var muls = stock[mul]{make: func() *mul {
	m := new(mul)
	m.run = func(task int) { m.cut.Run(task, m.c, m.ldc, m.a, m.b, m.acc) }
	return m
}}

// check panics unless the product fits its matrices.
func (p Product) check(c []float32, ldc int, a, b Matrix) {
	if p.M < 0 || p.K < 0 || p.N < 0 || ldc < p.N || p.Lower && p.M != p.N {
		panic(fmt.Sprintf("tensor: product %d×%d×%d to rows of %d", p.M, p.K, p.N, ldc))
	}
	if p.M == 0 || p.N == 0 {
		return
	}
	if len(c) < (p.M-1)*ldc+p.N {
		panic(fmt.Sprintf("tensor: product %d×%d×%d to %d values in rows of %d", p.M, p.K, p.N, len(c), ldc))
	}
	a.check(p.M, p.K)
	b.check(p.K, p.N)
}

// check panics unless m holds a rows×cols matrix.
func (m Matrix) check(rows, cols int) { checkView(m.Row, m.Col, len(m.Data), rows, cols) }

// checkView panics unless n values with these strides hold a rows×cols matrix.
func checkView(row, col, n, rows, cols int) {
	fits := col == 1 && row >= cols || row == 1 && col >= rows || rows <= 1 && col == 1 || cols <= 1 && row == 1
	if rows > 0 && cols > 0 && (!fits || n <= (rows-1)*row+(cols-1)*col) {
		panic(fmt.Sprintf("tensor: %d×%d matrix with strides %d and %d in %d values", rows, cols, row, col, n))
	}
}
