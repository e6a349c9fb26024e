package tensor

import "breakeven/tensor/internal/kernel"

// A direct computes a convolution or its adjoint by tables, without copying the
// images: the product kernel gathers the rows of its tiles from where windows
// begin.
type direct struct {
	pixels, depth, channels int   // of an image: results, channels in and out
	step                    int   // pixels between the rows of a tile
	order                   []int // taps, as the packed weights hold them
	tiles                   []convTile
}

// A convTile is a number of pixels, step apart, that read the same taps: those
// from tap on, in the order of the packed weights.
type convTile struct {
	pixel, rows, tap, taps int
	off                    []int32 // tap, row → offset in the image, or -1 for padding
}

// add appends the tiles of count pixels, beginning with pixel first, that read
// the given taps, of which the packed weights hold the first at place tap.
func (d *direct) add(count, first int, taps []int, tap int, offset func(pixel, tap int) int32) {
	mr := kernel.MR()
	for lo := 0; lo < count; lo += mr {
		t := convTile{pixel: first + lo*d.step, rows: min(mr, count-lo), tap: tap, taps: len(taps)}
		for _, k := range taps {
			for r := range mr {
				o := int32(-1)
				if r < t.rows {
					o = offset(t.pixel+r*d.step, k)
				}
				t.off = append(t.off, o)
			}
		}
		d.tiles = append(d.tiles, t)
	}
}

// forwardTables makes the tables of Forward.
func (c *Conv) forwardTables() *direct {
	d := &direct{pixels: c.OH() * c.OW(), depth: c.C, channels: c.O, step: 1, order: numbers(c.taps)}
	d.add(d.pixels, 0, d.order, 0, c.input)
	return d
}

// dataTables makes the tables of Data. Only those taps that lie on its phase of
// the stride read an input pixel, so the taps are grouped by phase, and so are
// the pixels of a row.
func (c *Conv) dataTables() *direct {
	d := &direct{pixels: c.H * c.W, depth: c.O, channels: c.C, step: c.Stride}
	if c.Stride == 1 {
		d.order = numbers(c.taps)
		d.add(d.pixels, 0, d.order, 0, c.output)
		return d
	}
	s := c.Stride
	for phase := range s * s {
		var taps []int
		for t := range c.taps {
			if t/c.K%s == phase/s && t%c.K%s == phase%s {
				taps = append(taps, t)
			}
		}
		for y := range c.H {
			x := ((phase-c.Pad)%s + s) % s // phase of x + Pad
			if (y+c.Pad)%s == phase/s && x < c.W {
				d.add((c.W-x+s-1)/s, y*c.W+x, taps, len(d.order), c.output)
			}
		}
		d.order = append(d.order, taps...)
	}
	return d
}

// numbers returns 0 … n-1.
func numbers(n int) []int {
	x := make([]int, n)
	for i := range x {
		x[i] = i
	}
	return x
}

func (d *direct) bytes() int64 {
	n := int64(0)
	for _, t := range d.tiles {
		n += 4*int64(len(t.off)) + 56
	}
	return n
}

// product computes y = Σ x ⋆ w over the terms for n images of from numbers.
func (d *direct) product(y []float32, n, from int, terms []Term, end End) {
	size := d.pixels * d.channels
	for i := range n {
		dst := y[i*size : (i+1)*size]
		for k, t := range terms {
			d.image(dst, t.X[i*from:(i+1)*from], t.W, end.Acc || k > 0)
		}
		if end.Bias != nil {
			kernel.AddRow(dst, d.pixels, d.channels, end.Bias)
		}
		if end.ReLU {
			kernel.ReLU(dst, dst)
		}
		if end.Mask != nil {
			kernel.Mask(dst, end.Mask[i*size:(i+1)*size], dst)
		}
	}
}

// image computes one product for one image; with acc it adds to dst.
func (d *direct) image(dst, src []float32, w *Panels, acc bool) {
	for panel := range w.Count() {
		j, cols := w.Column(panel)
		width := w.width[panel]
		b := w.data[w.start[panel] : w.start[panel]+w.K*width]
		for i := range d.tiles {
			t := &d.tiles[i]
			kernel.Gather(dst[t.pixel*w.N+j:], d.step*w.N, t.rows, cols, src, t.off, t.taps, d.depth, b[t.tap*d.depth*width:], width, acc)
		}
	}
}
