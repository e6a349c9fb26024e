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
	return func(_ *worker, from, to *table) {
		to.each(func(d apart) {
			im := to.at(d)
			y, x, h, wide := to.rect(d)
			taps := r.taps(false)
			rows, cols := r.win[0].reads(taps[0], y, h, d[0]), r.win[1].reads(taps[1], x, wide, d[1])
			var mean [2][][]read // of a delta-orthogonal convolution: all taps
			if r.affine != nil && r.affine.central {
				taps = r.taps(true)
				mean = [2][][]read{r.win[0].reads(taps[0], y, h, d[0]), r.win[1].reads(taps[1], x, wide, d[1])}
			}
			for i := range im.k {
				example, row, col := i/(h*wide), i/wide%h, i%wide
				k, t := from.sum(example, rows[row], cols[col])
				all := k
				if mean[0] != nil {
					all, _ = from.sum(example, mean[0][row], mean[1][col])
				}
				im.k[i], t = r.finish(k, t, all)
				if im.t != nil {
					im.t[i] = t
				}
			}
		})
	}, 0
}

// taps returns for each dimension which pairs of taps are added up: all of a
// pooling, equal ones of a convolution, of a delta-orthogonal one the central.
func (r *ring) taps(all bool) (pairs [2][][2]int) {
	for i, w := range r.win {
		for a := range w.size {
			for b := range w.size {
				switch {
				case r.affine == nil:
				case a != b, r.affine.central && !all && a != (w.size-1)/2:
					continue
				}
				pairs[i] = append(pairs[i], [2]int{a, b})
			}
		}
	}
	return pairs
}

// finish makes a pixel of sums over taps; all is that over all of them.
func (r *ring) finish(k, t, all float64) (nngp, theta float64) {
	f, a := 1/float64(r.win[0].size*r.win[1].size), r.affine
	switch {
	case a != nil:
		scale := a.scale
		if !a.central {
			scale *= f
		}
		return float64(scale*k) + a.shift, float64(a.slopeScale*f*all) + a.slopeShift + float64(scale*t)
	case r.sum:
		return k, t
	}
	return k * f * f, t * f * f
}

// A read is what a pair of taps reads of one dimension: from which displacement,
// where among the positions that have a partner so far away, and their number.
type read struct{ gap, at, count int }

// reads returns what pairs of taps read of outputs from one on, and others a
// distance apart, around the edge.
func (w window) reads(taps [][2]int, first, n, apart int) [][]read {
	at := func(p, tap int) int { return w.mod(p*w.stride + tap - w.low) }
	list := make([][]read, n)
	for q := range list {
		for _, t := range taps {
			one := at(first+q, t[0])
			gap := at(first+q+apart, t[1]) - one
			from, count := pairs(w.in, gap)
			list[q] = append(list[q], read{gap, one - from, count})
		}
	}
	return list
}

// sum adds what all pairs of reads of rows and of columns find, of one example.
func (t *table) sum(example int, rows, cols []read) (k, theta float64) {
	for _, y := range rows {
		line := t.start[(y.gap+t.h-1)*(2*t.w-1):]
		for _, x := range cols {
			at := line[x.gap+t.w-1]*t.n + (example*y.count+y.at)*x.count + x.at
			k += t.k[at]
			if t.t != nil {
				theta += t.t[at]
			}
		}
	}
	return k, theta
}
