package nntest

import (
	"math"

	"breakeven/nn"
)

// A graph is a network and the twin that computes it by reference.
type graph struct {
	net   *nn.Network
	nodes []vertex // none: there is no twin
}

func (g *graph) hasTwin() bool { return len(g.nodes) > 0 }

type vertex struct {
	op    nn.Op
	in    []int
	node  nn.Node
	shape nn.Shape
}

func newGraph(input nn.Shape) *graph {
	net, x := nn.NewNetwork(input)
	return &graph{net, []vertex{{node: x, shape: input}}}
}

// add appends an operation and returns its number; the input is number 0.
func (g *graph) add(name string, op nn.Op, in ...int) int {
	nodes, shapes := make([]nn.Node, len(in)), g.shapes(in)
	for i, k := range in {
		nodes[i] = g.nodes[k].node
	}
	g.nodes = append(g.nodes, vertex{op, in, g.net.Add(name, op, nodes...), op.Out(shapes...)})
	return len(g.nodes) - 1
}

func (g *graph) shapes(in []int) []nn.Shape {
	shapes := make([]nn.Shape, len(in))
	for i, k := range in {
		shapes[i] = g.nodes[k].shape
	}
	return shapes
}

// answers are what the twin says about a batch: the outputs [n, classes], the
// sum of the losses, the same with the outputs made linear in the parameters (so
// that its mixed derivative is that of the Gauss-Newton matrix), and the kinks.
type answers struct {
	outputs      []hyper
	loss, linear hyper
	switches
}

// run computes the twin on n examples. Theta carries the directions.
func (g *graph) run(s nn.Settings, x []float32, labels []int32, theta []hyper, state []float32) answers {
	n := len(labels)
	a := answers{switches: switches{margin: math.Inf(1)}}
	results := make([]images, len(g.nodes))
	results[0] = newImages(n, g.net.Input)
	for i, v := range x {
		results[0].x[i] = constant(float64(v))
	}
	for k, nd := range g.nodes[1:] {
		var in []images
		for _, i := range nd.in {
			in = append(in, results[i])
		}
		var ps [][]hyper
		for _, p := range nd.op.Params(g.shapes(nd.in)...) {
			ps = append(ps, theta[:p.Size()])
			theta = theta[p.Size():]
		}
		var stats []float32
		if _, ok := nd.op.(nn.BatchNorm); ok {
			if s.Inference {
				stats = state
			}
			state = state[2*nd.shape.C:]
		}
		results[k+1] = reference(nd.op, ps, stats, nd.shape, in, &a.switches)
	}
	a.outputs = results[len(results)-1].x
	a.sumLosses(s.Loss, labels)
	return a
}

func (a *answers) sumLosses(loss nn.Loss, labels []int32) {
	classes := len(a.outputs) / len(labels)
	for i, label := range labels {
		z := a.outputs[i*classes : (i+1)*classes]
		a.loss = a.loss.plus(lossOf(loss, z, label))
		flat := make([]hyper, classes)
		for c, v := range z {
			flat[c] = hyper{v: v.v, a: v.a, b: v.b}
		}
		a.linear = a.linear.plus(lossOf(loss, flat, label))
	}
}
