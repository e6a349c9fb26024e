package nn

import (
	"slices"

	"breakeven/tensor"
)

// Sharing says how operations with common parameters take turns: their gradients are added
// up, one operation after the other, and so are the gradients of a single example.
type sharing struct {
	turn  []int    // by node: when it writes its parameters' gradients
	turns int      // how many turns there are
	adds  [][]bool // by node and parameter: an earlier operation has written its gradient
	joint []bool   // by node: it shares parameters with another one
}

// sharing finds the turns.
func (n *Network) sharing() sharing {
	s := sharing{make([]int, len(n.nodes)), 1, make([][]bool, len(n.nodes)), make([]bool, len(n.nodes))}
	type place struct {
		viewed, frozen bool
		offset         int
	}
	last := map[place]int{} // the last node that has the parameter
	for id, nd := range n.nodes {
		s.adds[id] = make([]bool, len(nd.params))
		for k, p := range nd.params {
			if before, ok := last[place{p.view > 0, p.Frozen, p.Offset}]; ok {
				s.adds[id][k], s.joint[id], s.joint[before] = true, true, true
				s.turn[id] = max(s.turn[id], s.turn[before]+1)
			}
		}
		for _, p := range nd.params {
			last[place{p.view > 0, p.Frozen, p.Offset}] = id
		}
		s.turns = max(s.turns, s.turn[id]+1)
	}
	n.joinViews(s.joint)
	return s
}

// joinViews marks the nodes with views or frozen parameters, and those with parameters that are read through views.
func (n *Network) joinViews(joint []bool) {
	read := map[int]bool{}
	for _, v := range n.views {
		if !v.of.Frozen {
			read[v.of.Offset] = true
		}
	}
	for id, nd := range n.nodes {
		for _, p := range nd.params {
			joint[id] = joint[id] || !p.own() || read[p.Offset]
		}
	}
}

// jointColumns is how many numbers of an example's gradient in shared parameters are held
// at a time.
const jointColumns = 1 << 13

// A piece is a block of the gradients of an operation that shares parameters, with the range
// of its places.
type piece struct {
	example
	block  int
	lo, hi int
}

// pieces returns the pieces of all operations that share parameters.
func (p *Plan) pieces() []piece {
	var all []piece
	for _, ex := range p.examples() {
		if !p.sharing.joint[ex.id] {
			continue
		}
		for b, size := range ex.sizes {
			places := make([]int, size)
			ex.places(places, b)
			all = append(all, piece{ex, b, slices.Min(places), slices.Max(places) + 1})
		}
	}
	return all
}

// longestPiece returns the length of the longest piece.
func (p *Plan) longestPiece() int {
	most := 0
	for _, ex := range p.examples() {
		if p.sharing.joint[ex.id] {
			most = max(most, slices.Max(ex.sizes))
		}
	}
	return most
}

// jointBytes returns the bytes that joint needs besides the rows of the gradients.
func (p *Plan) jointBytes() int64 { return 12 * int64(p.longestPiece()*tensor.Workers()) }

// joint adds the inner products in the parameters of operations that share some. The
// gradients of an example in all these operations are added up first.
func (g *gram) joint() {
	pieces := g.plan.pieces()
	if len(pieces) == 0 {
		return
	}
	g.plan.takeWorkers()
	workers, most := g.plan.workers, g.plan.longestPiece()
	buf, places := make([][]float32, workers), make([][]int, workers)
	for w := range buf {
		buf[w], places[w] = make([]float32, most), make([]int, most)
	}
	for lo := 0; lo < g.plan.net.dim; lo += jointColumns {
		hi := min(lo+jointColumns, g.plan.net.dim)
		here := slices.DeleteFunc(slices.Clone(pieces), func(p piece) bool { return p.hi <= lo || p.lo >= hi })
		if len(here) == 0 {
			continue
		}
		n := hi - lo
		g.eachOn(workers, func(row, i, worker int) {
			dst := g.e[row*n : (row+1)*n]
			clear(dst)
			for _, p := range here {
				size := p.sizes[p.block]
				b, at := buf[worker][:size], places[worker][:size]
				g.plan.fill(b, p.example, i, p.block, p.block+1, worker)
				p.places(at, p.block)
				for j, k := range at {
					if k >= lo && k < hi {
						dst[k-lo] += b[j]
					}
				}
			}
		})
		tensor.Gram(g.dst, g.part, g.rows, n, g.e)
	}
}
