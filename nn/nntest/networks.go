package nntest

import (
	"fmt"
	"slices"

	"breakeven/nn"
)

// A middle adds the part of a network between its first and its last layer.
type middle func(b *builder, inputs []int) int

func readsInput(op nn.Op) middle {
	return func(b *builder, inputs []int) int { return b.apply("op", op, inputs) }
}

// chain puts the operation after a dense layer or a convolution, in place of which it may work.
func chain(op nn.Op) middle {
	return func(b *builder, inputs []int) int {
		return b.g.add("tanh", nn.Tanh{}, b.apply("op", op, inputs))
	}
}

// rectified puts a ReLU after the operation, which works in place or is fused.
func rectified(op nn.Op) middle {
	return func(b *builder, inputs []int) int {
		return b.g.add("relu", nn.ReLU{}, b.apply("op", op, inputs))
	}
}

// smooth puts the operation after one whose rules read its own output.
func smooth(op nn.Op) middle {
	return func(b *builder, inputs []int) int {
		for k, x := range inputs {
			inputs[k] = b.g.add(fmt.Sprintf("tanh%d", k), nn.Tanh{}, x)
		}
		return b.g.add("erf", nn.Erf{}, b.apply("op", op, inputs))
	}
}

// shared lets another operation read the operation's input later.
func shared(op nn.Op) middle {
	return func(b *builder, inputs []int) int {
		y := b.apply("op", op, inputs)
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
		return b.apply("op", op, inputs)
	}
}

// branch has three readers of its first input: twice the operation, and a dense layer in
// between, so that the operation once overwrites its input's adjoint and once adds to it.
func branch(op nn.Op) middle {
	return func(b *builder, inputs []int) int {
		inputs[0] = b.g.add("curved", nn.Tanh{}, inputs[0])
		first := b.apply("op1", op, inputs)
		b.aside = b.head("aside", inputs[0])
		second := b.apply("op2", op, inputs)
		sum := b.g.add("sum", nn.Residual{}, first, second)
		return b.g.add("tanh", nn.Tanh{}, sum)
	}
}

// A builder makes a graph around an operation.
type builder struct {
	g     *graph
	fixed []int // inputs of the network that the operation reads behind the others
	aside int   // a further output, to be added to the last layer's
}

// apply adds the operation.
func (b *builder) apply(name string, op nn.Op, inputs []int) int {
	return b.g.add(name, op, slices.Concat(inputs, b.fixed)...)
}

// split returns the shapes of the inputs that may depend on parameters, and of those that may not.
func split(op nn.Op, in []nn.Shape) (free, fixed []nn.Shape) {
	switch op := op.(type) {
	case nn.Attention:
		if op.Masked != nil {
			return in[:3], in[3:]
		}
	case nn.MeanSteps, nn.SumSteps, nn.MaxSteps:
		return in[:1], in[1:]
	}
	return in, nil
}

// build makes the network input → (dense or convolution, if active) → middle →
// dense.
func build(in, fixed []nn.Shape, add middle, active bool) *graph {
	b := &builder{g: newGraph(in[0])}
	for k, s := range fixed {
		b.fixed = append(b.fixed, b.g.input(nn.Input{Name: fmt.Sprintf("fixed%d", k), Shape: s}))
	}
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
