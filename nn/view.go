package nn

import "fmt"

// A view is a parameter whose number i is number index[i] of another parameter. The numbers of all
// views follow each other in a vector of their own.
type view struct {
	Param
	of    Param
	index []int32
}

// AddParam appends a parameter that no operation reads yet. Operations that are added later share
// it, or views of it.
func (n *Network) AddParam(p Param) {
	p.Offset = n.dim
	n.dim += p.Size()
	n.params = append(n.params, p)
	n.claim("tensor", p.Name)
}

// AddView adds a view of an earlier parameter: a parameter of the given name and shape, whose
// number i is number index[i] of that parameter, and which operations can share as any other (see
// [Network.AddSharing]). A view adds nothing to the parameters of the network; its gradient is added
// to that of the numbers that it reads. The network keeps index, whose numbers differ unless they are 32,768 or fewer.
func (n *Network) AddView(name string, shape []int, of string, index []int32) {
	v := view{Param: Param{Name: name, Shape: shape, Offset: n.viewed, view: len(n.views) + 1}, index: index}
	found := false
	for _, p := range n.params {
		if p.Name == of {
			v.of, found = p, true
		}
	}
	if !found || len(index) != v.Size() {
		panic(fmt.Sprintf("nn: view %s of %v: %d places of parameter %q", name, shape, len(index), of))
	}
	taken, alone := make([]bool, v.of.Size()), len(index) <= viewPiece // that one task adds up
	for i, at := range index {
		if at < 0 || int(at) >= len(taken) || taken[at] && !alone {
			panic(fmt.Sprintf("nn: view %s: number %d is number %d of the %d of %s, or another one is it, too", name, i, at, len(taken), of))
		}
		taken[at] = true
	}
	n.views = append(n.views, v)
	n.viewed += v.Size()
	n.claim("tensor", name)
}

// A vector has a number for each parameter: those of the network, those of its views, and those that are frozen, which lie
// as in the state vector. A frozen number has no tangent, and what is written as its gradient is never read.
type vector struct{ own, viewed, frozen []float32 }

// source returns the numbers of what a view reads.
func (v vector) source(of Param) []float32 {
	if of.Frozen {
		return v.frozen[of.Offset:]
	}
	return v.own[of.Offset:]
}

// vectors returns the memory that the plan has itself of the parameters, of their tangent and of their gradient, in numbers.
func (p *Plan) vectors() int64 {
	viewed, more := int64(p.net.viewed), int64(p.net.viewed+len(p.net.frozen))
	numbers := viewed
	if p.settings.Tangents {
		numbers += more
	}
	if !p.settings.Evaluate {
		numbers += more
	}
	return numbers
}

// allocateVectors allocates it.
func (p *Plan) allocateVectors() {
	viewed, frozen := p.net.viewed, len(p.net.frozen)
	p.theta.viewed, p.theta.frozen = make([]float32, viewed), p.net.frozen
	if p.settings.Tangents {
		p.v.viewed, p.v.frozen = make([]float32, viewed), make([]float32, frozen)
	}
	if !p.settings.Evaluate {
		p.dst.viewed, p.dst.frozen = make([]float32, viewed), make([]float32, frozen)
	}
}

// viewPiece is how many numbers of a view a task gathers or scatters.
const viewPiece = 1 << 15

// overViews returns a phase that calls f for each piece of the given views.
func overViews(views []view, f func(v *view, lo, hi int)) phase {
	type piece struct{ view, lo int }
	var pieces []piece
	for k, v := range views {
		for lo := 0; lo < len(v.index); lo += viewPiece {
			pieces = append(pieces, piece{k, lo})
		}
	}
	return phase{node: -1, tasks: func() int { return len(pieces) }, run: func(task, _ int) {
		v, lo := &views[pieces[task].view], pieces[task].lo
		f(v, lo, min(lo+viewPiece, len(v.index)))
	}}
}

// gatherViews returns the phase that reads the numbers of all views in a vector.
func (p *Plan) gatherViews(of *vector) []phase {
	if len(p.net.views) == 0 {
		return nil
	}
	return []phase{overViews(p.net.views, func(v *view, lo, hi int) {
		from, to := of.source(v.of), of.viewed[v.Offset:]
		for i, at := range v.index[lo:hi] {
			to[lo+i] = from[at]
		}
	})}
}

// scatterViews returns the phases that add the gradients of views to those of the numbers that they
// read. Two views of one parameter take turns.
func (p *Plan) scatterViews() []phase {
	if len(p.net.views) == 0 && len(p.unread) == 0 {
		return nil
	}
	phases := []phase{{node: -1, tasks: func() int { return len(p.unread) }, run: func(task, _ int) {
		if q := p.unread[task]; !p.acc {
			clear(p.dst.own[q.Offset : q.Offset+q.Size()])
		}
	}}}
	var turns [][]view
	count := map[int]int{}
	for _, v := range p.net.views {
		if v.of.Frozen {
			continue
		}
		turn := count[v.of.Offset]
		count[v.of.Offset]++
		if turn == len(turns) {
			turns = append(turns, nil)
		}
		turns[turn] = append(turns[turn], v)
	}
	for _, views := range turns {
		phases = append(phases, overViews(views, func(v *view, lo, hi int) {
			to, from := p.dst.own[v.of.Offset:], p.dst.viewed[v.Offset:]
			for i, at := range v.index[lo:hi] {
				to[at] += from[lo+i]
			}
		}))
	}
	return phases
}

// findUnread finds the parameters that no operation has: their gradient is that of their views.
func (p *Plan) findUnread() {
	read := map[int]bool{}
	for _, nd := range p.net.nodes {
		for _, q := range nd.params {
			if q.own() {
				read[q.Offset] = true
			}
		}
	}
	for _, q := range p.net.params {
		if !read[q.Offset] && q.Size() > 0 {
			p.unread = append(p.unread, q)
		}
	}
}
