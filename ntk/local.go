package ntk

import "math"

// A node is a part of a program.
type node interface {
	// grids returns the positions before and after it.
	grids() (in, out grid)
}

// A local node makes the image of a displacement of one other, a stride times as
// far apart. It works in place.
type local interface {
	node
	stride() apart
	apply(w *worker, im *image)
}

// An affine is a Dense or a Conv without circular padding. With the mean A over
// the taps of a window, or the central tap alone, it is
//
//	K = scale·A[V] + shift
//	Θ = slopeScale·A[V] + slopeShift + scale·A[D ⊙ Θ]
//
// where only the first term of Θ has the mean in any case, for all taps train.
type affine struct {
	win                    [2]window
	scale, shift           float64
	slopeScale, slopeShift float64
	central                bool
}

func (a *affine) grids() (in, out grid) {
	return grid{a.win[0].in, a.win[1].in}, grid{a.win[0].out, a.win[1].out}
}

func (a *affine) stride() apart { return apart{a.win[0].stride, a.win[1].stride} }

func (a *affine) apply(w *worker, im *image) {
	mean := *im
	if !a.win[0].plain() || !a.win[1].plain() {
		d := apart{im.d[0] / a.win[0].stride, im.d[1] / a.win[1].stride}
		mean.k = w.sum(&a.win, im.d, d, im.k, false)
		one := mean.k
		if a.central {
			one = w.sum(&a.win, im.d, d, im.k, true)
		}
		if im.t != nil {
			t := w.sum(&a.win, im.d, d, im.t, a.central)
			w.give(im.t)
			im.t = t
		}
		w.give(im.k)
		im.d, im.k = d, one
	}
	taps := 1 / float64(a.win[0].size*a.win[1].size)
	scale := a.scale * taps
	if a.central {
		scale = a.scale
	}
	if im.t != nil {
		slopeScale := a.slopeScale * taps
		t := im.t[:len(mean.k)]
		for i, v := range mean.k {
			t[i] = float64(slopeScale*v) + a.slopeShift + float64(scale*t[i])
		}
	}
	for i, v := range im.k {
		im.k[i] = float64(scale*v) + a.shift
	}
	if a.central && len(mean.k) > 0 && &mean.k[0] != &im.k[0] {
		w.give(mean.k)
	}
}

// An activate is an activation; id is its place among what sides keep.
type activate struct {
	grid
	dual dual
	id   int
}

func (a *activate) grids() (in, out grid) { return a.grid, a.grid }
func (*activate) stride() apart           { return apart{1, 1} }

func (a *activate) apply(w *worker, im *image) {
	if w.records(im.d) {
		s := &w.two.parts[a.id]
		at := w.column * a.size()
		copy(s.k[at:at+len(im.k)], im.k)
		if made := a.dual.prepare(im.k); made != nil {
			copy(s.series[at:], made)
		}
	}
	one, two := w.sides(a.id, a.grid, im.d)
	if im.t == nil {
		a.dual.pairs(im.k, nil, one, two)
		return
	}
	d := w.take(len(im.k))
	a.dual.pairs(im.k, d, one, two)
	for i, v := range d {
		im.t[i] *= v
	}
	w.give(d)
}

// A normalize is a LayerNorm. Sides keep 1/√(variance + ε).
type normalize struct {
	grid
	eps   float64
	whole bool
	id    int
	name  string
}

func (l *normalize) grids() (in, out grid) { return l.grid, l.grid }
func (*normalize) stride() apart           { return apart{1, 1} }

func (l *normalize) apply(w *worker, im *image) {
	if w.records(im.d) {
		l.record(w, im.k)
	}
	one, two := w.sides(l.id, l.grid, im.d)
	for i := range im.k {
		r := one.k[i] * two.k[i]
		im.k[i] *= r
		if im.t != nil {
			im.t[i] *= r
		}
	}
}

// record keeps the factors of an example with these variances.
func (l *normalize) record(w *worker, k []float64) {
	r := w.two.parts[l.id].k[w.column*l.size():][:len(k)]
	copy(r, k)
	if l.whole {
		mean := 0.0
		for _, v := range k {
			mean += v / float64(len(k))
		}
		for i := range r {
			r[i] = mean
		}
	}
	for i, v := range r {
		if v+l.eps == 0 {
			w.fail("%s of a variance of 0: give it an Eps", l.name)
		}
		r[i] = 1 / math.Sqrt(v+l.eps)
	}
}

// A total is a Sum whose branches are local and of one stride.
type total struct {
	in, out  grid
	step     apart
	branches [][]local
}

func (s *total) grids() (in, out grid) { return s.in, s.out }
func (s *total) stride() apart         { return s.step }

func (s *total) apply(w *worker, im *image) {
	var sum image
	for i, branch := range s.branches {
		part := *im
		if i+1 < len(s.branches) {
			part = w.copy(im)
		}
		for _, l := range branch {
			l.apply(w, &part)
		}
		if i == 0 {
			sum = part
			continue
		}
		addTo(sum.k, part.k)
		addTo(sum.t, part.t)
		w.give(part.k)
		w.give(part.t)
	}
	*im = sum
}

// addTo adds x to dst.
func addTo(dst, x []float64) {
	for i, v := range x {
		dst[i] += v
	}
}
