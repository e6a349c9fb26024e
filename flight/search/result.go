package search

import (
	"cmp"
	"math"
	"slices"

	"breakeven/flight"
	"breakeven/flight/filter"
)

// moves returns the beams of step t, flight by flight.
func (r *run) moves(t int) []Move {
	r.list = r.list[:0]
	for i := range r.trees {
		tree := &r.trees[i]
		if tree.diverged {
			continue
		}
		from := tree.first
		tree.first = len(r.list)
		for b := range tree.nodes[t] {
			n := &tree.nodes[t][b]
			r.list = append(r.list, Move{Flight: i, From: from + n.parent, State: r.state(tree, t, &n.Filtered)})
		}
	}
	return r.list
}

// state returns what is known after step t.
func (r *run) state(tree *tree, t int, g *filter.Gaussian) flight.State {
	x := *g
	x.Mean[1] = near(x.Mean[1], 0)
	if tree.level {
		unknown(&x, math.NaN(), math.NaN())
	}
	return flight.State{Time: tree.time + float64(t+1)*r.Filter.Step, Mean: x.Mean, Cov: x.Cov}
}

// results returns the tracks of the beams that are left, by falling score.
func (r *run) results() []Result {
	all := make([]Result, len(r.trees))
	for i := range r.trees {
		tree := &r.trees[i]
		if tree.diverged {
			all[i].Err = ErrDiverged
			continue
		}
		for b := range tree.nodes[len(tree.nodes)-1] {
			all[i].Alternatives = append(all[i].Alternatives, r.track(tree, b))
		}
		slices.SortStableFunc(all[i].Alternatives, func(a, b flight.Alternative) int { return cmp.Compare(b.Score, a.Score) })
	}
	return all
}

// track returns the track of a beam of the last step.
func (r *run) track(tree *tree, beam int) flight.Alternative {
	steps := make([]filter.Step, r.Steps)
	a := flight.Alternative{Score: tree.nodes[r.Steps-1][beam].score, States: make([]flight.State, r.Steps)}
	for t := r.Steps - 1; t >= 0; t-- {
		n := &tree.nodes[t][beam]
		steps[t], beam = n.Step, n.parent
	}
	switch {
	case r.Unfiltered || !r.Smooth:
	case r.SmoothByOne:
		r.Filter.SmoothByOne(steps)
	default:
		r.Filter.Smooth(steps)
	}
	for t := range steps {
		a.States[t] = r.state(tree, t, &steps[t].Filtered)
	}
	return a
}
