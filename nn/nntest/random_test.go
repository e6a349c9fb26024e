package nntest

import (
	"fmt"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/nn"
	"breakeven/rng"
)

// randomGraph makes a network of count random operations on images and then on
// vectors, each on a random earlier node of the kind, so that there are branches,
// sums, and ends that lead nowhere; the last node is read by a dense layer.
func randomGraph(r *rng.Stream, count int, norms bool) *graph {
	g := newGraph(nn.Shape{C: 2, H: 6, W: 6})
	pick := func(fits func(s nn.Shape) bool) (x int, ok bool) {
		var all []int
		for k, nd := range g.nodes {
			if fits(nd.shape) {
				all = append(all, k)
			}
		}
		if len(all) == 0 {
			return 0, false
		}
		return all[max(r.IntN(len(all)), r.IntN(len(all)))], true // more likely a late one
	}
	// Values that a ReLU has made may be exactly 0, at the kink of another ReLU.
	var rectified func(k int) bool
	rectified = func(k int) bool {
		switch nd := g.nodes[k]; nd.op.(type) {
		case nn.ReLU:
			return true
		case nn.MaxPool, nn.AvgPool, nn.Flatten, nn.Residual:
			return rectified(nd.in[0]) && rectified(nd.in[len(nd.in)-1])
		}
		return false
	}
	image := func(s nn.Shape) bool { return s.H > 1 }
	large := func(s nn.Shape) bool { return s.H > 3 }
	vector := func(s nn.Shape) bool { return s.H == 1 }
	normed := 0
	add := func(k int, op nn.Op, fits func(nn.Shape) bool) {
		x, ok := pick(fits)
		if _, relu := op.(nn.ReLU); ok && !(relu && rectified(x)) {
			g.add(fmt.Sprint("op", k), op, x)
		}
	}
	step := func(k int, kind func(nn.Shape) bool, others ...func()) {
		switch choice := r.IntN(5 + len(others)); choice {
		case 0, 1:
			add(k, nn.ReLU{}, kind)
		case 2:
			add(k, nn.Tanh{}, kind)
		case 3:
			if x, ok := pick(kind); ok {
				y, _ := pick(func(s nn.Shape) bool { return s == g.nodes[x].shape })
				g.add(fmt.Sprint("op", k), nn.Residual{}, x, y)
			}
		case 4:
			if norms && normed < 2 {
				normed++
				add(k, nn.BatchNorm{}, func(s nn.Shape) bool { return kind(s) && s.Size() > s.C })
			}
		default:
			others[choice-5]()
		}
	}
	for k := range count {
		conv := func() { add(k, nn.Conv2D{Filters: 2 + r.IntN(3), K: 3, Pad: 1}, image) }
		step(k, image, conv, conv, conv, func() { add(k, nn.MaxPool{K: 2}, large) }, func() { add(k, nn.AvgPool{K: 2}, large) })
	}
	x, _ := pick(image)
	g.add("flatten", nn.Flatten{}, x)
	for k := range count / 2 {
		dense := func() { add(count+k, nn.Linear{Units: 5 + r.IntN(2)}, vector) }
		step(count+k, vector, dense, dense, dense)
	}
	x, _ = pick(vector)
	g.add("out", nn.Linear{Units: classes}, x)
	return g
}

// What a plan keeps and which memory it uses again depends on the whole graph: all
// passes of random graphs agree with their twins, on plans of every kind.
func TestRandomGraphs(t *testing.T) {
	graphs := 60
	if !testenv.Whole() {
		graphs = 15
	}
	run := 0
	for k := range graphs {
		r := rng.New(uint64(k), "nntest/graphs")
		norms := k%3 == 0
		g := randomGraph(r, 4+r.IntN(6), norms)
		s := nn.Settings{Batch: 19, Loss: nn.CrossEntropy{}, Adjoints: true, Tangents: true, Inference: norms && k%2 == 0}
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			tr, ok := draw(t, variant{graph: g}, s, uint64(k))
			if !ok {
				t.Skip("every draw stands on a kink")
			}
			run++
			tr.all()
		})
	}
	if run < graphs*9/10 {
		t.Errorf("only %d of %d graphs were computed", run, graphs)
	}
}
