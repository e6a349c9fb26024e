package search

import (
	"cmp"
	"math"
	"slices"

	"breakeven/flight"
	"breakeven/flight/filter"
	"breakeven/tensor"
)

// A node is a state of a beam.
type node struct {
	filter.Step
	parent  int // beam before
	score   float64
	penalty float64 // of this step
}

// A tree is all beams of a flight.
type tree struct {
	start    filter.Gaussian
	time     float64
	level    bool     // the altitude is unknown, and taken for 0
	nodes    [][]node // by step and beam
	first    int      // place of its first beam among the moves
	diverged bool
}

// A run is a search.
type run struct {
	Options
	trees    []tree
	density  [][]Component // by move
	list     []Move
	workers  int
	children [][]node // by worker
	order    [][]int  // by worker
}

func newRun(last []flight.State, o Options) *run {
	if o.Steps < 1 || o.Beams < 1 || o.Components < 1 {
		panic("search: no steps, beams or components")
	}
	r := &run{Options: o, trees: make([]tree, len(last)), workers: tensor.Workers()}
	for i, x := range last {
		t := &r.trees[i]
		t.first, t.time, t.level = i, x.Time, math.IsNaN(x.Mean[2])
		if t.level {
			x.Mean[2] = 0
		}
		t.start = filter.Known(x.Mean)
		t.nodes = make([][]node, 0, o.Steps)
	}
	components := make([]Component, len(last)*o.Beams*o.Components)
	r.density = make([][]Component, len(last)*o.Beams)
	for i := range r.density {
		r.density[i] = components[i*o.Components : (i+1)*o.Components]
	}
	r.children, r.order = make([][]node, r.workers), make([][]int, r.workers)
	return r
}

// expand makes step t of all flights.
func (r *run) expand(t int) {
	tensor.ParallelOn(r.workers, len(r.trees), func(i, worker int) {
		tree := &r.trees[i]
		if tree.diverged {
			return
		}
		children := r.childrenOf(tree, t, r.children[worker][:0])
		order := r.order[worker][:0]
		for k := range children {
			order = append(order, k)
		}
		if len(order) > r.Beams {
			slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(children[b].score, children[a].score) })
			order = order[:r.Beams]
		}
		beams := make([]node, len(order))
		for b, k := range order {
			beams[b] = children[k]
		}
		tree.nodes = append(tree.nodes, beams)
		tree.diverged = len(beams) == 0
		r.children[worker], r.order[worker] = children, order
	})
}

// childrenOf appends the candidates for step t of a flight.
func (r *run) childrenOf(tree *tree, t int, children []node) []node {
	parents := 1
	if t > 0 {
		parents = len(tree.nodes[t-1])
	}
	all := !r.Unpruned || parents*r.Components <= r.Beams
	for b := range parents {
		density := r.density[tree.first+b]
		if all {
			for k := range density {
				children = r.child(tree, t, b, &density[k], true, children)
			}
			continue
		}
		best := 0
		for k := range density {
			if r.gain(&density[k]) > r.gain(&density[best]) {
				best = k
			}
		}
		children = r.child(tree, t, b, &density[best], false, children)
	}
	return children
}

// gain is what a component adds to the score, without a penalty.
func (r *run) gain(c *Component) float64 { return r.Weight*c.LogWeight + (1-r.Weight)*c.LogPeak }

// child appends the child of beam parent, before step t, that a component makes; or none if it
// is not a number.
func (r *run) child(tree *tree, t, parent int, c *Component, onTime bool, children []node) []node {
	before := node{Step: filter.Step{Filtered: tree.start}}
	if t > 0 {
		before = tree.nodes[t-1][parent]
	}
	n := node{parent: parent, score: before.score + r.gain(c)}
	z := c.Gaussian
	z.Mean[1] = near(z.Mean[1], before.Filtered.Mean[1])
	if tree.level {
		unknown(&z, 0, 1)
	}
	if r.Unfiltered {
		n.Predicted, n.Filtered = z, z
	} else {
		n.penalty = r.Filter.Advance(&n.Step, &before.Filtered, &z)
	}
	if onTime || !r.LatePenalty {
		n.score += n.penalty
	} else {
		n.score += before.penalty
	}
	if !finite(n.score) || !finite(n.Filtered.Mean[:]...) {
		return children
	}
	return append(children, n)
}

// near returns longitude x, plus the turns that bring it near to another.
func near(x, to float64) float64 { return to + math.Remainder(x-to, 360) }

// unknown sets an altitude that depends on nothing.
func unknown(g *filter.Gaussian, mean, variance float64) {
	g.Mean[2] = mean
	for j := range filter.Dim {
		g.Cov[2][j], g.Cov[j][2] = 0, 0
	}
	g.Cov[2][2] = variance
}

func finite(xs ...float64) bool {
	for _, x := range xs {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}
