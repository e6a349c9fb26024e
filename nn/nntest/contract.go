package nntest

import (
	"fmt"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/nn"
)

// TestOp tests an operation, with inputs of the given shapes, against the
// contract. Operations with several inputs need inputs of equal height, width and
// number of steps.
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
		for k, n := range []int{1, 7, v.largest} {
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

func variants(op nn.Op, in []nn.Shape) []variant {
	if e, ok := op.(nn.Embedding); ok {
		return embeddingVariants(e, in[0])
	}
	entropy, squares := nn.CrossEntropy{}, nn.MSE{}
	vs := []variant{
		{name: "input", graph: build(in, readsInput(op), false), loss: entropy, largest: 19},
		{name: "chain", graph: build(in, chain(op), true), loss: entropy, largest: 35}, // more than a panel of any kernel
		{name: "smooth", graph: build(in, smooth(op), true), loss: squares, largest: 19},
		{name: "shared", graph: build(in, shared(op), true), loss: entropy, largest: 19},
		{name: "branch", graph: build(in, branch(op), true), loss: entropy, largest: 19},
	}
	switch op.(type) {
	case nn.Conv2D, nn.Linear, nn.BatchNorm, nn.Residual:
		vs = append(vs, variant{name: "rectified", graph: build(in, rectified(op), true), loss: squares, largest: 19})
	}
	if l, ok := op.(nn.Linear); ok && in[0] == nn.Vec(in[0].C) {
		vs = append(vs, variant{name: "sparse", graph: sparseGraph(l, in[0]), loss: entropy, largest: 19})
	}
	for k := range in {
		if len(in) > 1 {
			vs = append(vs, variant{name: fmt.Sprintf("active%d", k), graph: build(in, oneActive(op, k, in[k]), false), loss: entropy, largest: 19})
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

// A middle adds the part of a network between its first and its last layer.
type middle func(b *builder, inputs []int) int

func readsInput(op nn.Op) middle {
	return func(b *builder, inputs []int) int { return b.g.add("op", op, inputs...) }
}

// chain puts the operation after a dense layer or a convolution, in place of which it may work.
func chain(op nn.Op) middle {
	return func(b *builder, inputs []int) int {
		return b.g.add("tanh", nn.Tanh{}, b.g.add("op", op, inputs...))
	}
}

// rectified puts a ReLU after the operation, which works in place or is fused.
func rectified(op nn.Op) middle {
	return func(b *builder, inputs []int) int {
		return b.g.add("relu", nn.ReLU{}, b.g.add("op", op, inputs...))
	}
}

// smooth puts the operation after one whose rules read its own output.
func smooth(op nn.Op) middle {
	return func(b *builder, inputs []int) int {
		for k, x := range inputs {
			inputs[k] = b.g.add(fmt.Sprintf("tanh%d", k), nn.Tanh{}, x)
		}
		return b.g.add("erf", nn.Erf{}, b.g.add("op", op, inputs...))
	}
}

// shared lets another operation read the operation's input later.
func shared(op nn.Op) middle {
	return func(b *builder, inputs []int) int {
		y := b.g.add("op", op, inputs...)
		b.aside = b.head("aside", inputs[0])
		return y
	}
}

// oneActive gives the operation one input that depends on parameters.
func oneActive(op nn.Op, k int, s nn.Shape) middle {
	return func(b *builder, inputs []int) int {
		if inputs[k] == 0 {
			inputs[k] = b.feed(k, s)
		}
		return b.g.add("op", op, inputs...)
	}
}

// branch has three readers of its first input: twice the operation, and a dense layer in
// between, so that the operation once overwrites its input's adjoint and once adds to it.
func branch(op nn.Op) middle {
	return func(b *builder, inputs []int) int {
		inputs[0] = b.g.add("curved", nn.Tanh{}, inputs[0])
		first := b.g.add("op1", op, inputs...)
		b.aside = b.head("aside", inputs[0])
		second := b.g.add("op2", op, inputs...)
		sum := b.g.add("sum", nn.Residual{}, first, second)
		return b.g.add("tanh", nn.Tanh{}, sum)
	}
}

// A builder makes a graph around an operation.
type builder struct {
	g     *graph
	aside int // a further output, to be added to the last layer's
}

// build makes the network input → (dense or convolution, if active) → middle →
// dense.
func build(in []nn.Shape, add middle, active bool) *graph {
	b := &builder{g: newGraph(in[0])}
	inputs := make([]int, len(in))
	for k, s := range in {
		if active || s != in[0] {
			inputs[k] = b.feed(k, s)
		}
	}
	y := b.head("head", add(b, inputs))
	switch {
	case b.aside == 0:
	case b.g.nodes[y].shape == b.g.nodes[b.aside].shape:
		b.g.add("total", nn.Residual{}, y, b.aside)
	default:
		b.g.output("main", y)
		b.g.output("aside", b.aside)
	}
	return b.g
}

// feed adds a node of shape s that depends on parameters.
func (b *builder) feed(k int, s nn.Shape) int {
	x := b.g.nodes[0].shape
	if x.H != s.H || x.W != s.W || x.T != s.T {
		panic(fmt.Sprintf("nntest: inputs of shapes %v and %v", x, s))
	}
	name := fmt.Sprintf("feed%d", k)
	if s.H == 1 && s.W == 1 {
		return b.g.add(name, nn.Linear{Units: s.C}, 0)
	}
	if s.C > 8 {
		return b.g.add(name, nn.Conv2D{Filters: s.C, K: 1}, 0) // to save time
	}
	return b.g.add(name, nn.Conv2D{Filters: s.C, K: 3, Pad: 1}, 0)
}

func (b *builder) head(name string, x int) int {
	if s := b.g.nodes[x].shape; s.H > 1 || s.W > 1 {
		x = b.g.add(name+"flatten", nn.Flatten{}, x)
	}
	return b.g.add(name, nn.Linear{Units: classes}, x)
}
