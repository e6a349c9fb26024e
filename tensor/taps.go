package tensor

import (
	"fmt"

	"breakeven/tensor/internal/kernel"
)

// Taps compute one ConvShape on a whole batch at a time, for images of few pixels with many
// channels: one matrix product for each pair of pixels that a tap joins, with the images as its
// rows. No product meets padding, and taps that always do are left out: a 3×3 window on images
// of one pixel is the dense layer of its middle tap. Weights, which are larger than the images,
// are read once for the batch.
//
// A sum is one chain of additions, for an image from the first tap to the last, and for weights
// from the first pair of pixels to the last, each from the first image to the last.
type Taps struct {
	ConvShape
	count, countUsed int    // pairs of pixels, and taps that join any
	used             []int  // these taps, in ascending order
	links            []link // by tap
	forward, data    way
}

// A link is a pair of pixels that a tap joins.
type link struct {
	tap     int  // index in used
	in, out int  // pixels
	first   bool // of its tap or, of a way, of those that lead to the same pixel
}

// A way is the direction of a product: images of from pixels with depth channels become images
// of to pixels with channels.
type way struct {
	depth, channels, from, to int
	turned                    bool // weights as they are split, filter by channel, are channels × depth
	links                     []link
	bare                      []int // pixels that no link leads to
}

// newWay makes a way from links in the order of their taps, and sets first for the first link to
// each pixel.
func newWay(depth, channels, from, to int, links []link) way {
	w := way{depth: depth, channels: channels, from: from, to: to, links: links}
	reached := make([]bool, to)
	for i := range links {
		links[i].first = !reached[links[i].out]
		reached[links[i].out] = true
	}
	for pixel, yes := range reached {
		if !yes {
			w.bare = append(w.bare, pixel)
		}
	}
	return w
}

// NewTaps finds the pairs of pixels.
func NewTaps(s ConvShape) *Taps {
	t := PlanTaps(s)
	t.Build()
	return t
}

// PlanTaps returns Taps without the pairs of pixels. It knows its sizes, but can compute nothing
// before [Taps.Build].
func PlanTaps(s ConvShape) *Taps {
	t := &Taps{ConvShape: s}
	tap := -1
	t.eachLink(func(l link) {
		t.count++
		if l.tap != tap {
			tap, t.countUsed = l.tap, t.countUsed+1
		}
	})
	return t
}

// eachLink calls f for all pairs of pixels in the order of their taps, with the taps as they are
// numbered in the window.
func (t *Taps) eachLink(f func(l link)) {
	c := Conv{ConvShape: t.ConvShape}
	for tap := range t.K * t.K {
		for in := range t.H * t.W {
			if at := c.output(in, tap); at >= 0 {
				f(link{tap: tap, in: in, out: int(at) / t.O})
			}
		}
	}
}

// Build finds the pairs of pixels.
func (t *Taps) Build() {
	t.used, t.links = make([]int, 0, t.countUsed), make([]link, 0, t.count)
	forward, back := make([]link, 0, t.count), make([]link, 0, t.count)
	t.eachLink(func(l link) {
		l.first = len(t.used) == 0 || t.used[len(t.used)-1] != l.tap
		if l.first {
			t.used = append(t.used, l.tap)
		}
		l.tap = len(t.used) - 1
		t.links, forward, back = append(t.links, l), append(forward, l), append(back, link{tap: l.tap, in: l.out, out: l.in})
	})
	inside, outside := t.H*t.W, t.OH()*t.OW()
	t.forward, t.data = newWay(t.C, t.O, inside, outside, forward), newWay(t.O, t.C, outside, inside, back)
	t.forward.turned = true
}

// Cheaper reports whether Taps need no more multiply-adds than [Conv].
func (t *Taps) Cheaper() bool {
	return !t.fast() || t.count <= 16*((t.OH()+1)/2)*((t.OW()+1)/2)
}

// Bytes returns the memory that the pairs take.
func (t *Taps) Bytes() int64 { return 3*32*int64(t.count) + 8*int64(t.countUsed+t.H*t.W) }

// Used returns the taps that join pixels, in ascending order. The gradient of the others is 0.
func (t *Taps) Used() []int { return t.used }

// SplitSize returns how many numbers the weights of the taps in use are, as Split lays them out.
func (t *Taps) SplitSize() int { return t.countUsed * t.C * t.O }

// Split copies filter o of weights in PyTorch's layout [O, C, K, K] to dst, which is laid out tap
// in use, filter, channel. With a window of one pixel both are the same.
func (t *Taps) Split(dst, w []float32, o int) {
	taps := t.K * t.K
	w = w[o*t.C*taps : (o+1)*t.C*taps]
	for k, tap := range t.used {
		d := dst[(k*t.O+o)*t.C:][:t.C]
		for c := range d {
			d[c] = w[c*taps+tap]
		}
	}
}

// tapFilters is the number of filters whose gradients a task of Weight makes.
const tapFilters = 64

// Scratch returns the numbers that each worker needs for Forward, Data and Weight.
func (t *Taps) Scratch() int {
	return t.countUsed * max(t.C*kernel.NR(), t.O*kernel.NR(), min(tapFilters, t.O)*t.C)
}

// A TapTerm is one product of a sum: images times weights as Split lays them out.
type TapTerm struct{ X, W []float32 }

// ForwardTasks and DataTasks return the number of tasks of Forward and of Data.
func (t *Taps) ForwardTasks() int { return panels(t.O) }

// DataTasks: see ForwardTasks.
func (t *Taps) DataTasks() int { return panels(t.C) }

// panels returns the number of panels of n channels.
func panels(n int) int { return (n + kernel.NR() - 1) / kernel.NR() }

// Forward computes y = Σ x ⋆ w over the terms for n images, and applies the epilogue. A task does
// that for some of the channels, and may run at the same time as others.
func (t *Taps) Forward(task int, y []float32, n int, e Epilogue, scratch []float32, terms ...TapTerm) {
	t.product(&t.forward, task, y, n, e, scratch, terms)
}

// Data computes dx, the adjoint of [Taps.Forward] in x applied to the terms' X (which are dy) for
// n images, and applies the epilogue. A task does that for some of the channels.
func (t *Taps) Data(task int, dx []float32, n int, e Epilogue, scratch []float32, terms ...TapTerm) {
	t.product(&t.data, task, dx, n, e, scratch, terms)
}

// product computes a panel of channels.
func (t *Taps) product(w *way, panel int, y []float32, n int, e Epilogue, scratch []float32, terms []TapTerm) {
	j := panel * kernel.NR()
	width := panelWidth(w.channels - j)
	cols, size := min(width, w.channels-j), w.depth*width
	if !e.Acc {
		w.clearBare(y, n, j, cols)
	}
	for i, term := range terms {
		if len(y) != n*w.to*w.channels || len(term.X) != n*w.from*w.depth || len(term.W) != t.SplitSize() {
			panic(fmt.Sprintf("tensor: %d images of convolution %+v: %d, %d and %d numbers", n, t.ConvShape, len(y), len(term.X), len(term.W)))
		}
		for k := range t.used {
			m := Rows(term.W[k*t.C*t.O:(k+1)*t.C*t.O], t.C)
			if w.turned {
				m = m.T()
			}
			kernel.Pack(scratch[k*size:], width, m.from(0, j), m.Row, m.Col, w.depth, cols)
		}
		for _, l := range w.links {
			kernel.Rows(y[l.out*w.channels+j:], w.to*w.channels, n, cols, term.X[l.in*w.depth:], w.from*w.depth, w.depth,
				scratch[l.tap*size:(l.tap+1)*size], width, e.Acc || i > 0 || !l.first)
		}
	}
	if e.Bias != nil {
		e.Bias = e.Bias[j : j+cols]
	}
	if e.Bias == nil && e.Mask == nil && !e.ReLU {
		return
	}
	for at := j; at < len(y); at += w.channels {
		finish(y[at:at+cols], cols, e, at)
	}
}

// clearBare sets channels j … j+cols-1 of the pixels that no link leads to to zero.
func (w *way) clearBare(y []float32, n, j, cols int) {
	for i := range n {
		for _, pixel := range w.bare {
			clear(y[(i*w.to+pixel)*w.channels+j:][:cols])
		}
	}
}

// WeightTasks returns the number of tasks of Weight.
func (t *Taps) WeightTasks() int { return (t.O + tapFilters - 1) / tapFilters }

// A TapPair is one product of a sum of gradients: images x and adjoints dy of their results.
type TapPair struct{ X, DY []float32 }

// Weight computes the adjoint of [Taps.Forward] in w, summed over the pairs and n images each, in
// PyTorch's layout; with acc it adds to dw. A task does that for some of the filters.
func (t *Taps) Weight(task int, dw []float32, n int, acc bool, scratch []float32, pairs ...TapPair) {
	lo := task * tapFilters
	filters := min(tapFilters, t.O-lo)
	size := filters * t.C
	cut := Product{M: filters, K: n, N: t.C}.Cut(1)
	for i, p := range pairs {
		for _, l := range t.links {
			dy, x := Rows(p.DY[l.out*t.O+lo:], t.forward.to*t.O).T(), Rows(p.X[l.in*t.C:], t.forward.from*t.C)
			for k := range cut.Tasks() {
				cut.Run(k, scratch[l.tap*size:(l.tap+1)*size], t.C, dy, x, i > 0 || !l.first)
			}
		}
	}
	t.join(dw[lo*t.C*t.K*t.K:(lo+filters)*t.C*t.K*t.K], scratch, filters*t.C, acc)
}

// join writes the gradients of the weights of n pairs of channels, laid out tap in use, pair, to
// dw in PyTorch's layout; with acc it adds them.
func (t *Taps) join(dw, from []float32, n int, acc bool) {
	taps := t.K * t.K
	if !acc && len(t.used) < taps {
		clear(dw)
	}
	for k, tap := range t.used {
		for i, v := range from[k*n : (k+1)*n] {
			if acc {
				v += dw[i*taps+tap]
			}
			dw[i*taps+tap] = v
		}
	}
}

// AddWeights adds to dw the gradient of the weights of filters lo … hi-1 for one image, laid out
// filter, tap in use, channel.
func (t *Taps) AddWeights(dw, x, dy []float32, lo, hi int) {
	for _, l := range t.links {
		from := x[l.in*t.C:][:t.C]
		for o := lo; o < hi; o++ {
			Axpy(dw[((o-lo)*len(t.used)+l.tap)*t.C:][:t.C], dy[l.out*t.O+o], from)
		}
	}
}
