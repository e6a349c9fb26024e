package match

import (
	"math"

	"breakeven/flight"
)

// newTree returns the tree of the points of a grid, by what coordinates makes of them.
func newTree(points []flight.Point, coordinates func(flight.Point) [3]float64) *tree {
	t := &tree{points: make([]place, len(points))}
	for i, p := range points {
		t.points[i] = place{at: coordinates(p), index: int32(i)}
	}
	inf := math.Inf(1)
	t.halve(0, node{low: [3]float64{-inf, -inf, -inf}, high: [3]float64{inf, inf, inf}, axis: whole, hi: int32(len(points))})
	for i := range t.points {
		s := search{q: t.points[i].at, best: i, away: inf}
		t.others(&s, 0)
		t.points[i].alone = 0.2499 * s.away
	}
	return t
}

// others looks through a node, and all below it, for the point that is nearest to the best of a
// search, and leaves that as it is.
func (t *tree) others(s *search, i int) {
	n := &t.nodes[i]
	if n.axis == whole {
		for k := int(n.lo); k < int(n.hi); k++ {
			if k != s.best {
				s.away = min(s.away, apart(&s.q, &t.points[k].at))
			}
		}
		return
	}
	near, far, away := n.children(i, s)
	t.others(s, near)
	if away <= s.away {
		t.others(s, far)
	}
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

// pick moves the points between lo and hi so that the one at mid has its place by the axis, with
// none larger before it and none smaller behind (Hoare's selection). Of equal ones the smaller
// number comes first.
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

// spacing returns how far a point is from the next where that is farthest.
func (t *tree) spacing() float64 {
	most := 0.0
	for i := range t.points {
		most = max(most, t.points[i].alone)
	}
	return math.Sqrt(most / 0.2499)
}
