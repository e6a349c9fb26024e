package nntest

import (
	"fmt"
	"testing"

	"breakeven/nn"
)

// TestOp tests an operation, with inputs of the given shapes, against the
// contract. Operations with several inputs need inputs of equal height and
// width.
func TestOp(t *testing.T, op nn.Op, in ...nn.Shape) {
	t.Helper()
	for _, v := range variants(op, in) {
		for _, loss := range []nn.Loss{nn.CrossEntropy{}, nn.MSE{}} {
			if v.name != "chain" && loss != (nn.CrossEntropy{}) {
				continue
			}
			t.Run(v.name+"/"+loss.Name(), func(t *testing.T) { testNetwork(t, v.graph.net, v.graph, loss) })
		}
	}
}

// TestNetwork tests a whole network against the contract, except for the
// comparison with a twin in float64. The network should be small.
func TestNetwork(t *testing.T, net *nn.Network) {
	t.Helper()
	testNetwork(t, net, nil, nn.CrossEntropy{})
}

func testNetwork(t *testing.T, net *nn.Network, g *graph, loss nn.Loss) {
	modes := []bool{false}
	if net.HasBatchStatistics() {
		modes = []bool{false, true}
	}
	for _, inference := range modes {
		for k, n := range []int{1, 7, 19} { // a shard is up to 16 examples
			if n == 1 && net.HasBatchStatistics() && !inference {
				n = 2 // a batch norm after global pooling needs two
			}
			name := fmt.Sprintf("n=%d", n)
			if inference {
				name += "/inference"
			}
			t.Run(name, func(t *testing.T) {
				tr := newTrial(t, net, g, nn.Settings{Batch: n, Loss: loss, Inference: inference, Tangents: true}, uint64(k))
				tr.all()
			})
		}
	}
}

func (tr *trial) all() {
	if tr.graph != nil {
		tr.twin()
	}
	tr.differences()
	tr.transpose()
	tr.symmetry()
	tr.gaussNewton()
	if tr.plan(tr.n).PerExample() {
		tr.exampleGradients()
		tr.exampleCurvatures()
	} else {
		tr.noExamples()
	}
	tr.accumulation()
	tr.tapes()
	tr.capacity()
	tr.history()
	tr.cores()
	tr.allocations()
}

type variant struct {
	name  string
	graph *graph
}

const classes = 4

// variants are small networks around an operation.
func variants(op nn.Op, in []nn.Shape) []variant {
	vs := []variant{
		{"input", build(op, in, func(b *builder, inputs []int) int {
			return b.g.add("op", op, inputs...)
		}, false)},
		{"chain", build(op, in, func(b *builder, inputs []int) int {
			y := b.g.add("op", op, inputs...)
			return b.g.add("tanh", nn.Tanh{}, y)
		}, true)},
		{"branch", build(op, in, branch(op), true)},
	}
	for k := range in {
		if len(in) > 1 {
			vs = append(vs, variant{fmt.Sprintf("active%d", k), build(op, in, func(b *builder, inputs []int) int {
				inputs[k] = b.feed(k, in[k])
				return b.g.add("op", op, inputs...)
			}, false)})
		}
	}
	return vs
}

// branch uses the first input four times: twice by the operation, once by a
// dense layer between these two, once by another operation after both, so that
// each of them both writes and adds to its adjoint in some position.
func branch(op nn.Op) func(b *builder, inputs []int) int {
	return func(b *builder, inputs []int) int {
		inputs[0] = b.g.add("bend", nn.Tanh{}, inputs[0])
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
	aside int // another output to be added to the head's
}

// build makes the network input → (dense or convolution, if active) → middle →
// dense.
func build(op nn.Op, in []nn.Shape, middle func(b *builder, inputs []int) int, active bool) *graph {
	b := &builder{g: newGraph(in[0])}
	inputs := make([]int, len(in))
	for k, s := range in {
		if active || s != in[0] {
			inputs[k] = b.feed(k, s)
		}
	}
	y := b.head("head", middle(b, inputs))
	if b.aside != 0 {
		b.g.add("total", nn.Residual{}, y, b.aside)
	}
	return b.g
}

// feed adds a node of shape s that depends on parameters.
func (b *builder) feed(k int, s nn.Shape) int {
	x := b.g.nodes[0].shape
	if x.H != s.H || x.W != s.W {
		panic(fmt.Sprintf("nntest: inputs of shapes %v and %v", x, s))
	}
	name := fmt.Sprintf("feed%d", k)
	if s == nn.Vec(s.C) {
		return b.g.add(name, nn.Linear{Units: s.C}, 0)
	}
	return b.g.add(name, nn.Conv2D{Filters: s.C, K: 3, Pad: 1}, 0)
}

func (b *builder) head(name string, x int) int {
	if s := b.g.nodes[x].shape; s != nn.Vec(s.C) {
		x = b.g.add(name+"flatten", nn.Flatten{}, x)
	}
	return b.g.add(name, nn.Linear{Units: classes}, x)
}
