package tensor

import "breakeven/tensor/internal/kernel"

// A convolution with a window of one pixel and stride 1 is a matrix product: the
// pixels of all images are the rows of a matrix, and no tables are needed.

// denseBlock is the number of rows that are computed before their epilogue.
const denseBlock = 240

// dense reports whether the convolution is one matrix product.
func (s ConvShape) dense() bool { return s.K == 1 && s.Stride == 1 && s.Pad == 0 }

// denseProduct computes y = Σ x·w over the terms for rows of depth numbers.
func denseProduct(y []float32, rows, depth int, terms []Term, e Epilogue) {
	n := terms[0].W.N
	for lo := 0; lo < rows; lo += denseBlock {
		count := min(denseBlock, rows-lo)
		dst := y[lo*n : (lo+count)*n]
		for k, t := range terms {
			t.W.Multiply(dst, n, count, t.X[lo*depth:], depth, e.Acc || k > 0)
		}
		finish(dst, n, e, lo*n)
	}
}

// finish applies the epilogue to rows of n sums, at offset at of the result.
func finish(dst []float32, n int, e Epilogue, at int) {
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

// denseWeights adds xᵀ·dy for the given rows to dw[i, o], for n input channels
// beginning with first.
func (c *Conv) denseWeights(dw, x, dy []float32, rows, first, n int) {
	Outer(dw, n, c.O, x[first:], c.C, dy, c.O, rows)
}

// Outer adds aᵀ·b to the m×n matrix c, for rows of a and of b that are lda and ldb
// numbers apart. A sum is one chain of additions from the first row to the last.
func Outer(c []float32, m, n int, a []float32, lda int, b []float32, ldb, rows int) {
	for lo := 0; lo < rows; lo += tapBlock {
		count := min(tapBlock, rows-lo)
		eachTile(m, n, func(i, height, j, cols int) {
			kernel.OuterRows(c[i*n+j:], n, height, cols, a[lo*lda+i:], lda, count, b[lo*ldb+j:], ldb, true)
		})
	}
}
