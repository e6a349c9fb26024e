package tensor

import "breakeven/tensor/internal/kernel"

// A winograd computes 3×3 windows with stride 1 by F(2×2, 3×3): the image is cut
// into tiles of 2×2 results, each of 4×4 pixels, transformed into sixteen
// matrices tiles×channels, and the convolution becomes sixteen matrix products
// (Lavin & Gray 2016). Tiles of consecutive images follow each other; a block of
// them goes through all steps while it is in the cache.
type winograd struct {
	c, o             int // channels in and out
	sizeIn, sizeOut  int // numbers in an image
	h, w, pad        int
	tiles            int     // of an image
	input, output    []int32 // tile, pixel → offset in its image, or -1
	block            int     // tiles
	spaceIn, spaceUp int     // from one of the sixteen matrices to the next
}

// Sizes of the transformed tiles of a block. Products that make images read a block
// once, so it should be about as large as the first cache level; those that make
// gradients of weights load and store all sums once per block.
const (
	imageBlock  = 96 << 10
	weightBlock = 640 << 10
)

// newWinograd plans for images h×w×c with padding pad, 0 to 2.
func newWinograd(h, w, c, o, pad int) *winograd {
	oh, ow := h+2*pad-2, w+2*pad-2
	g := &winograd{h: h, w: w, pad: pad, c: c, o: o, sizeIn: h * w * c, sizeOut: oh * ow * o, tiles: (oh + 1) / 2 * ((ow + 1) / 2)}
	return g.blocked(imageBlock)
}

// build makes the tables.
func (g *winograd) build() {
	oh, ow := g.h+2*g.pad-2, g.w+2*g.pad-2
	g.input, g.output = make([]int32, 0, 16*g.tiles), make([]int32, 0, 4*g.tiles)
	for y := 0; y < oh; y += 2 {
		for x := 0; x < ow; x += 2 {
			g.input = window(g.input, 4, y-g.pad, x-g.pad, g.h, g.w, g.c)
			g.output = window(g.output, 2, y, x, oh, ow, g.o)
		}
	}
}

// blocked returns g with blocks of about the given size, but at least one tile of the
// product kernel.
func (g *winograd) blocked(bytes int) *winograd {
	h, mr := *g, kernel.MR()
	h.block = max(1, bytes/(64*(g.c+g.o)*mr)) * mr
	h.spaceIn, h.spaceUp = apart(h.block*g.c), apart(h.block*g.o)
	return &h
}

// window appends the offsets of the k×k pixels of an h×w×c image that begin at (y, x);
// outside of the image they are -1.
func window(off []int32, k, y, x, h, w, c int) []int32 {
	for i := y; i < y+k; i++ {
		for j := x; j < x+k; j++ {
			if i < 0 || i >= h || j < 0 || j >= w {
				off = append(off, -1)
			} else {
				off = append(off, int32((i*w+j)*c))
			}
		}
	}
	return off
}

// apart returns a distance between matrices of n numbers such that sixteen of them do
// not compete for the same lines of the first cache level.
func apart(n int) int { return (n+15)/16*16 + 16 }

func (g *winograd) bytes() int64 {
	return 4 * 20 * int64(g.tiles)
}

// scratch returns how many numbers of scratch a product needs.
func (g *winograd) scratch() int { return 16 * (g.spaceIn + g.spaceUp) }

// eachBlock calls f for each block of the tiles of n images: count tiles, the first of
// which is tile lo of all images.
func (g *winograd) eachBlock(n int, f func(lo, count int)) {
	for lo := 0; lo < n*g.tiles; lo += g.block {
		f(lo, min(g.block, n*g.tiles-lo))
	}
}

// eachRun calls f for the parts of a block that lie in one image: n tiles that begin
// with tile t of the image, and with tile at of the block.
func (g *winograd) eachRun(lo, count int, f func(image, t, at, n int)) {
	for at := 0; at < count; {
		image, t := (lo+at)/g.tiles, (lo+at)%g.tiles
		n := min(count-at, g.tiles-t)
		f(image, t, at, n)
		at += n
	}
}

// transform sets v to the transformed tiles of a block of x, in c channels beginning
// with first.
func (g *winograd) transform(v, x []float32, first, c, lo, count int) {
	g.eachRun(lo, count, func(image, t, at, n int) {
		kernel.WinogradInput(v[at*c:], g.spaceIn, x[image*g.sizeIn+first:(image+1)*g.sizeIn], g.input[16*t:], n, c)
	})
}

// spread sets z to the transformed tiles of a block of the adjoint dy.
func (g *winograd) spread(z, dy []float32, lo, count int) {
	g.eachRun(lo, count, func(image, t, at, n int) {
		kernel.WinogradSpread(z[at*g.o:], g.spaceUp, dy[image*g.sizeOut:(image+1)*g.sizeOut], g.output[4*t:], n, g.o)
	})
}

// product computes y = Σ x ⋆ w over the terms for n images.
func (g *winograd) product(y []float32, n int, terms []Term, e Epilogue, scratch []float32) {
	v, m := scratch[:16*g.spaceIn], scratch[16*g.spaceIn:g.scratch()]
	g.eachBlock(n, func(lo, count int) {
		for i, term := range terms {
			g.transform(v, term.X, 0, g.c, lo, count)
			g.multiply(m, v, count, term.W, i > 0)
		}
		g.eachRun(lo, count, func(image, t, at, n int) {
			e := e
			if e.Mask != nil {
				e.Mask = e.Mask[image*g.sizeOut : (image+1)*g.sizeOut]
			}
			kernel.WinogradOutput(y[image*g.sizeOut:(image+1)*g.sizeOut], g.output[4*t:], m[at*g.o:], g.spaceUp, n, g.o, kernel.Epilogue(e))
		})
	})
}

// multiply computes the sixteen products m = v·w; with acc it adds to m.
func (g *winograd) multiply(m, v []float32, count int, w *Panels, acc bool) {
	for k := range 16 {
		a := v[k*g.spaceIn : k*g.spaceIn+count*g.c]
		for panel := range w.Count() {
			j, cols := w.Column(panel)
			width := w.width[panel]
			b := w.data[w.start[panel]+k*g.c*width:]
			kernel.Rows(m[k*g.spaceUp+j:], g.o, count, cols, a, g.c, g.c, b[:g.c*width], width, acc)
		}
	}
}

// weight computes the sixteen products vᵀ·z that make the weights' gradient for n
// images in c channels beginning with first, laid out matrix, input channel, output
// channel; with acc it adds to dw.
func (g *winograd) weight(dw, x, dy []float32, n, first, c int, acc bool, scratch []float32) {
	v, z := scratch[:16*g.spaceIn], scratch[16*g.spaceIn:g.scratch()]
	g.eachBlock(n, func(lo, count int) {
		g.transform(v, x, first, c, lo, count)
		g.spread(z, dy, lo, count)
		for k := range 16 {
			sum, vk, zk := dw[k*c*g.o:(k+1)*c*g.o], v[k*g.spaceIn:], z[k*g.spaceUp:]
			eachTile(c, g.o, func(i, rows, j, cols int) {
				kernel.OuterRows(sum[i*g.o+j:], g.o, rows, cols, vk[i:], c, count, zk[j:], g.o, acc || lo > 0)
			})
		}
	})
}

// filters is how many filters are transformed at a time.
const filters = 32

// packFilters writes U = G g Gᵀ for n consecutive 3×3 filters, element k of each to
// u[k·step:]; with turned they are rotated by 180° first.
func packFilters(u []float32, step int, filter func(c int) []float32, n int, turned bool) {
	for lo := 0; lo < n; lo += filters {
		var g [9 * filters]float32
		count := min(filters, n-lo)
		for c := range count {
			for t, v := range (*[9]float32)(filter(lo + c)) {
				if turned {
					t = 8 - t
				}
				g[t*filters+c] = v
			}
		}
		kernel.WinogradFilter(u[lo:], step, g[:], filters, count)
	}
}
