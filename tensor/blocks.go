package tensor

import (
	"sync"

	"breakeven/tensor/internal/kernel"
)

// A workspace is the memory in which a task of a Product packs its blocks: rows of
// A, spaced so that they do not fall into one set of the cache, and a panel of B.
// It is at most 600 KB.
type workspace struct {
	a, b []float32
}

// rowStride is the distance between packed rows: not a multiple of a large power of
// two.
const rowStride = depthBlock + 16

// packPanels is the number of panels of B at which packing A begins to pay.
const packPanels = 12

var workspaces = stock[workspace]{make: func() *workspace {
	return &workspace{b: make([]float32, depthBlock*kernel.NR())}
}}

// WorkBytes returns the most memory that products of up to the given number of rows
// keep for packing: one workspace for each worker, shared by all products.
func WorkBytes(rows int) int64 {
	return 4 * int64(Workers()) * int64(min(rows, rowsBlock)*rowStride+depthBlock*kernel.NR())
}

// Run computes one task's part of c = a·b; with acc it adds to c. The other tasks
// may run at the same time.
func (p Cut) Run(task int, c []float32, ldc int, a, b Matrix, acc bool) {
	p.check(c, ldc, a, b)
	row, end, col, colEnd := p.Block(task)
	if row >= end || col >= colEnd {
		return
	}
	w := workspaces.take()
	blocks := max(1, (p.K+depthBlock-1)/depthBlock)
	for i := range blocks {
		k, kEnd := p.K*i/blocks, p.K*(i+1)/blocks
		left := w.left(a, row, end, k, kEnd, colEnd-col)
		for j := col; j < colEnd; j += kernel.NR() {
			first := row
			if p.Lower {
				first = max(row, j)
			}
			t := tile{c, ldc, j, min(kernel.NR(), colEnd-j), kEnd - k, acc || i > 0}
			w.panel(t, left, b, k, first, end, row)
		}
	}
	workspaces.give(w)
}

// A tile is what all tiles of a panel have in common.
type tile struct {
	c                     []float32
	ldc, col, cols, depth int
	acc                   bool
}

// left returns rows row … end-1 of a, columns k … kEnd-1. They are packed if they
// are read often or are not contiguous.
func (w *workspace) left(a Matrix, row, end, k, kEnd, cols int) Matrix {
	depth := kEnd - k
	if depth == 0 {
		return Matrix{nil, 0, 1}
	}
	if a.Col == 1 && a.Row <= kernel.MaxDistance && cols < packPanels*kernel.NR() {
		return Matrix{a.from(row, k), a.Row, 1}
	}
	if n := (end - row) * rowStride; len(w.a) < n {
		w.a = make([]float32, n)
	}
	const ahead = 8
	if a.Col != 1 {
		kernel.Transpose(w.a, rowStride, a.from(row, k), a.Col, depth, end-row)
		return Matrix{w.a, rowStride, 1}
	}
	for r := row; r < end; r++ {
		if r+ahead < end {
			kernel.Prefetch(a.from(r+ahead, k), depth, 1, depth)
		}
		copy(w.a[(r-row)*rowStride:][:depth], a.from(r, k))
	}
	return Matrix{w.a, rowStride, 1}
}

// panel packs a panel of b and computes rows first … end-1 of its part of the
// product; left begins at row.
func (w *workspace) panel(t tile, left, b Matrix, k, first, end, row int) {
	nr := kernel.NR()
	if t.cols <= nr/2 {
		nr /= 2
	}
	if t.depth > 0 {
		kernel.Pack(w.b, nr, b.from(k, t.col), b.Row, b.Col, t.depth, t.cols)
	}
	kernel.Rows(t.c[first*t.ldc+t.col:], t.ldc, end-first, t.cols, left.from(first-row, 0), left.Row, t.depth, w.b, nr, t.acc)
}

// A stock holds values that are free to be used again, so that taking one need not
// allocate.
type stock[T any] struct {
	make func() *T
	mu   sync.Mutex
	free []*T
}

func (s *stock[T]) take() *T {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.free); n > 0 {
		t := s.free[n-1]
		s.free = s.free[:n-1]
		return t
	}
	return s.make()
}

func (s *stock[T]) give(t *T) {
	s.mu.Lock()
	s.free = append(s.free, t)
	s.mu.Unlock()
}
