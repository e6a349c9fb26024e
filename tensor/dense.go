package tensor

import "breakeven/tensor/internal/kernel"

// Windows of one pixel that leave none out: the pixels of all images are the rows of
// one matrix, and the products need no tables.

// denseBlock is the number of rows that a product makes before their end.
const denseBlock = 240

// dense reports whether the convolution is one matrix product.
func (s ConvShape) dense() bool { return s.K == 1 && s.Stride == 1 && s.Pad == 0 }

// denseProduct computes y = Σ x·w over the terms for rows of depth numbers.
func denseProduct(y []float32, rows, depth int, terms []Term, end End) {
	n := terms[0].W.N
	for lo := 0; lo < rows; lo += denseBlock {
		count := min(denseBlock, rows-lo)
		dst := y[lo*n : (lo+count)*n]
		for k, t := range terms {
			t.W.multiply(dst, n, count, t.X[lo*depth:], depth, end.Acc || k > 0)
		}
		finish(dst, n, end, lo*n)
	}
}

// multiply computes c = a·w for rows of a lda numbers apart; with acc it adds to c,
// whose rows are ldc apart.
func (p *Panels) multiply(c []float32, ldc, rows int, a []float32, lda int, acc bool) {
	for panel := range p.Count() {
		j, cols := p.Column(panel)
		width := p.width[panel]
		kernel.Rows(c[j:], ldc, rows, cols, a, lda, p.K, p.data[p.start[panel]:][:p.K*width], width, acc)
	}
}

// finish does to rows of n sums, from place at of the result on, what an end says.
func finish(dst []float32, n int, e End, at int) {
	if e.Bias != nil {
		kernel.AddRow(dst, len(dst)/n, n, e.Bias)
	}
	if e.ReLU {
		kernel.ReLU(dst, dst)
	}
	if e.Mask != nil {
		kernel.Mask(dst, e.Mask[at:at+len(dst)], dst)
	}
}

// denseWeights adds xᵀ·dy for the given rows to dw[i, o], for n input channels from
// first on.
func (c *Conv) denseWeights(dw, x, dy []float32, rows, first, n int) {
	for lo := 0; lo < rows; lo += tapBlock {
		count := min(tapBlock, rows-lo)
		eachTile(n, c.O, func(i, height, j, cols int) {
			kernel.OuterRows(dw[i*c.O+j:], c.O, height, cols, x[lo*c.C+first+i:], c.C, count, dy[lo*c.O+j:], c.O, true)
		})
	}
}
