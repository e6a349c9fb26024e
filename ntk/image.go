package ntk

// A grid is the positions of an image.
type grid struct{ h, w int }

func (g grid) size() int { return g.h * g.w }

// An apart is a displacement between two positions, in rows and columns.
type apart [2]int

// rect returns the rectangle of the positions whose partner, so far apart, lies
// on the grid too.
func (g grid) rect(d apart) (y, x, h, w int) {
	y, h = pairs(g.h, d[0])
	x, w = pairs(g.w, d[1])
	return y, x, h, w
}

// area returns how many positions have a partner.
func (g grid) area(d apart) int {
	_, _, h, w := g.rect(d)
	return h * w
}

// A set is the displacements that somebody needs: all pairs of these rows and
// columns, which are sorted, different and contain 0.
type set struct{ y, x []int }

// origin is the displacement 0 alone.
var origin = set{[]int{0}, []int{0}}

// each calls f for each displacement, first the 0, since variances lie there.
func (s set) each(f func(d apart)) {
	f(apart{})
	for _, y := range s.y {
		for _, x := range s.x {
			if y != 0 || x != 0 {
				f(apart{y, x})
			}
		}
	}
}

// An image is covariances of one example with n others: of its pixels and those
// of theirs that lie a displacement apart, example by example, row by row. k is of
// the NNGP, or of what an activation makes of it; t is of the tangent kernel, or
// nil.
type image struct {
	d    apart
	k, t []float64
}

// A table is the images of a set of displacements.
type table struct {
	grid
	set
	start []int // of an image, for one example, by displacement; −1 if there is none
	total int   // numbers for one example
	k, t  []float64
	n     int // examples
}

// newTable returns a table without memory.
func newTable(g grid, s set) *table {
	t := &table{grid: g, set: s, start: make([]int, (2*g.h-1)*(2*g.w-1))}
	for i := range t.start {
		t.start[i] = -1
	}
	s.each(func(d apart) {
		t.start[t.index(d)] = t.total
		t.total += g.area(d)
	})
	return t
}

// index returns the place of a displacement of the grid in start.
func (g grid) index(d apart) int { return (d[0]+g.h-1)*(2*g.w-1) + d[1] + g.w - 1 }

// at returns the image of a displacement of the set, in the memory of the table.
func (t *table) at(d apart) image {
	from := t.start[t.index(d)] * t.n
	to := from + t.area(d)*t.n
	im := image{d: d, k: t.k[from:to]}
	if t.t != nil {
		im.t = t.t[from:to]
	}
	return im
}

// begin makes it a table of n examples, all 0.
func (t *table) begin(n int) {
	t.n = n
	clear(t.k[:n*t.total])
	if t.t != nil {
		clear(t.t[:n*t.total])
	}
}
