package tensor

import (
	"fmt"

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

// A Conv computes one ConvShape, one example at a time, without copying the
// image: tables say where each window row begins, and the product kernel
// gathers from there.
type Conv struct {
	ConvShape
	taps    int
	forward []int32 // tile, tap, row → offset in the input image, or -1 for padding
	data    []int32 // tile, tap, row → offset in the output gradient
	weight  []int32 // tap, output pixel → offset in the input image
}

// NewConv makes the tables of a convolution.
func NewConv(s ConvShape) *Conv {
	if s.Stride < 1 || s.Pad < 0 || s.K < 1 || s.OH() < 1 || s.OW() < 1 {
		panic(fmt.Sprintf("tensor: window %d (stride %d, padding %d) does not fit a %d×%d image", s.K, s.Stride, s.Pad, s.H, s.W))
	}
	c := &Conv{ConvShape: s, taps: s.K * s.K}
	oh, ow := s.OH(), s.OW()
	input := func(pixel, tap int) int32 {
		y := pixel/ow*s.Stride + tap/s.K - s.Pad
		x := pixel%ow*s.Stride + tap%s.K - s.Pad
		if y < 0 || y >= s.H || x < 0 || x >= s.W {
			return -1
		}
		return int32((y*s.W + x) * s.C)
	}
	output := func(pixel, tap int) int32 {
		y := pixel/s.W + s.Pad - tap/s.K
		x := pixel%s.W + s.Pad - tap%s.K
		if y < 0 || x < 0 || y%s.Stride != 0 || x%s.Stride != 0 || y/s.Stride >= oh || x/s.Stride >= ow {
			return -1
		}
		return int32((y/s.Stride*ow + x/s.Stride) * s.O)
	}
	c.forward = tiles(oh*ow, c.taps, input)
	c.data = tiles(s.H*s.W, c.taps, output)
	c.weight = make([]int32, c.taps*oh*ow)
	for t := range c.taps {
		for p := range oh * ow {
			c.weight[t*oh*ow+p] = input(p, t)
		}
	}
	return c
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
	return 4 * int64(len(c.forward)+len(c.data)+len(c.weight))
}

// Taps returns the number of window positions, K².
func (c *Conv) Taps() int { return c.taps }

// ForwardPanels returns room for the weights as [Conv.Forward] reads them.
func (c *Conv) ForwardPanels() *Panels { return NewPanels(c.taps*c.C, c.O) }

// DataPanels returns room for the weights as [Conv.Data] reads them.
func (c *Conv) DataPanels() *Panels { return NewPanels(c.taps*c.O, c.C) }

// PackForward fills one panel of dst from weights in PyTorch's layout
// [O, C, K, K].
func (c *Conv) PackForward(dst *Panels, panel int, w []float32) {
	j, cols := dst.Column(panel)
	width := dst.width[panel]
	out := dst.data[dst.start[panel]:]
	for o := range cols {
		for i := range c.C {
			src := w[((j+o)*c.C+i)*c.taps:][:c.taps]
			for t, v := range src {
				out[(t*c.C+i)*width+o] = v
			}
		}
	}
}

// PackData fills one panel of dst from weights in PyTorch's layout.
func (c *Conv) PackData(dst *Panels, panel int, w []float32) {
	j, cols := dst.Column(panel)
	width := dst.width[panel]
	out := dst.data[dst.start[panel]:]
	for o := range c.O {
		for i := range cols {
			src := w[(o*c.C+j+i)*c.taps:][:c.taps]
			for t, v := range src {
				out[(t*c.O+o)*width+i] = v
			}
		}
	}
}

// Forward computes y = x ⋆ w for one image; with acc it adds to y.
func (c *Conv) Forward(y, x []float32, w *Panels, acc bool) {
	c.gather(y, x, c.forward, c.OH()*c.OW(), c.C, w, acc)
}

// Data computes dx, the adjoint of [Conv.Forward] in x applied to dy; with acc it
// adds to dx.
func (c *Conv) Data(dx, dy []float32, w *Panels, acc bool) {
	c.gather(dx, dy, c.data, c.H*c.W, c.O, w, acc)
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

// weightBlock is the number of pixels whose gradients stay in the first cache
// level while all taps pass over them.
const weightBlock = 256

// Weight adds to dw, laid out tap, input channel, output channel, the adjoint of
// [Conv.Forward] in w applied to dy: dw[t,i,o] += Σ_p x[p+t, i]·dy[p, o].
func (c *Conv) Weight(dw, x, dy []float32) {
	pixels := c.OH() * c.OW()
	for p := 0; p < pixels; p += weightBlock {
		n := min(weightBlock, pixels-p)
		for t := range c.taps {
			c.weightTap(dw[t*c.C*c.O:(t+1)*c.C*c.O], x, dy[p*c.O:], c.weight[t*pixels+p:t*pixels+p+n])
		}
	}
}

// WeightTap adds to dw (input channel, output channel) the part of
// [Conv.Weight] that belongs to one tap.
func (c *Conv) WeightTap(dw, x, dy []float32, tap int) {
	pixels := c.OH() * c.OW()
	c.weightTap(dw, x, dy, c.weight[tap*pixels:(tap+1)*pixels])
}

func (c *Conv) weightTap(dw, x, dy []float32, off []int32) {
	mr, nr := kernel.MR(), kernel.NR()
	tiles := (c.C + mr - 1) / mr
	for o := 0; o < c.O; o += nr {
		cols := min(nr, c.O-o)
		for k := range tiles { // as even as possible
			i, end := c.C*k/tiles, c.C*(k+1)/tiles
			kernel.Outer(dw[i*c.O+o:], c.O, end-i, cols, x[i:], off, dy[o:], c.O, true)
		}
	}
}
