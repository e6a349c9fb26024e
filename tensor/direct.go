package tensor

import "breakeven/tensor/internal/kernel"

// A direct computes a convolution or its adjoint by tables: the product kernel
// gathers the rows of its tiles from the image.
type direct struct {
	pixels, depth, channels int   // of an image: results, numbers in a tap or a run of them, channels out
	step                    int   // pixels between the rows of a tile
	order                   []int // taps, as the packed weights hold them
	tiles                   []convTile

	counting        bool // count the tables instead of making them
	count, countOff int  // tiles, and offsets in them
}

// A convTile is a number of pixels, step apart, that read the same taps: those that
// begin with tap, in the order of the packed weights.
type convTile struct {
	pixel, rows, tap, taps int
	off                    []int32 // tap, row → offset in the image, or -1 for padding
}

// add appends the tiles of count pixels, beginning with pixel first, that read the
// given taps, the first of which is number tap in the packed weights.
func (d *direct) add(count, first int, taps []int, tap int, offset func(pixel, tap int) int32) {
	mr := kernel.MR()
	n := (count + mr - 1) / mr
	d.count += n
	d.countOff += n * mr * len(taps)
	if d.counting {
		return
	}
	for lo := 0; lo < count; lo += mr {
		t := convTile{pixel: first + lo*d.step, rows: min(mr, count-lo), tap: tap, taps: len(taps), off: make([]int32, 0, mr*len(taps))}
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

// forwardTables makes, or counts, the tables of Forward.
func (c *Conv) forwardTables(count bool) *direct {
	d := &direct{counting: count, pixels: c.OH() * c.OW(), depth: c.run * c.C, channels: c.O, step: 1, order: numbers(c.taps)}
	d.add(d.pixels, 0, numbers(c.taps/c.run), 0, c.input)
	return d
}

// windowTables makes the tables of Weight.
func (c *Conv) windowTables() [][]int32 {
	runs := make([][]int32, c.taps/c.run)
	for r := range runs {
		runs[r] = make([]int32, 0, c.OH()*c.OW())
		for p := range c.OH() * c.OW() {
			runs[r] = append(runs[r], c.input(p, r))
		}
	}
	return runs
}

// dataTables makes, or counts, the tables of Data. An input pixel is read only by taps
// of its own phase of the stride, so the taps are grouped by phase, and so are the
// pixels of a row.
func (c *Conv) dataTables(count bool) *direct {
	d := &direct{counting: count, pixels: c.H * c.W, depth: c.O, channels: c.C, step: c.Stride}
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

func (d *direct) bytes() int64 { return 4*int64(d.countOff) + 56*int64(d.count) }

// product computes y = Σ x ⋆ w over the terms for n images, padding each.
func (d *direct) product(y []float32, n int, pad padded, terms []Term, e Epilogue, scratch []float32) {
	size := d.pixels * d.channels
	for i := range n {
		dst := y[i*size : (i+1)*size]
		for k, t := range terms {
			d.image(dst, pad.image(t.X, i, scratch), t.W, e.Acc || k > 0)
		}
		finish(dst, d.channels, e, i*size)
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

// A padded is an image of height rows of row numbers with zeros around it: above
// rows above and below, and side numbers at both ends of each row.
type padded struct{ height, row, above, side int }

// size returns the length of the padded image; 0 if there is no padding.
func (p padded) size() int {
	if p.above == 0 && p.side == 0 {
		return 0
	}
	return (p.height + 2*p.above) * (p.row + 2*p.side)
}

// image returns image i of x: padded, in scratch, or as it is.
func (p padded) image(x []float32, i int, scratch []float32) []float32 {
	x = x[i*p.height*p.row : (i+1)*p.height*p.row]
	if p.size() == 0 {
		return x
	}
	dst := scratch[:p.size()]
	width := p.row + 2*p.side
	at := p.above*width + p.side // of a row in dst
	clear(dst[:at])
	for r := range p.height {
		copy(dst[at:at+p.row], x[r*p.row:])
		clear(dst[at+p.row : min(at+width, len(dst))])
		at += width
	}
	clear(dst[at-p.side:])
	return dst
}
