package ntk

import (
	"fmt"
	"math"
)

// A worker computes a strip of a kernel: one example of a side with some that
// follow each other of the other. Or it records what a side must know of an
// example: it is then paired with itself.
type worker struct {
	input Shape
	ntk   bool
	*block
	row, column, n int // the example of one, the first of two and their number
	recording      bool
	err            error

	free        [][]float64
	k           [2][]float64   // variances of both sides of an image
	series      [2][]expansion // and what was made of them
	pairs, vars *run           // of strips; of recording
}

// records reports whether an image holds the variances of an example that is
// being recorded.
func (w *worker) records(d apart) bool { return w.recording && d == apart{} }

// fail keeps the first error of an example.
func (w *worker) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf("ntk: example %d: "+format, append([]any{w.two.first + w.column}, args...)...)
	}
}

// take returns memory for n numbers, which hold anything.
func (w *worker) take(n int) []float64 {
	if last := len(w.free) - 1; last >= 0 {
		b := w.free[last]
		w.free = w.free[:last]
		if cap(b) >= n {
			return b[:n]
		}
	}
	return make([]float64, n)
}

// give takes memory back. Nil is none.
func (w *worker) give(b []float64) {
	if b != nil {
		w.free = append(w.free, b)
	}
}

// copy returns a copy of an image.
func (w *worker) copy(im *image) image {
	c := image{d: im.d, k: w.take(len(im.k))}
	copy(c.k, im.k)
	if im.t != nil {
		c.t = w.take(len(im.t))
		copy(c.t, im.t)
	}
	return c
}

// empty returns an image of no pixels.
func (w *worker) empty(d apart) image {
	im := image{d: d, k: w.take(0)}
	if w.ntk {
		im.t = w.take(0)
	}
	return im
}

// load returns the image of a displacement of a table, or of the inputs if that
// is nil.
func (w *worker) load(from *table, d apart) image {
	if from != nil {
		im := from.at(d)
		return w.copy(&im)
	}
	g := grid{w.input.H, w.input.W}
	im := image{d: d, k: w.take(w.n * g.area(d))}
	if w.ntk {
		im.t = w.take(len(im.k))
		clear(im.t)
	}
	if g.size() == 1 {
		w.products(im.k)
	} else {
		w.pixels(im.k, g, d)
	}
	for i := range im.k {
		im.k[i] /= float64(w.input.C)
	}
	return im
}

// products are those of vectors: of a block that was made before, or for
// recording the same chain of multiply-adds.
func (w *worker) products(dst []float64) {
	if !w.recording {
		copy(dst, w.dots[w.row*w.two.n+w.column:])
		return
	}
	sum := 0.0
	for _, v := range w.one.example(w.row) {
		sum = math.FMA(v, v, sum)
	}
	dst[0] = sum
}

// pixels are products of pixels a displacement apart, summed over the channels in
// their order.
func (w *worker) pixels(dst []float64, g grid, d apart) {
	y, x, h, wide := g.rect(d)
	clear(dst)
	a := w.one.example(w.row)
	for i := range w.n {
		b, to := w.two.example(w.column+i), dst[i*h*wide:(i+1)*h*wide]
		for c := range w.input.C {
			plane := c * g.size()
			for r := range h {
				at := plane + (y+r)*g.w + x
				p, q := a[at:at+wide], b[at+d[0]*g.w+d[1]:][:wide]
				row := to[r*wide : (r+1)*wide]
				for j, v := range p {
					row[j] = math.FMA(v, q[j], row[j])
				}
			}
		}
	}
}

// sum adds over the taps of windows, or takes the central one, of images with
// pixels din apart to ones dout apart.
func (w *worker) sum(win *[2]window, din, dout apart, src []float64, central bool) []float64 {
	var s [2]strand
	for i := range s {
		first, last := 0, win[i].size
		if central {
			first, last = (last-1)/2, (last-1)/2+1
		}
		s[i] = win[i].strand(first, last, din[i], dout[i])
	}
	return w.window(src, &s[0], &s[1], w.n)
}

// window adds along rows and then along columns, of n examples.
func (w *worker) window(src []float64, rows, cols *strand, n int) []float64 {
	lines := w.take(n * rows.reads * cols.writes)
	cols.rows(lines, src, n*rows.reads)
	dst := w.take(n * rows.writes * cols.writes)
	rows.columns(dst, lines, n, cols.writes)
	w.give(lines)
	return dst
}

// addSums adds the sums of windows to dst.
func (w *worker) addSums(dst, src []float64, rows, cols *strand, n int) {
	sums := w.window(src, rows, cols, n)
	addTo(dst, sums)
	w.give(sums)
}

// sides returns what is known of the pixels of an image and of their partners,
// where an activation or a norm keeps it.
func (w *worker) sides(id int, g grid, d apart) (one, two normals) {
	a, b := &w.one.parts[id], &w.two.parts[id]
	size := g.size()
	if d == (apart{}) {
		two = b.slice(w.column*size, w.n*size)
		if w.n == 1 {
			return a.slice(w.row*size, size), two
		}
	}
	y, x, h, wide := g.rect(d)
	if wide == 0 {
		h = 0
	}
	for side := range 2 {
		w.k[side], w.series[side] = w.k[side][:0], w.series[side][:0]
	}
	if size == 1 && a.series == nil {
		for range w.n {
			w.k[0] = append(w.k[0], a.k[w.row])
		}
		return normals{k: w.k[0]}, two
	}
	for i := range w.n {
		for r := range h {
			at := (y+r)*g.w + x
			w.gather(0, a, w.row*size+at, wide)
			if d != (apart{}) {
				w.gather(1, b, (w.column+i)*size+at+d[0]*g.w+d[1], wide)
			}
		}
	}
	one = normals{w.k[0], w.series[0]}
	if d != (apart{}) {
		two = normals{w.k[1], w.series[1]}
	}
	return one, two
}

// gather appends n numbers of a part to those of a side.
func (w *worker) gather(side int, p *part, at, n int) {
	w.k[side] = append(w.k[side], p.k[at:at+n]...)
	if p.series != nil {
		w.series[side] = append(w.series[side], p.series[at:at+n]...)
	}
}

// strip computes n elements of a row of a block, tangent kernels second. They are
// valid until the next strip.
func (w *worker) strip(b *block, row, column, n int) (k, t []float64) {
	w.block, w.row, w.column, w.n, w.recording = b, row, column, n, false
	out := w.pairs.do(w, nil)
	return out.k, out.t
}

// record records an example of a side.
func (w *worker) record(s *side, example int) error {
	w.block = &block{one: s, two: s}
	w.row, w.column, w.n, w.recording, w.err = example, example, 1, true, nil
	ntk := w.ntk
	w.ntk = false
	w.vars.do(w, nil)
	w.ntk = ntk
	return w.err
}
