package tensor

import "breakeven/tensor/internal/kernel"

// Panels hold a k×n matrix in the order in which the product kernels read it:
// vertical panels of kernel width, each a k×width block and zero-filled past column n.
// The last one is half as wide if that suffices.
type Panels struct {
	K, N  int
	data  []float32
	start []int // of each panel in data
	width []int // of each panel
}

// NewPanels allocates room for a k×n matrix.
func NewPanels(k, n int) *Panels {
	p, size := &Panels{K: k, N: n}, 0
	for j := 0; j < n; {
		w := panelWidth(n - j)
		p.start = append(p.start, size)
		p.width = append(p.width, w)
		size += k * w
		j += w
	}
	p.data = make([]float32, size)
	return p
}

// panelWidth returns the width of the panel that begins when cols columns are left.
func panelWidth(cols int) int {
	if w := kernel.NR(); cols > w/2 {
		return w
	}
	return kernel.NR() / 2
}

// PanelsBytes returns the memory that NewPanels(k, n) takes.
func PanelsBytes(k, n int) int64 {
	nr := kernel.NR()
	width := n / nr * nr
	if n > width {
		width += panelWidth(n - width)
	}
	return 4 * int64(k) * int64(width)
}

// Pack fills panel i from a k×n matrix.
func (p *Panels) Pack(i int, m Matrix) {
	m.check(p.K, p.N)
	j, cols := p.Column(i)
	kernel.Pack(p.data[p.start[i]:], p.width[i], m.from(0, j), m.Row, m.Col, p.K, cols)
}

// Multiply computes c = a·p for rows of a, lda numbers apart; with acc it adds to c,
// whose rows are ldc numbers apart.
func (p *Panels) Multiply(c []float32, ldc, rows int, a []float32, lda int, acc bool) {
	for panel := range p.Count() {
		j, cols := p.Column(panel)
		width := p.width[panel]
		kernel.Rows(c[j:], ldc, rows, cols, a, lda, p.K, p.data[p.start[panel]:][:p.K*width], width, acc)
	}
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
