package ntk

import "slices"

// A whole node makes one table of another.
type whole interface {
	node
	needs(out set) set
	// plan is as that of a program; numbers are those of tables of its own.
	plan(out set, n int, ntk bool) (f filler, numbers int)
}

// A filler fills a table from another.
type filler func(w *worker, from, to *table)

// A split is a Sum of branches that are not all local.
type split struct {
	in, out  grid
	branches []*program
}

func (s *split) grids() (in, out grid) { return s.in, s.out }

func (s *split) needs(out set) set {
	var y, x []int
	for _, b := range s.branches {
		n := b.needs(out)
		y, x = append(y, n.y...), append(x, n.x...)
	}
	slices.Sort(y)
	slices.Sort(x)
	return set{slices.Compact(y), slices.Compact(x)}
}

func (s *split) plan(out set, n int, ntk bool) (f filler, numbers int) {
	var runs []*run
	for _, b := range s.branches {
		r := b.plan(out, n, ntk)
		runs, numbers = append(runs, r), numbers+r.numbers
	}
	return func(w *worker, from, to *table) {
		for _, r := range runs {
			part := r.do(w, from)
			to.each(func(d apart) {
				sum, term := to.at(d), part.at(d)
				addTo(sum.k, term.k)
				addTo(sum.t, term.t)
			})
		}
	}, numbers
}

// A ring is a Conv or an AvgPool with circular padding: it reads pixels that lie
// near each other around the edge, which are far apart on the grid.
type ring struct {
	win    [2]window
	affine *affine // of a Conv
	sum    bool    // of an AvgPool
}

func (r *ring) grids() (in, out grid) {
	return grid{r.win[0].in, r.win[1].in}, grid{r.win[0].out, r.win[1].out}
}

func (r *ring) needs(out set) set {
	return set{r.around(r.win[0], out.y), r.around(r.win[1], out.x)}
}

// around returns which displacements of inputs, on either side of the edge, a
// dimension needs.
func (r *ring) around(w window, out []int) []int {
	taps := w.size
	if r.affine != nil {
		taps = 1
	}
	var list []int
	for _, d := range out {
		for e := 1 - taps; e < taps; e++ {
			a := w.mod(d*w.stride + e)
			list = append(list, a)
			if a > 0 {
				list = append(list, a-w.in)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// mod returns a position around the edge.
func (w window) mod(a int) int { return ((a % w.in) + w.in) % w.in }

func (r *ring) plan(set, int, bool) (filler, int) {
	return func(w *worker, from, to *table) {
		to.each(func(d apart) {
			im := to.at(d)
			y, x, h, wide := to.rect(d)
			for i := range im.k {
				p := [2]int{y + i/wide%h, x + i%wide}
				r.pixel(from, im, i, i/(wide*h), p, d)
			}
		})
	}, 0
}

// pixel computes pixel i of an image, of example n, at position p.
func (r *ring) pixel(from *table, im image, i, n int, p [2]int, d apart) {
	if r.affine == nil {
		k, t := r.taps(from, n, p, d, true)
		if !r.sum {
			f := 1 / float64(r.win[0].size*r.win[1].size)
			k, t = k*f*f, t*f*f
		}
		im.k[i] = k
		if im.t != nil {
			im.t[i] = t
		}
		return
	}
	f, a := 1/float64(r.win[0].size*r.win[1].size), r.affine
	k, t := r.taps(from, n, p, d, false)
	mean := f * k
	k, t = mean, f*t
	if a.central {
		k, t = r.centre(from, n, p, d)
	}
	im.k[i] = float64(a.scale*k) + a.shift
	if im.t != nil {
		im.t[i] = float64(a.slopeScale*mean) + a.slopeShift + float64(a.scale*t)
	}
}

// taps adds up what outputs p and p+d read: by the same tap, or by all pairs.
func (r *ring) taps(from *table, n int, p [2]int, d apart, all bool) (k, t float64) {
	for ty := range r.win[0].size {
		for tx := range r.win[1].size {
			if !all {
				a, b := r.read(from, n, p, d, [4]int{ty, tx, ty, tx})
				k, t = k+a, t+b
				continue
			}
			for sy := range r.win[0].size {
				for sx := range r.win[1].size {
					a, b := r.read(from, n, p, d, [4]int{ty, tx, sy, sx})
					k, t = k+a, t+b
				}
			}
		}
	}
	return k, t
}

// centre is what the central tap reads.
func (r *ring) centre(from *table, n int, p [2]int, d apart) (k, t float64) {
	y, x := (r.win[0].size-1)/2, (r.win[1].size-1)/2
	return r.read(from, n, p, d, [4]int{y, x, y, x})
}

// read returns the covariances of what one tap of output p and another of p+d
// read.
func (r *ring) read(from *table, n int, p [2]int, d apart, tap [4]int) (k, t float64) {
	var one [2]int
	var gap apart
	for i, w := range r.win {
		at := w.at(p[i], tap[i])
		one[i], gap[i] = at, w.at(p[i]+d[i], tap[2+i])-at
	}
	im := from.at(gap)
	y, x, h, wide := from.rect(gap)
	at := (n*h+one[0]-y)*wide + one[1] - x
	if im.t != nil {
		t = im.t[at]
	}
	return im.k[at], t
}

// at returns the input that a tap of an output reads, around the edge.
func (w window) at(p, tap int) int { return w.mod(p*w.stride + tap - w.low) }
