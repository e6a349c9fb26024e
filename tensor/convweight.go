package tensor

import (
	"fmt"

	"breakeven/tensor/internal/kernel"
)

// tapBlock is the number of pixels whose gradients stay in the first cache
// level while all taps pass over them.
const tapBlock = 256

// WeightSize returns how many numbers [Conv.Weight] writes.
func (c *Conv) WeightSize() int { return c.matrices() * c.C * c.O }

// Weight computes the adjoint of [Conv.Forward] in w applied to dy, summed over n
// images, in an internal order that [Conv.FinishWeight] undoes; with acc it adds to
// dw.
func (c *Conv) Weight(dw, x, dy []float32, n int, acc bool, scratch []float32) {
	if len(dw) != c.WeightSize() || len(x) != n*c.sizeX || len(dy) != n*c.sizeY {
		panic(fmt.Sprintf("tensor: weights of %d images of convolution %+v: %d, %d and %d numbers", n, c.ConvShape, len(dw), len(x), len(dy)))
	}
	if c.fast != nil {
		c.fastWeight.weight(dw, x, dy, n, 0, c.C, acc, scratch)
		return
	}
	if !acc {
		clear(dw)
	}
	if c.dense() {
		c.denseWeights(dw, x, dy, n*c.H*c.W, 0, c.C)
		return
	}
	for i := range n {
		c.weights(dw, c.padded.image(x, i, scratch), dy[i*c.sizeY:(i+1)*c.sizeY], 0, c.C)
	}
}

// weights adds the direct sums of one padded image for n channels, beginning with
// first: dw[t,i,o] += Σ_p x[p+t, i]·dy[p, o]. If these are all channels, a run of
// taps is one product.
func (c *Conv) weights(dw, x, dy []float32, first, n int) {
	products, depth := c.run, n // of a run
	if n == c.C {
		products, depth = 1, c.run*c.C
	}
	pixels, size := c.OH()*c.OW(), depth*c.O
	for p := 0; p < pixels; p += tapBlock {
		end := min(p+tapBlock, pixels)
		for r, off := range c.windows {
			for k := range products {
				at := (r*products + k) * size
				outer(dw[at:at+size], depth, c.O, x[first+k*c.C:], off[p:end], dy[p*c.O:])
			}
		}
	}
}

// outer adds Σ_p a[off[p]:]ᵀ·b[p·n:] to the m×n matrix c.
func outer(c []float32, m, n int, a []float32, off []int32, b []float32) {
	eachTile(m, n, func(i, rows, j, cols int) {
		kernel.Outer(c[i*n+j:], n, rows, cols, a[i:], off, b[j:], n, true)
	})
}

// eachTile calls f for the tiles of an m×n matrix, with heights as equal as possible.
func eachTile(m, n int, f func(i, rows, j, cols int)) {
	mr, nr := kernel.MR(), kernel.NR()
	tiles := (m + mr - 1) / mr
	for j := 0; j < n; j += nr {
		for k := range tiles {
			i := m * k / tiles
			f(i, m*(k+1)/tiles-i, j, min(nr, n-j))
		}
	}
}

// FinishWeight sums the results of shards calls of [Conv.Weight], which follow each
// other in partial, in order, and writes those of input channel i in PyTorch's layout
// [O, C, K, K]; with acc it adds to dw. It overwrites partial.
func (c *Conv) FinishWeight(dw, partial []float32, shards, i int, acc bool) {
	for k := range c.matrices() {
		at := (k*c.C + i) * c.O
		sum := partial[at : at+c.O]
		for s := 1; s < shards; s++ {
			kernel.Add(sum, partial[s*c.WeightSize()+at:][:c.O])
		}
	}
	if c.fast == nil {
		c.writeFilters(dw, i, 0, c.O, partial[i*c.O:], c.C*c.O, acc)
		return
	}
	for o := 0; o < c.O; o += filters {
		var g [9 * filters]float32
		n := min(filters, c.O-o)
		kernel.WinogradGradient(g[:], filters, partial[i*c.O+o:], c.C*c.O, n)
		c.writeFilters(dw, i, o, n, g[:], filters, acc)
	}
}

// writeFilters writes the gradients g[t·gap+k] of n filters, o+k of channel i.
func (c *Conv) writeFilters(dw []float32, i, o, n int, g []float32, gap int, acc bool) {
	for k := range n {
		dst := dw[((o+k)*c.C+i)*c.taps:][:c.taps]
		for t := range dst {
			v := g[t*gap+k]
			if acc {
				v += dst[t]
			}
			dst[t] = v
		}
	}
}
