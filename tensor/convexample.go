package tensor

import (
	"fmt"

	"breakeven/tensor/internal/kernel"
)

// partSize is the most numbers that a part of the weights has, unless one input
// channel alone has more.
const partSize = 1 << 15

// Parts returns how many parts [Conv.WeightPart] has.
func (c *Conv) Parts() int { return min(c.C, (c.C*c.taps*c.O+partSize-1)/partSize) }

// Part returns the input channels lo … hi-1 of part k. Parts are of nearly equal size.
func (c *Conv) Part(k int) (lo, hi int) {
	count := c.Parts()
	return c.C * k / count, c.C * (k + 1) / count
}

// WeightPart adds to dw the gradient of the weights of one image at the input
// channels of part k, laid out tap, channel, filter.
func (c *Conv) WeightPart(dw, x, dy []float32, k int, scratch []float32) {
	lo, hi := c.Part(k)
	n := hi - lo
	if len(dw) != c.taps*n*c.O || len(x) != c.sizeX || len(dy) != c.sizeY {
		panic(fmt.Sprintf("tensor: part %d of convolution %+v: %d, %d and %d numbers", k, c.ConvShape, len(dw), len(x), len(dy)))
	}
	if c.dense() {
		c.denseWeights(dw, x, dy, c.H*c.W, lo, n)
		return
	}
	if c.fast == nil {
		c.weights(dw, c.padded.image(x, 0, scratch), dy, lo, n)
		return
	}
	sums, rest := scratch[:16*n*c.O], scratch[16*n*c.O:]
	c.fastWeight.weight(sums, x, dy, 1, lo, n, false, rest)
	for i := range n {
		for o := 0; o < c.O; o += filters {
			var g [9 * filters]float32
			count := min(filters, c.O-o)
			at := i*c.O + o
			kernel.WinogradGradient(g[:], filters, sums[at:], n*c.O, count)
			for t := range c.taps {
				kernel.Add(dw[t*n*c.O+at:][:count], g[t*filters:][:count])
			}
		}
	}
}

// partScratch returns the numbers that WeightPart needs.
func (c *Conv) partScratch() int {
	most := (c.C + c.Parts() - 1) / c.Parts()
	return 16*most*c.O + c.fastWeight.scratch()
}
