package tensor

import "breakeven/tensor/internal/kernel"

// Panels hold a k×n matrix in the order in which the product kernels read it:
// vertical panels of kernel width, each a k×width block, the last one half as
// wide where that is enough, zero-filled past column n.
type Panels struct {
	K, N  int
	data  []float32
	start []int // of each panel in data
	width []int // of each panel
}

// NewPanels allocates room for a k×n matrix.
func NewPanels(k, n int) *Panels {
	p := &Panels{K: k, N: n}
	size := 0
	for j := 0; j < n; {
		w := kernel.NR()
		if n-j <= w/2 {
			w /= 2
		}
		p.start = append(p.start, size)
		p.width = append(p.width, w)
		size += k * w
		j += w
	}
	p.data = make([]float32, size)
	return p
}

// Bytes returns the memory that p holds.
func (p *Panels) Bytes() int64 { return 4 * int64(len(p.data)) }

// Count returns the number of panels.
func (p *Panels) Count() int { return len(p.start) }

// Column returns the first column of panel i and how many of its columns are
// inside the matrix.
func (p *Panels) Column(i int) (j, cols int) {
	j = i * kernel.NR()
	return j, min(p.width[i], p.N-j)
}

// SetPanel fills panel i from src, whose element (r, c) is at r·row + c·col.
func (p *Panels) SetPanel(i int, src []float32, row, col int) {
	j, cols := p.Column(i)
	w := p.width[i]
	dst := p.data[p.start[i] : p.start[i]+p.K*w]
	if col == 1 {
		for r := range p.K {
			copy(dst[r*w:r*w+cols], src[r*row+j:])
		}
		return
	}
	const block = 16 // rows at a time, so that columns of src are read in whole cache lines
	for r0 := 0; r0 < p.K; r0 += block {
		r1 := min(r0+block, p.K)
		for c := range cols {
			s := (j + c) * col
			for r := r0; r < r1; r++ {
				dst[r*w+c] = src[s+r*row]
			}
		}
	}
}

// Set fills all panels from src, whose element (r, c) is at r·row + c·col.
func (p *Panels) Set(src []float32, row, col int) {
	for i := range p.Count() {
		p.SetPanel(i, src, row, col)
	}
}

// rowTable is the offset table of MR consecutive rows of length lda.
func rowTable(lda int) []int32 {
	t := make([]int32, kernel.MR())
	for r := range t {
		t[r] = int32(r * lda)
	}
	return t
}

// A Product multiplies row-major matrices with a fixed row length lda by
// panels.
type Product struct {
	lda int
	off []int32
}

// NewProduct returns a Product for matrices whose rows are lda apart.
func NewProduct(lda int) Product { return Product{lda, rowTable(lda)} }

// RowBlock is the number of rows that tasks should be multiples of.
func RowBlock() int { return 2 * kernel.MR() }

// Mul computes columns of c = a·b for one panel of b: with a m×b.K (rows
// p.lda apart) and c m×b.N (rows ldc apart). With acc it adds to c.
func (p Product) Mul(c []float32, ldc int, a []float32, m int, b *Panels, panel int, acc bool) {
	j, cols := b.Column(panel)
	w := b.width[panel]
	data := b.data[b.start[panel] : b.start[panel]+b.K*w]
	mr := kernel.MR()
	for r := 0; r < m; r += mr {
		kernel.Gather(c[r*ldc+j:], ldc, min(mr, m-r), cols, a[r*p.lda:], p.off, 1, b.K, data, w, acc)
	}
}

// OuterWidth is the number of columns that [OuterPanel] computes at a time.
func OuterWidth() int { return kernel.NR() }

// OuterPanel computes columns j … j+OuterWidth()-1 (fewer at the right edge) of
// c = aᵀ·b, with a k×m (rows a.lda apart), b k×n (rows ldb apart) and c m×n
// (rows ldc apart). With acc it adds to c. The scratch memory must hold
// k·OuterWidth() numbers; off is RowOffsets(k, lda).
func OuterPanel(c []float32, ldc int, a []float32, off []int32, m int, b []float32, ldb, n, j int, scratch []float32, acc bool) {
	w := kernel.NR()
	cols := min(w, n-j)
	k := len(off)
	for p := range k {
		copy(scratch[p*w:p*w+cols], b[p*ldb+j:])
	}
	mr := kernel.MR()
	for i := 0; i < m; i += mr {
		kernel.Outer(c[i*ldc+j:], ldc, min(mr, m-i), cols, a[i:], off, scratch[:k*w], w, acc)
	}
}

// RowOffsets returns 0, lda, 2·lda, … for k rows.
func RowOffsets(k, lda int) []int32 {
	off := make([]int32, k)
	for p := range off {
		off[p] = int32(p * lda)
	}
	return off
}
