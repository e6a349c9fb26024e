package nntest

import (
	"fmt"
	"slices"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/nn"
)

// TestOp tests an operation, with inputs of the given shapes, against the
// contract. Operations with several inputs need inputs of equal height, width and
// number of steps. The mask of an attention, or of an operation over steps, is an input of the networks.
func TestOp(t *testing.T, op nn.Op, in ...nn.Shape) {
	t.Helper()
	for _, v := range variants(op, in) {
		t.Run(v.name, func(t *testing.T) { testNetwork(t, v) })
	}
}

// TestNetwork tests a whole network against the contract, except for the comparisons with
// a twin in float64 and with finite differences, which must know where the kinks are. The
// network should be small.
func TestNetwork(t *testing.T, net *nn.Network) {
	t.Helper()
	testNetwork(t, variant{graph: &graph{net: net}, loss: nn.CrossEntropy{}, largest: 19})
}

func testNetwork(t *testing.T, v variant) {
	mixing := v.graph.net.Couples()
	modes := []bool{false}
	if mixing {
		modes = []bool{false, true}
	}
	for _, inference := range modes {
		for k, n := range v.batches() {
			if n == 1 && mixing && !inference {
				n = 2 // a single number has no variance
			}
			name := fmt.Sprintf("n=%d", n)
			if inference {
				name += "/inference"
			}
			t.Run(name, func(t *testing.T) {
				s := nn.Settings{Batch: n, Loss: v.loss, Losses: v.losses, Inference: inference, Dropout: true, Adjoints: true, Tangents: true}
				tr := newTrial(t, v, s, uint64(k))
				if !testenv.Race { // it looks at what runs beside each other, which cores has
					tr.all()
				}
				if n == v.largest {
					tr.cores()
					tr.flips()
					tr.stops()
					tr.allocations()
				}
			})
		}
	}
}

func (tr *trial) all() {
	if tr.hasTwin() {
		tr.twin()
		tr.differences()
	}
	tr.transpose()
	tr.symmetry()
	tr.gaussNewton()
	if tr.plan(tr.n).PerExample() {
		tr.exampleGradients()
		tr.exampleCurvatures()
		tr.first()
	} else {
		tr.noExamples()
	}
	tr.blocks()
	if tr.n > 2 && tr.n < 19 || testenv.Whole() {
		tr.frozen()
	}
	tr.accumulation()
	tr.tapes()
	tr.capacity()
	tr.history()
}

// A variant is a small network around an operation.
type variant struct {
	name    string
	graph   *graph
	loss    nn.Loss
	largest int                // batch: at least two shards, which have 16 examples here
	losses  map[string]nn.Loss // of outputs that have another one
	targets int                // number of targets of a batch; 0: one for each output
}

const classes = 4

// batches returns the numbers of examples that a network is tested with: one, less and more than a shard. A network that is
// one of several around an operation has a batch of less than a shard alone if it is no chain, unless nothing is to be left
// out.
func (v variant) batches() []int {
	if v.name == "" || v.name == "chain" || testenv.Whole() {
		return []int{1, 7, v.largest}
	}
	return []int{7}
}

func variants(op nn.Op, in []nn.Shape) []variant {
	if e, ok := op.(nn.Embedding); ok {
		return embeddingVariants(e, in[0])
	}
	if m, ok := op.(nn.TokenMask); ok {
		return []variant{tokenMaskVariant(m, in[0])}
	}
	entropy, squares := nn.CrossEntropy{}, nn.MSE{}
	in, fixed := split(op, in)
	around := func(add middle, active bool) *graph { return build(in, fixed, add, active) }
	vs := []variant{
		{name: "input", graph: around(readsInput(op), false), loss: entropy, largest: 19},
		{name: "chain", graph: around(chain(op), true), loss: entropy, largest: 35}, // more than a panel of any kernel
		{name: "smooth", graph: around(smooth(op), true), loss: squares, largest: 19},
		{name: "shared", graph: around(shared(op), true), loss: entropy, largest: 19},
		{name: "branch", graph: around(branch(op), true), loss: entropy, largest: 19},
	}
	switch op.(type) {
	case nn.Conv2D, nn.Linear, nn.BatchNorm, nn.Residual:
		vs = append(vs, variant{name: "rectified", graph: around(rectified(op), true), loss: squares, largest: 19})
	}
	if l, ok := op.(nn.Linear); ok && in[0] == nn.Vec(in[0].C) {
		vs = append(vs, variant{name: "sparse", graph: sparseGraph(l, in[0]), loss: entropy, largest: 19})
	}
	for k := range in {
		if len(in) > 1 {
			vs = append(vs, variant{name: fmt.Sprintf("active%d", k), graph: around(oneActive(op, k, in[k]), false), loss: entropy, largest: 19})
		}
	}
	return vs
}

// sparseGraph has two dense layers with the same parameters on a sparse input and one with
// its own, whose sum is curved.
func sparseGraph(op nn.Linear, in nn.Shape) *graph {
	g := &graph{net: new(nn.Network)}
	x := g.input(nn.Input{Name: "features", Shape: in, Sparse: true})
	tie := map[string]string{"weight": "op.weight"}
	if !op.NoBias {
		tie["bias"] = "op.bias"
	}
	sum := g.add("sum", nn.Residual{}, g.add("op", op, x), g.sharing("again", op, tie, x))
	y := g.add("tanh", nn.Tanh{}, g.add("more", nn.Residual{}, sum, g.add("other", op, x)))
	(&builder{g: g}).head("head", y)
	return g
}

// tokenMaskVariant is attention on the vectors of tokens, with their mask.
func tokenMaskVariant(m nn.TokenMask, in nn.Shape) variant {
	g := &graph{net: new(nn.Network)}
	tokens := g.input(nn.Input{Name: "tokens", Shape: in, Below: 4})
	x, mask := g.add("vectors", nn.Embedding{Vocabulary: 4, Width: 4}, tokens), g.add("op", m, tokens)
	hidden := slices.Repeat([]float32{-1}, in.T*in.T) // not out of sight, so that each mask is seen in the output
	y := g.add("attention", nn.Attention{Heads: 2, Masked: hidden}, x, x, x, mask)
	b := &builder{g: g}
	b.head("head", g.add("tanh", nn.Tanh{}, y))
	return variant{name: "chain", graph: g, loss: nn.CrossEntropy{}, largest: 19}
}

// embeddingVariants are networks around an embedding, which reads integers: with one, with
// two that read the same integers, and with one that shares its weights with a dense layer.
func embeddingVariants(e nn.Embedding, in nn.Shape) []variant {
	var vs []variant
	tie := map[string]string{"weight": "op.weight"}
	for name, add := range map[string]func(g *graph, x int) int{
		"chain": func(g *graph, x int) int { return g.add("tanh", nn.Tanh{}, g.add("op", e, x)) },
		"twice": func(g *graph, x int) int {
			sum := g.add("sum", nn.Residual{}, g.add("op", e, x), g.sharing("again", e, tie, x))
			return g.add("tanh", nn.Tanh{}, g.add("more", nn.Residual{}, sum, g.add("other", e, x)))
		},
		"tied": func(g *graph, x int) int {
			y := g.add("tanh", nn.Tanh{}, g.add("op", e, x))
			return g.add("wide", nn.Tanh{}, g.sharing("out", nn.Linear{Units: e.Vocabulary}, tie, y))
		},
	} {
		g := &graph{net: new(nn.Network)}
		x := g.input(nn.Input{Name: "tokens", Shape: in, Below: e.Vocabulary})
		b := &builder{g: g}
		b.head("head", add(g, x))
		vs = append(vs, variant{name: name, graph: g, loss: nn.CrossEntropy{}, largest: 19})
	}
	return vs
}
