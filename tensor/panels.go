package tensor

import "breakeven/tensor/internal/kernel"

// Panels hold a k×n matrix in the order in which the product kernels read it:
// vertical panels of kernel width, each a k×width block, the last one half as
// wide where that is enough, zero-filled past column n.
type Panels struct {
	K, N  int
	size  int // numbers
	data  []float32
	start []int // of each panel in data
	width []int // of each panel
}

// NewPanels lays out a k×n matrix. Its memory is that of Allocate.
func NewPanels(k, n int) *Panels {
	p := &Panels{K: k, N: n}
	for j := 0; j < n; {
		w := kernel.NR()
		if n-j <= w/2 {
			w /= 2
		}
		p.start = append(p.start, p.size)
		p.width = append(p.width, w)
		p.size += k * w
		j += w
	}
	return p
}

// Allocate takes the memory of p, and returns p.
func (p *Panels) Allocate() *Panels {
	p.data = make([]float32, p.size)
	return p
}

// Bytes returns the memory that Allocate takes.
func (p *Panels) Bytes() int64 { return 4 * int64(p.size) }

// Count returns the number of panels.
func (p *Panels) Count() int { return len(p.start) }

// Column returns the first column of panel i and how many of its columns are
// inside the matrix.
func (p *Panels) Column(i int) (j, cols int) {
	j = i * kernel.NR()
	return j, min(p.width[i], p.N-j)
}
