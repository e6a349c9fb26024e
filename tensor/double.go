package tensor

import (
	"fmt"

	"breakeven/tensor/internal/kernel"
)

// A Matrix64 is a view of float64 values: element (i, j) is Data[i·Row + j·Col],
// and Row or Col is 1.
type Matrix64 struct {
	Data     []float64
	Row, Col int
}

// Rows64 returns a view of a row-major matrix with rows of the given stride.
func Rows64(data []float64, stride int) Matrix64 { return Matrix64{data, stride, 1} }

// T returns the transpose.
func (m Matrix64) T() Matrix64 { return Matrix64{m.Data, m.Col, m.Row} }

// A Product64 is the shape of C = A·B or C ± A·B in float64: A is M×K, B is K×N,
// and C is row-major.
//
// An element of C is one chain of fused multiply-adds from the first term to the
// last, however the work is split into tasks, and so has the same bits on every
// processor. The error is at most K·2⁻⁵³·Σ|a·b| to first order.
type Product64 struct {
	M, K, N int
	Lower   bool // leave out what lies above the diagonal of C, which is undefined then
	Minus   bool // subtract the product
}

const (
	depthBlock64 = 256 // of A and B at a time: a panel of B is 32 KB, of A 24 KB
	rowsBlock64  = 96  // of A for one task: 192 KB
	colsBlock64  = 512 // of B for one task
)

// Mul computes c = a·b on all cores; with acc it adds to c, whose rows are ldc
// apart.
func (p Product64) Mul(c []float64, ldc int, a, b Matrix64, acc bool) {
	p.check(c, ldc, a, b)
	call := calls64.take()
	call.p, call.c, call.ldc, call.a, call.b, call.acc = p, c, ldc, a, b, acc
	Parallel((p.M+rowsBlock64-1)/rowsBlock64*p.blocks(), call.run)
	call.c, call.a, call.b = nil, Matrix64{}, Matrix64{}
	calls64.give(call)
}

// blocks returns the number of blocks side by side.
func (p Product64) blocks() int { return (p.N + colsBlock64 - 1) / colsBlock64 }

// A call64 holds the arguments of Mul and a function that reads them, like mul for
// Product.
type call64 struct {
	p    Product64
	c    []float64
	ldc  int
	a, b Matrix64
	acc  bool
	run  func(task int)
}

var calls64 = stock[call64]{make: func() *call64 {
	k := new(call64)
	k.run = func(task int) { k.block(task) }
	return k
}}

// block computes one block of C.
func (k *call64) block(task int) {
	row, col := task/k.p.blocks()*rowsBlock64, task%k.p.blocks()*colsBlock64
	rowEnd, colEnd := min(k.p.M, row+rowsBlock64), min(k.p.N, col+colsBlock64)
	if k.p.Lower {
		colEnd = min(colEnd, rowEnd)
	}
	if col >= colEnd {
		return
	}
	w := workspaces64.take()
	w.block(k.p, k.c, k.ldc, k.a, k.b, [4]int{row, rowEnd, col, colEnd}, k.acc)
	workspaces64.give(w)
}

// A workspace64 is the memory in which a task packs its blocks: rows of A in panels
// of the height of a tile, one panel of B, and a tile for the edges of C.
type workspace64 struct{ a, b, edge []float64 }

var workspaces64 = stock[workspace64]{make: func() *workspace64 {
	mr, nr := kernel.MR64(), kernel.NR64()
	return &workspace64{
		a:    make([]float64, (rowsBlock64+mr-1)/mr*mr*depthBlock64),
		b:    make([]float64, nr*depthBlock64),
		edge: make([]float64, mr*nr),
	}
}}

// block computes one block of C; at holds its first and last rows and columns.
func (w *workspace64) block(p Product64, c []float64, ldc int, a, b Matrix64, at [4]int, acc bool) {
	row, rowEnd, col, colEnd := at[0], at[1], at[2], at[3]
	mr, nr := kernel.MR64(), kernel.NR64()
	if p.K == 0 && !acc {
		for r := row; r < rowEnd; r++ {
			clear(c[r*ldc+col : r*ldc+colEnd])
		}
	}
	for k := 0; k < p.K; k += depthBlock64 {
		depth := min(depthBlock64, p.K-k)
		for r := row; r < rowEnd; r += mr {
			pack64(w.a[(r-row)*depthBlock64:], mr, a, [4]int{r, min(r+mr, rowEnd), k, k + depth}, p.Minus)
		}
		for j := col; j < colEnd; j += nr {
			cols := min(nr, colEnd-j)
			pack64(w.b, nr, b.T(), [4]int{j, j + cols, k, k + depth}, false)
			for r := row; r < rowEnd; r += mr {
				rows := min(mr, rowEnd-r)
				if p.Lower && j >= r+rows {
					continue
				}
				w.tile(c[r*ldc+j:], ldc, rows, cols, w.a[(r-row)*depthBlock64:], depth, acc || k > 0)
			}
		}
	}
}

// tile computes a tile of C; at the edges it computes a full tile and copies a part.
func (w *workspace64) tile(c []float64, ldc, rows, cols int, a []float64, depth int, acc bool) {
	nr := kernel.NR64()
	if rows == kernel.MR64() && cols == nr {
		kernel.Tile64(c, ldc, a, w.b, depth, acc)
		return
	}
	for r := range rows {
		copy(w.edge[r*nr:r*nr+cols], c[r*ldc:])
	}
	kernel.Tile64(w.edge, nr, a, w.b, depth, acc)
	for r := range rows {
		copy(c[r*ldc:r*ldc+cols], w.edge[r*nr:])
	}
}

// pack64 copies rows from … to and columns from … to of m to dst, column by column,
// each filled up with zeros to a width; with minus it changes the signs.
func pack64(dst []float64, width int, m Matrix64, at [4]int, minus bool) {
	first, last, k, kEnd := at[0], at[1], at[2], at[3]
	sign := 1.0
	if minus {
		sign = -1
	}
	if m.Col != 1 { // rows of m lie side by side: columns are copied whole
		for d := 0; k < kEnd; k, d = k+1, d+width {
			src := m.Data[first*m.Row+k*m.Col:][:last-first]
			to := dst[d : d+width]
			for i, v := range src {
				to[i] = sign * v
			}
			clear(to[last-first:])
		}
		return
	}
	for i := range width {
		if first+i >= last {
			for d := i; d < (kEnd-k)*width; d += width {
				dst[d] = 0
			}
			continue
		}
		d := i
		for _, v := range m.Data[(first+i)*m.Row+k : (first+i)*m.Row+kEnd] {
			dst[d] = sign * v
			d += width
		}
	}
}

// check panics unless the product fits its matrices.
func (p Product64) check(c []float64, ldc int, a, b Matrix64) {
	if p.M < 0 || p.K < 0 || p.N < 0 || ldc < p.N || p.Lower && p.M != p.N {
		panic(fmt.Sprintf("tensor: product %d×%d×%d to rows of %d", p.M, p.K, p.N, ldc))
	}
	if p.M == 0 || p.N == 0 {
		return
	}
	if len(c) < (p.M-1)*ldc+p.N {
		panic(fmt.Sprintf("tensor: product %d×%d×%d to %d values in rows of %d", p.M, p.K, p.N, len(c), ldc))
	}
	checkView(a.Row, a.Col, len(a.Data), p.M, p.K)
	checkView(b.Row, b.Col, len(b.Data), p.K, p.N)
}
