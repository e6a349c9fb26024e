package tensor

import (
	"fmt"

	"breakeven/tensor/internal/kernel"
)

// partSize is the most numbers of a part of the weights, where one input channel
// has no more.
const partSize = 1 << 15

// A convPart is a range of input channels.
type convPart struct{ lo, hi int }

// channelParts cuts the input channels evenly.
func (c *Conv) channelParts() []convPart {
	channel := c.taps * c.O
	count := min(c.C, (c.C*channel+partSize-1)/partSize)
	parts := make([]convPart, count)
	for k := range parts {
		parts[k] = convPart{c.C * k / count, c.C * (k + 1) / count}
	}
	return parts
}

// Parts returns how many parts [Conv.WeightPart] knows.
func (c *Conv) Parts() int { return len(c.parts) }

// Part returns the input channels lo … hi-1 of part k.
func (c *Conv) Part(k int) (lo, hi int) { return c.parts[k].lo, c.parts[k].hi }

// WeightPart adds to dw the gradient of the weights of one image at the input
// channels of part k, laid out tap, channel, filter.
func (c *Conv) WeightPart(dw, x, dy []float32, k int, scratch []float32) {
	p := &c.parts[k]
	n := p.hi - p.lo
	if len(dw) != c.taps*n*c.O || len(x) != c.sizeX || len(dy) != c.sizeY {
		panic(fmt.Sprintf("tensor: part %d of convolution %+v: %d, %d and %d numbers", k, c.ConvShape, len(dw), len(x), len(dy)))
	}
	if c.fast == nil {
		c.weights(dw, c.padded.image(x, 0, scratch), dy, p.lo, n)
		return
	}
	sums, rest := scratch[:16*n*c.O], scratch[16*n*c.O:]
	c.fastWeight.weight(sums, x, dy, 1, p.lo, n, false, rest)
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
	most := 0
	for _, p := range c.parts {
		most = max(most, p.hi-p.lo)
	}
	return 16*most*c.O + c.fastWeight.scratch()
}
