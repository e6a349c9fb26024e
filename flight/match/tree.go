package match

import "unsafe"

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
	leaf  int32   // the node that has it and is not halved
	alone float64 // square of half the way to the next point: what is nearer than that has no other nearer
}

// A node is a range of points, all of which lie between two corners. So does every point of the
// tree between these.
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

// bytes returns the memory of the tree.
func (t *tree) bytes() int64 {
	return int64(cap(t.points))*int64(unsafe.Sizeof(place{})) + int64(cap(t.nodes))*int64(unsafe.Sizeof(node{}))
}

// A search is the best point so far.
type search struct {
	q     [3]float64
	best  int     // where it stands in points
	index int32   // its number in the grid, or -1 for a guess that is not below the limit
	away  float64 // the square of its distance, or the limit
}

// nearest returns where in points the nearest to q stands, and the square of its distance, if that
// is below a limit; else the guess and the limit. Of equally near points it is the one with the
// smallest number in the grid. The search begins at the leaf of a guess and goes up, until a node
// has all that could be nearer: cells of a cube lie close together.
func (t *tree) nearest(q *[3]float64, guess int, limit float64) (best int, away float64) {
	p := &t.points[guess]
	away = apart(q, &p.at)
	s := search{*q, guess, p.index, away}
	if away >= limit {
		s.index, s.away = -1, limit
	}
	if away < p.alone {
		return s.best, s.away
	}
	i := int(p.leaf)
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

// children returns the half of node i that has the place of a search, the other half, and the
// square of the distance to the plane between them.
func (n *node) children(i int, s *search) (near, far int, away float64) {
	d := s.q[n.axis] - n.split
	if near, far = 2*i+1, 2*i+2; d >= 0 {
		near, far = far, near
	}
	return near, far, d * d
}

// descend looks through a node and all below it.
func (t *tree) descend(s *search, i int) {
	n := &t.nodes[i]
	if n.axis == whole {
		t.scan(s, n)
		return
	}
	near, far, away := n.children(i, s)
	t.descend(s, near)
	if away <= s.away {
		t.descend(s, far)
	}
}

// scan looks through the points of a leaf.
func (t *tree) scan(s *search, n *node) {
	for i := int(n.lo); i < int(n.hi); i++ {
		p := &t.points[i]
		if d := apart(&s.q, &p.at); d < s.away || d == s.away && p.index < s.index {
			s.best, s.index, s.away = i, p.index, d
		}
	}
}

// apart returns the square of the distance of two points.
func apart(a, b *[3]float64) float64 {
	x, y, z := a[0]-b[0], a[1]-b[1], a[2]-b[2]
	return x*x + y*y + z*z
}
