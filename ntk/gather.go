package ntk

import "slices"

// A gather node makes a table of the images of others, one after the other.
type gather interface {
	node
	// needs returns which displacements of its input a set of outputs needs.
	needs(out set) set
	// add adds what an image gives to a table that began as 0.
	add(w *worker, t *table, im *image)
	// finish does what is left when all images have been added.
	finish(t *table)
}

// A keep copies images to a table.
type keep struct{ grid }

func (k keep) grids() (in, out grid) { return k.grid, k.grid }
func (keep) needs(out set) set       { return out }
func (keep) finish(*table)           {}

func (keep) add(_ *worker, t *table, im *image) {
	to := t.at(im.d)
	copy(to.k, im.k)
	copy(to.t, im.t)
}

// A flatten takes the mean over positions of themselves; a global takes that, or
// the sum, over all pairs of positions.
type (
	flatten struct{ grid }
	global  struct {
		grid
		sum bool
	}
)

func (f flatten) grids() (in, out grid) { return f.grid, grid{1, 1} }
func (g global) grids() (in, out grid)  { return g.grid, grid{1, 1} }

func (flatten) needs(set) set { return origin }

func (g global) needs(set) set { return set{all(g.h), all(g.w)} }

// all returns all displacements in a row of n positions.
func all(n int) []int {
	var list []int
	for d := 1 - n; d < n; d++ {
		list = append(list, d)
	}
	return list
}

func (f flatten) add(_ *worker, t *table, im *image) { addSums(t, im, 1/float64(f.size())) }

func (g global) add(_ *worker, t *table, im *image) {
	if g.sum {
		addSums(t, im, 1)
		return
	}
	addSums(t, im, 1/float64(g.size())/float64(g.size()))
}

func (flatten) finish(*table) {}
func (global) finish(*table)  {}

// addSums adds the sum of each example's pixels, times a factor.
func addSums(t *table, im *image, factor float64) {
	to := t.at(apart{})
	area := len(im.k) / t.n
	for i := range t.n {
		to.k[i] += factor * sum(im.k[i*area:(i+1)*area])
		if to.t != nil {
			to.t[i] += factor * sum(im.t[i*area:(i+1)*area])
		}
	}
}

// sum adds in four strands, in a fixed order.
func sum(x []float64) float64 {
	var a, b, c, d float64
	for ; len(x) >= 4; x = x[4:] {
		a, b, c, d = a+x[0], b+x[1], c+x[2], d+x[3]
	}
	for _, v := range x {
		a += v
	}
	return (a + b) + (c + d)
}

// A pool is an AvgPool without circular padding.
type pool struct {
	win         [2]window
	sum, inside bool
}

func (p *pool) grids() (in, out grid) {
	return grid{p.win[0].in, p.win[1].in}, grid{p.win[0].out, p.win[1].out}
}

func (p *pool) needs(out set) set {
	return set{p.win[0].reached(out.y), p.win[1].reached(out.x)}
}

// reached returns which displacements of the inputs pairs of taps of outputs have.
func (w window) reached(out []int) []int {
	var list []int
	for _, d := range out {
		for e := 1 - w.size; e < w.size; e++ {
			if a := d*w.stride + e; a > -w.in && a < w.in {
				list = append(list, a)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (p *pool) add(w *worker, t *table, im *image) {
	for _, y := range p.win[0].origins(im.d[0], t.y) {
		for _, x := range p.win[1].origins(im.d[1], t.x) {
			d := apart{y, x}
			to := t.at(d)
			// Taps so that their partners are taps too.
			ey, ex := im.d[0]-y*p.win[0].stride, im.d[1]-x*p.win[1].stride
			rows := p.win[0].strand(max(0, -ey), min(p.win[0].size, p.win[0].size-ey), im.d[0], y)
			cols := p.win[1].strand(max(0, -ex), min(p.win[1].size, p.win[1].size-ex), im.d[1], x)
			w.addSums(to.k, im.k, &rows, &cols, t.n)
			if to.t != nil {
				w.addSums(to.t, im.t, &rows, &cols, t.n)
			}
		}
	}
}

// origins returns those displacements of outputs that have taps so far apart.
func (w window) origins(d int, out []int) []int {
	var list []int
	for _, o := range out {
		if e := d - o*w.stride; e > -w.size && e < w.size {
			list = append(list, o)
		}
	}
	return list
}

func (p *pool) finish(t *table) {
	if p.sum {
		return
	}
	t.each(func(d apart) {
		im := t.at(d)
		y, x, h, w := t.rect(d)
		for i := range im.k {
			a, b := y+i/w%h, x+i%w
			f := p.weight(a, b) * p.weight(a+d[0], b+d[1])
			im.k[i] *= f
			if im.t != nil {
				im.t[i] *= f
			}
		}
	})
}

// weight is what the mean divides by at an output, upside down.
func (p *pool) weight(y, x int) float64 {
	if p.inside {
		return 1 / float64(p.win[0].inside(y)*p.win[1].inside(x))
	}
	return 1 / float64(p.win[0].size*p.win[1].size)
}

// inside returns how many taps of an output lie inside the image.
func (w window) inside(p int) int {
	at := p*w.stride - w.low
	return min(w.in, at+w.size) - max(0, at)
}
