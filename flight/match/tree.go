package match

import (
	"math"

	"breakeven/flight"
)

// A tree is a balanced k-d tree: each node halves its points at the median of the axis along which they
// spread the most (Bentley, Communications of the ACM 18, 1975). Two coordinates are three with a zero.
type tree struct {
	points []place // those of a node stand together
	nodes  []node  // in the order of a heap: children of i are 2i+1 and 2i+2
}

// A place is a point of a grid, with its number there.
type place struct {
	at    [3]float64
	index int32
	leaf  int32 // the node that has it and is not halved
}

// A node is a range of points, all of which lie between two corners. So does every point of the tree between these.
type node struct {
	low, high [3]float64
	split     float64 // of a node that is halved
	axis      uint8   // that it is halved along, or whole
	lo, hi    int32
}

const (
	whole = 3 // the axis of a leaf
	leaf  = 8 // the most points of one
)

// newTree returns the tree of the points of a grid, by what coordinates makes of them.
func newTree(points []flight.Point, coordinates func(flight.Point) [3]float64) *tree {
	t := &tree{points: make([]place, len(points))}
	for i, p := range points {
		t.points[i] = place{at: coordinates(p), index: int32(i)}
	}
	inf := math.Inf(1)
	t.halve(0, node{low: [3]float64{-inf, -inf, -inf}, high: [3]float64{inf, inf, inf}, axis: whole, hi: int32(len(points))})
	return t
}

// halve puts a node with its points at the place i, and halves it if it has many.
func (t *tree) halve(i int, n node) {
	for len(t.nodes) <= i {
		t.nodes = append(t.nodes, node{})
	}
	lo, hi := int(n.lo), int(n.hi)
	if hi-lo <= leaf {
		t.nodes[i] = n
		for k := lo; k < hi; k++ {
			t.points[k].leaf = int32(i)
		}
		return
	}
	left, right := n, n
	axis, mid := t.widest(lo, hi), (lo+hi)/2
	t.pick(lo, hi, mid, axis)
	n.split, n.axis = t.points[mid].at[axis], uint8(axis)
	t.nodes[i] = n
	left.hi, left.high[axis] = int32(mid), n.split
	right.lo, right.low[axis] = int32(mid), n.split
	t.halve(2*i+1, left)
	t.halve(2*i+2, right)
}

// widest returns the axis along which points spread the most.
func (t *tree) widest(lo, hi int) int {
	low, high := t.points[lo].at, t.points[lo].at
	for i := lo; i < hi; i++ {
		for k, x := range t.points[i].at {
			low[k], high[k] = min(low[k], x), max(high[k], x)
		}
	}
	axis := 0
	for k := range low {
		if high[k]-low[k] > high[axis]-low[axis] {
			axis = k
		}
	}
	return axis
}

// pick moves the points between lo and hi so that the one at mid has its place by the axis, with none
// larger before it and none smaller behind (Hoare's selection). Of equal ones the smaller number comes first.
func (t *tree) pick(lo, hi, mid, axis int) {
	p := t.points
	less := func(a, b *place) bool {
		return a.at[axis] < b.at[axis] || a.at[axis] == b.at[axis] && a.index < b.index
	}
	for hi-lo > 1 {
		middle := (lo + hi) / 2
		for _, pair := range [][2]int{{middle, lo}, {hi - 1, lo}, {hi - 1, middle}} { // the median of three is the pivot
			if less(&p[pair[0]], &p[pair[1]]) {
				p[pair[0]], p[pair[1]] = p[pair[1]], p[pair[0]]
			}
		}
		pivot := p[middle]
		i, j := lo, hi-1
		for i <= j {
			for less(&p[i], &pivot) {
				i++
			}
			for less(&pivot, &p[j]) {
				j--
			}
			if i <= j {
				p[i], p[j] = p[j], p[i]
				i++
				j--
			}
		}
		switch {
		case mid <= j:
			hi = j + 1
		case mid >= i:
			lo = i
		default:
			return
		}
	}
}

// A search is the best point so far.
type search struct {
	q    [3]float64
	best int     // where it stands in points
	away float64 // the square of its distance
}

// nearest returns where in points the nearest to q stands, and the square of its distance, if that is below
// a limit; else the guess and the limit. Of equally near points it is the one with the smallest number in the grid. The
// search begins at the leaf of a guess and goes up, until a node has all that could be nearer: cells of a cube lie close together.
func (t *tree) nearest(q *[3]float64, guess int, limit float64) (best int, away float64) {
	s := search{*q, guess, min(apart(q, &t.points[guess].at), limit)}
	i := int(t.points[guess].leaf)
	t.scan(&s, &t.nodes[i])
	for i > 0 && !t.nodes[i].holds(&s) {
		parent := (i - 1) / 2
		n := &t.nodes[parent]
		d := s.q[n.axis] - n.split
		other := 4*parent + 3 - i // its children are 2·parent+1 and 2·parent+2
		if beyond := other > i == (d < 0); !beyond || d*d <= s.away {
			t.descend(&s, other)
		}
		i = parent
	}
	return s.best, s.away
}

// holds reports whether all points that are as near as the best lie in the node.
func (n *node) holds(s *search) bool {
	for k, x := range s.q {
		if below, above := x-n.low[k], n.high[k]-x; below < 0 || above < 0 || below*below <= s.away || above*above <= s.away {
			return false
		}
	}
	return true
}

// descend looks through a node and all below it.
func (t *tree) descend(s *search, i int) {
	n := &t.nodes[i]
	if n.axis == whole {
		t.scan(s, n)
		return
	}
	d := s.q[n.axis] - n.split
	near, far := 2*i+1, 2*i+2
	if d >= 0 {
		near, far = far, near
	}
	t.descend(s, near)
	if d*d <= s.away {
		t.descend(s, far)
	}
}

// scan looks through the points of a leaf.
func (t *tree) scan(s *search, n *node) {
	for i := int(n.lo); i < int(n.hi); i++ {
		p := &t.points[i]
		if d := apart(&s.q, &p.at); d < s.away || d == s.away && p.index < t.points[s.best].index {
			s.best, s.away = i, d
		}
	}
}

// apart returns the square of the distance of two points.
func apart(a, b *[3]float64) float64 {
	x, y, z := a[0]-b[0], a[1]-b[1], a[2]-b[2]
	return x*x + y*y + z*z
}

// spacing returns how far apart neighbouring points are where they are farthest, within the leaves.
func (t *tree) spacing() float64 {
	var most float64
	for i := range t.points {
		n, least := &t.nodes[t.points[i].leaf], math.Inf(1)
		for j := int(n.lo); j < int(n.hi); j++ {
			if i != j {
				least = min(least, apart(&t.points[i].at, &t.points[j].at))
			}
		}
		most = max(most, least)
	}
	return math.Sqrt(most)
}
