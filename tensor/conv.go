package tensor

import (
	"fmt"
	"slices"

	"breakeven/tensor/internal/kernel"
)

// ConvShape describes a two-dimensional cross-correlation of one channels-last
// image: H×W×C → OH×OW×O with a K×K window, zero padding Pad on all sides.
type ConvShape struct {
	H, W, C, O     int
	K, Stride, Pad int
}

// OH returns the height of the output, 0 if the window is higher than the image.
func (s ConvShape) OH() int { return places(s.H+2*s.Pad, s.K, s.Stride) }

// OW returns the width of the output, 0 if the window is wider than the image.
func (s ConvShape) OW() int { return places(s.W+2*s.Pad, s.K, s.Stride) }

// places counts the places of a window in a row of n pixels.
func places(n, window, stride int) int {
	if n < window {
		return 0
	}
	return (n-window)/stride + 1
}

// A Conv computes one ConvShape, for any number of images that follow each
// other, without copying them: tables say where each window row begins, and the
// product kernel gathers from there. Windows of 3×3 with stride 1 and enough
// channels go by Winograd's algorithm instead, at 4/9 of the products; its
// results differ from the direct sums by rounding only (a few units in the last
// place of the largest term).
type Conv struct {
	ConvShape
	taps         int
	sizeX, sizeY int     // numbers in an image
	forward      []int32 // tile, tap, row → offset in the input image, or -1 for padding
	data         []int32 // tile, tap, row → offset in the output gradient
	weight       []int32 // tap, output pixel → offset in the input image

	fast, fastData, fastWeight *winograd // nil: direct
}

// An End says what to do with the sums before they are written: add a Bias to
// each pixel, add what is there already (Acc), set what is negative to zero
// (ReLU), and set to zero where a Mask is not positive, in this order. The zero
// End writes the sums.
type End = kernel.End

// A Term is one product of a sum: images times packed weights.
type Term struct {
	X []float32
	W *Panels
}

// winogradDepth is the number of channels from which Winograd's algorithm is
// faster.
const winogradDepth = 8

// NewConv makes the tables of a convolution.
func NewConv(s ConvShape) *Conv {
	if s.Stride < 1 || s.Pad < 0 || s.K < 1 || s.OH() < 1 || s.OW() < 1 {
		panic(fmt.Sprintf("tensor: window %d (stride %d, padding %d) does not fit a %d×%d image", s.K, s.Stride, s.Pad, s.H, s.W))
	}
	oh, ow := s.OH(), s.OW()
	c := &Conv{ConvShape: s, taps: s.K * s.K, sizeX: s.H * s.W * s.C, sizeY: oh * ow * s.O}
	c.weight = make([]int32, 0, c.taps*oh*ow)
	for t := range c.taps {
		for p := range oh * ow {
			c.weight = append(c.weight, c.input(p, t))
		}
	}
	if s.K == 3 && s.Stride == 1 && s.Pad <= 2 && min(s.C, s.O) >= winogradDepth {
		c.fast, c.fastData = newWinograd(s.H, s.W, s.C, s.O, s.Pad), newWinograd(oh, ow, s.O, s.C, 2-s.Pad)
		c.fastWeight = c.fast.blocked(weightBlock)
		return c
	}
	c.forward, c.data = tiles(oh*ow, c.taps, c.input), tiles(s.H*s.W, c.taps, c.output)
	return c
}

// input returns the offset of the input pixel that a tap of the window reads for
// an output pixel, or -1.
func (c *Conv) input(pixel, tap int) int32 {
	y := pixel/c.OW()*c.Stride + tap/c.K - c.Pad
	x := pixel%c.OW()*c.Stride + tap%c.K - c.Pad
	if y < 0 || y >= c.H || x < 0 || x >= c.W {
		return -1
	}
	return int32((y*c.W + x) * c.C)
}

// output returns the offset of the output pixel whose window has an input pixel
// at a tap, or -1.
func (c *Conv) output(pixel, tap int) int32 {
	y, x := pixel/c.W+c.Pad-tap/c.K, pixel%c.W+c.Pad-tap%c.K
	if y < 0 || x < 0 || y%c.Stride != 0 || x%c.Stride != 0 || y/c.Stride >= c.OH() || x/c.Stride >= c.OW() {
		return -1
	}
	return int32((y/c.Stride*c.OW() + x/c.Stride) * c.O)
}

// tiles lays out a table for the gather kernel: for each tile of MR pixels, for
// each tap, the offset of each pixel of the tile.
func tiles(pixels, taps int, offset func(pixel, tap int) int32) []int32 {
	mr := kernel.MR()
	var table []int32
	for p := 0; p < pixels; p += mr {
		for t := range taps {
			for r := range mr {
				o := int32(-1)
				if p+r < pixels {
					o = offset(p+r, t)
				}
				table = append(table, o)
			}
		}
	}
	return table
}

// Bytes returns the memory that the tables hold.
func (c *Conv) Bytes() int64 {
	n := 4 * int64(len(c.forward)+len(c.data)+len(c.weight))
	if c.fast != nil {
		n += c.fast.bytes() + c.fastData.bytes()
	}
	return n
}

// Scratch returns the numbers that each worker needs for Forward, Data and
// Weight.
func (c *Conv) Scratch() int {
	if c.fast == nil {
		return 0
	}
	return max(c.fast.scratch(), c.fastData.scratch(), c.fastWeight.scratch())
}

// Taps returns the number of window positions, K².
func (c *Conv) Taps() int { return c.taps }

// ForwardPanels returns room for the weights as [Conv.Forward] reads them.
func (c *Conv) ForwardPanels() *Panels { return NewPanels(c.matrices()*c.C, c.O) }

// DataPanels returns room for the weights as [Conv.Data] reads them.
func (c *Conv) DataPanels() *Panels { return NewPanels(c.matrices()*c.O, c.C) }

// matrices returns the number of matrices C×O that the weights become.
func (c *Conv) matrices() int {
	if c.fast != nil {
		return 16
	}
	return c.taps
}

// PackForward fills one panel of dst from weights in PyTorch's layout
// [O, C, K, K].
func (c *Conv) PackForward(dst *Panels, panel int, w []float32) {
	c.pack(dst, panel, c.C, func(i, o int) []float32 { return w[(o*c.C+i)*c.taps:][:c.taps] }, false)
}

// PackData fills one panel of dst from weights in PyTorch's layout.
func (c *Conv) PackData(dst *Panels, panel int, w []float32) {
	c.pack(dst, panel, c.O, func(o, i int) []float32 { return w[(o*c.C+i)*c.taps:][:c.taps] }, true)
}

// pack fills one panel from the filters between depth channels in and those of
// the panel's columns; data says that they are for Data, which turns them round
// where they are transformed.
func (c *Conv) pack(dst *Panels, panel, depth int, filter func(in, out int) []float32, data bool) {
	j, cols := dst.Column(panel)
	width := dst.width[panel]
	at := dst.data[dst.start[panel]:]
	for i := range depth {
		for o := range cols {
			f := filter(i, j+o)
			if c.fast == nil {
				for t, v := range f {
					at[(t*depth+i)*width+o] = v
				}
				continue
			}
			g := [9]float32(f)
			if data {
				slices.Reverse(g[:])
			}
			packFilter(at[i*width+o:], depth*width, &g)
		}
	}
}

// Forward computes y = Σ x ⋆ w over the terms for n images, and ends as end says.
func (c *Conv) Forward(y []float32, n int, end End, scratch []float32, terms ...Term) {
	c.check(n, end, y, c.sizeY, c.sizeX, terms)
	if c.fast != nil {
		c.fast.product(y, n, terms, end, scratch)
		return
	}
	c.direct(y, n, c.sizeY, c.forward, c.OH()*c.OW(), c.sizeX, c.C, end, terms)
}

// Data computes dx, the adjoint of [Conv.Forward] in x applied to the terms' X
// (which are dy) for n images, and ends as end says.
func (c *Conv) Data(dx []float32, n int, end End, scratch []float32, terms ...Term) {
	c.check(n, end, dx, c.sizeX, c.sizeY, terms)
	if c.fast != nil {
		c.fastData.product(dx, n, terms, end, scratch)
		return
	}
	c.direct(dx, n, c.sizeX, c.data, c.H*c.W, c.sizeY, c.O, end, terms)
}

// check panics unless the operands have n images.
func (c *Conv) check(n int, end End, dst []float32, to, from int, terms []Term) {
	ok := len(dst) == n*to && (end.Mask == nil || len(end.Mask) == len(dst)) && (end.Bias == nil || len(end.Bias)*(to/len(end.Bias)) == to)
	for _, t := range terms {
		ok = ok && len(t.X) == n*from
	}
	if !ok {
		panic(fmt.Sprintf("tensor: %d images of convolution %+v: %d numbers to write, %d terms", n, c.ConvShape, len(dst), len(terms)))
	}
}

// direct computes a sum of products by the tables.
func (c *Conv) direct(dst []float32, n, to int, table []int32, pixels, from, depth int, end End, terms []Term) {
	channels := to / pixels
	for i := range n {
		y := dst[i*to : (i+1)*to]
		for k, t := range terms {
			c.gather(y, t.X[i*from:(i+1)*from], table, pixels, depth, t.W, end.Acc || k > 0)
		}
		if end.Bias != nil {
			kernel.AddRow(y, pixels, channels, end.Bias)
		}
		if end.ReLU {
			kernel.ReLU(y, y)
		}
		if end.Mask != nil {
			kernel.Mask(y, end.Mask[i*to:(i+1)*to], y)
		}
	}
}

func (c *Conv) gather(dst, src []float32, table []int32, pixels, depth int, w *Panels, acc bool) {
	mr := kernel.MR()
	for panel := range w.Count() {
		j, cols := w.Column(panel)
		width := w.width[panel]
		b := w.data[w.start[panel] : w.start[panel]+w.K*width]
		for p := 0; p < pixels; p += mr {
			kernel.Gather(dst[p*w.N+j:], w.N, min(mr, pixels-p), cols, src, table[p*c.taps:], c.taps, depth, b, width, acc)
		}
	}
}

// tapBlock is the number of pixels whose gradients stay in the first cache
// level while all taps pass over them.
const tapBlock = 256

// WeightSize returns how many numbers [Conv.Weight] makes.
func (c *Conv) WeightSize() int { return c.matrices() * c.C * c.O }

// Weight computes the adjoint of [Conv.Forward] in w applied to dy, summed over n
// images, in an order of its own which [Conv.FinishWeight] undoes; with acc it
// adds to dw.
func (c *Conv) Weight(dw, x, dy []float32, n int, acc bool, scratch []float32) {
	if len(dw) != c.WeightSize() || len(x) != n*c.sizeX || len(dy) != n*c.sizeY {
		panic(fmt.Sprintf("tensor: weights of %d images of convolution %+v: %d, %d and %d numbers", n, c.ConvShape, len(dw), len(x), len(dy)))
	}
	if c.fast != nil {
		c.fastWeight.weight(dw, x, dy, n, acc, scratch)
		return
	}
	if !acc {
		clear(dw)
	}
	for i := range n {
		c.weights(dw, x[i*c.sizeX:(i+1)*c.sizeX], dy[i*c.sizeY:(i+1)*c.sizeY])
	}
}

// weights adds the direct sums of one image: dw[t,i,o] += Σ_p x[p+t, i]·dy[p, o].
func (c *Conv) weights(dw, x, dy []float32) {
	pixels := c.OH() * c.OW()
	for p := 0; p < pixels; p += tapBlock {
		n := min(tapBlock, pixels-p)
		for t := range c.taps {
			outer(dw[t*c.C*c.O:(t+1)*c.C*c.O], c.C, c.O, x, c.weight[t*pixels+p:t*pixels+p+n], dy[p*c.O:], true)
		}
	}
}

// WeightTap adds to dw (input channel, output channel) the gradient of the
// weights at one tap for one image.
func (c *Conv) WeightTap(dw, x, dy []float32, tap int) {
	pixels := c.OH() * c.OW()
	outer(dw, c.C, c.O, x, c.weight[tap*pixels:(tap+1)*pixels], dy, true)
}

// outer computes the m×n matrix c = Σ_p a[off[p]:]ᵀ·b[p·n:]; with acc it adds to
// c.
func outer(c []float32, m, n int, a []float32, off []int32, b []float32, acc bool) {
	mr, nr := kernel.MR(), kernel.NR()
	tiles := (m + mr - 1) / mr
	for j := 0; j < n; j += nr {
		for k := range tiles { // as even as possible
			i, end := m*k/tiles, m*(k+1)/tiles
			kernel.Outer(c[i*n+j:], n, end-i, min(nr, n-j), a[i:], off, b[j:], n, acc)
		}
	}
}

// FinishWeight sums the results of shards calls of [Conv.Weight], which follow
// each other in partial, in order, and writes those of input channel i in
// PyTorch's layout [O, C, K, K]; with acc it adds to dw. It spoils partial.
func (c *Conv) FinishWeight(dw, partial []float32, shards, i int, acc bool) {
	for k := range c.matrices() {
		at := (k*c.C + i) * c.O
		sum := partial[at : at+c.O]
		for s := 1; s < shards; s++ {
			kernel.Add(sum, partial[s*c.WeightSize()+at:][:c.O])
		}
	}
	for o := range c.O {
		dst := dw[(o*c.C+i)*c.taps:][:c.taps]
		c.finishFilter(dst, partial[i*c.O+o:], acc)
	}
}

// finishFilter writes one filter from the sums s[k·C·O].
func (c *Conv) finishFilter(dst, s []float32, acc bool) {
	step := c.C * c.O
	var g [9]float32
	if c.fast != nil {
		var all [16]float32
		for k := range all {
			all[k] = s[k*step]
		}
		filterGradient(&g, &all)
	}
	for t := range dst {
		v := g[t%9]
		if c.fast == nil {
			v = s[t*step]
		}
		if acc {
			v += dst[t]
		}
		dst[t] = v
	}
}
