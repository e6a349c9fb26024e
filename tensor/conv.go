package tensor

import (
	"fmt"
	"math"
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

// A Conv computes one ConvShape for any number of consecutive images. It copies no
// windows: tables hold where the pixels of each window lie, and the product kernel
// gathers them from there. The pixels in a row of a window are contiguous, and are
// read as one if the image needs no padding or has so few channels that a padded
// copy is cheap. Windows of 3×3 with stride 1 and enough channels use Winograd's
// algorithm instead, with 4/9 of the products and about the same rounding errors.
type Conv struct {
	ConvShape
	taps         int
	sizeX, sizeY int // numbers in an image

	padded                     padded
	run                        int       // taps side by side that are taken at once: K or 1
	windows                    [][]int32 // run, output pixel → offset in the padded image, or -1
	forward, data              *direct
	fast, fastData, fastWeight *winograd // nil: direct
}

// An Epilogue is what a convolution does with its sums before it writes them, in
// this order. The zero Epilogue writes the sums as they are.
type Epilogue struct {
	Bias []float32 // added to each pixel; may be nil
	Acc  bool      // add what the destination holds
	ReLU bool      // set negative values to zero
	Mask []float32 // laid out as the destination: zero where this is not positive; may be nil
}

// A Term is one product of a sum: images times packed weights.
type Term struct {
	X []float32
	W *Panels
}

// winogradDepth is the number of channels from which on Winograd's algorithm is
// faster.
const winogradDepth = 8

// fast reports whether Winograd's algorithm is used.
func (s ConvShape) fast() bool {
	return s.K == 3 && s.Stride == 1 && s.Pad <= 2 && min(s.C, s.O) >= winogradDepth
}

// NewConv makes the tables of a convolution.
func NewConv(s ConvShape) *Conv {
	c := PlanConv(s)
	c.Build()
	return c
}

// PlanConv returns a convolution without its tables. It knows its sizes, but can
// compute nothing before [Conv.Build].
func PlanConv(s ConvShape) *Conv {
	if s.Stride < 1 || s.Pad < 0 || s.K < 1 || s.OH() < 1 || s.OW() < 1 {
		panic(fmt.Sprintf("tensor: window %d (stride %d, padding %d) does not fit a %d×%d image", s.K, s.Stride, s.Pad, s.H, s.W))
	}
	oh, ow := s.OH(), s.OW()
	if largest := max((s.H+2*s.Pad)*(s.W+2*s.Pad)*s.C, oh*ow*s.O); largest > math.MaxInt32 {
		panic(fmt.Sprintf("tensor: convolution of images of %d numbers: the tables' offsets have 32 bits", largest))
	}
	c := &Conv{ConvShape: s, taps: s.K * s.K, sizeX: s.H * s.W * s.C, sizeY: oh * ow * s.O}
	if s.fast() {
		c.fast, c.fastData = newWinograd(s.H, s.W, s.C, s.O, s.Pad), newWinograd(oh, ow, s.O, s.C, 2-s.Pad)
		c.fastWeight = c.fast.blocked(weightBlock)
	} else {
		c.planDirect()
	}
	return c
}

// Build makes the tables.
func (c *Conv) Build() {
	if c.fast != nil {
		c.fast.build()
		c.fastData.build()
		c.fastWeight = c.fast.blocked(weightBlock)
	} else {
		c.buildDirect()
	}
}

// planDirect chooses how direct sums traverse the image.
func (c *Conv) planDirect() {
	c.run, c.padded = 1, padded{height: c.H, row: c.W * c.C}
	if c.Pad == 0 || c.C < winogradDepth {
		c.run, c.padded.above, c.padded.side = c.K, c.Pad, c.Pad*c.C
	}
}

// buildDirect makes what the direct sums need.
func (c *Conv) buildDirect() {
	if c.dense() { // only its order is read, to pack weights
		c.forward, c.data = &direct{order: numbers(1)}, &direct{order: numbers(1)}
		return
	}
	c.windows, c.forward, c.data = c.windowTables(), c.forwardTables(false), c.dataTables(false)
}

// input returns the offset in the padded image of the pixels that a run of taps
// reads for an output pixel, or -1.
func (c *Conv) input(pixel, run int) int32 {
	pad := c.Pad - c.padded.above
	tap := run * c.run
	y := pixel/c.OW()*c.Stride + tap/c.K - pad
	x := pixel%c.OW()*c.Stride + tap%c.K - pad
	if y < 0 || y >= c.H+2*c.padded.above || x < 0 || x >= c.W+2*c.padded.above {
		return -1
	}
	return int32((y*(c.W+2*c.padded.above) + x) * c.C)
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

// Bytes returns the memory that the tables hold.
func (c *Conv) Bytes() int64 {
	if c.fast != nil {
		return c.fast.bytes() + c.fastData.bytes()
	}
	if c.dense() {
		return 0
	}
	return 4*int64(c.taps/c.run*c.OH()*c.OW()) + c.forwardTables(true).bytes() + c.dataTables(true).bytes()
}

// Scratch returns the numbers that each worker needs for Forward, Data, Weight
// and WeightPart.
func (c *Conv) Scratch() int {
	if c.fast == nil {
		return c.padded.size()
	}
	return max(c.fast.scratch(), c.fastData.scratch(), c.partScratch())
}

// Taps returns the number of window positions, K².
func (c *Conv) Taps() int { return c.taps }

// ForwardPanels returns room for the weights as [Conv.Forward] reads them.
func (c *Conv) ForwardPanels() *Panels { return NewPanels(c.matrices()*c.C, c.O) }

// DataPanels returns room for the weights as [Conv.Data] reads them.
func (c *Conv) DataPanels() *Panels { return NewPanels(c.matrices()*c.O, c.C) }

// PanelsBytes returns the memory that ForwardPanels and DataPanels take.
func (c *Conv) PanelsBytes() (forward, data int64) {
	return PanelsBytes(c.matrices()*c.C, c.O), PanelsBytes(c.matrices()*c.O, c.C)
}

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
	c.pack(dst, panel, c.C, func(i, o int) []float32 { return w[(o*c.C+i)*c.taps:][:c.taps] }, c.forward, false)
}

// PackData fills one panel of dst from weights in PyTorch's layout.
func (c *Conv) PackData(dst *Panels, panel int, w []float32) {
	c.pack(dst, panel, c.O, func(o, i int) []float32 { return w[(o*c.C+i)*c.taps:][:c.taps] }, c.data, true)
}

// pack fills one panel from the filters between depth input channels and those of
// the panel's columns, in the order of d or, if that is nil, transformed; with turned
// they are rotated by 180° first.
func (c *Conv) pack(dst *Panels, panel, depth int, filter func(in, out int) []float32, d *direct, turned bool) {
	j, cols := dst.Column(panel)
	width := dst.width[panel]
	at := dst.data[dst.start[panel]:]
	for i := range depth {
		if d == nil {
			packFilters(at[i*width:], depth*width, func(o int) []float32 { return filter(i, j+o) }, cols, turned)
			continue
		}
		for o := range cols {
			f := filter(i, j+o)
			for k, t := range d.order {
				at[(k*depth+i)*width+o] = f[t]
			}
		}
	}
}

// Forward computes y = Σ x ⋆ w over the terms for n images, and applies the epilogue.
func (c *Conv) Forward(y []float32, n int, e Epilogue, scratch []float32, terms ...Term) {
	c.check(n, e, y, c.sizeY, c.sizeX, terms)
	switch {
	case c.fast != nil:
		c.fast.product(y, n, terms, e, scratch)
		return
	case c.dense():
		denseProduct(y, n*c.H*c.W, c.C, terms, e)
		return
	}
	c.forward.product(y, n, c.padded, terms, e, scratch)
}

// Data computes dx, the adjoint of [Conv.Forward] in x applied to the terms' X
// (which are dy) for n images, and applies the epilogue.
func (c *Conv) Data(dx []float32, n int, e Epilogue, scratch []float32, terms ...Term) {
	c.check(n, e, dx, c.sizeX, c.sizeY, terms)
	switch {
	case c.fast != nil:
		c.fastData.product(dx, n, terms, e, scratch)
		return
	case c.dense():
		denseProduct(dx, n*c.H*c.W, c.O, terms, e)
		return
	}
	c.data.product(dx, n, padded{height: 1, row: c.sizeY}, terms, e, scratch)
}

// check panics unless the operands have n images.
func (c *Conv) check(n int, e Epilogue, dst []float32, to, from int, terms []Term) {
	ok := len(dst) == n*to && (e.Mask == nil || len(e.Mask) == len(dst)) && (e.Bias == nil || len(e.Bias)*(to/len(e.Bias)) == to)
	for _, t := range terms {
		ok = ok && len(t.X) == n*from
	}
	if !ok {
		panic(fmt.Sprintf("tensor: %d images of convolution %+v: %d numbers to write, %d terms", n, c.ConvShape, len(dst), len(terms)))
	}
}
