package nn

import (
	"fmt"
	"math"
)

// An Input is a named input of a network.
type Input struct {
	Name  string
	Shape Shape
	Below int // upper bound of its integers, exclusive; 0: it holds float numbers
	// Sparse says that the examples are rows of a sparse matrix, for which Shape is a vector.
	Sparse bool
}

// An Output is a named output of a network.
type Output struct {
	Name  string
	Shape Shape
}

type output struct {
	name string
	node int
}

// AddInput appends an input.
func (n *Network) AddInput(in Input) Node {
	if !in.Shape.fits() || in.Below < 0 || in.Below > math.MaxInt32 || in.Sparse && (in.Below > 0 || in.Shape != Vec(in.Shape.C)) {
		panic(fmt.Sprintf("nn: input %+v", in))
	}
	if len(n.inputs) == 0 {
		n.Input = in.Shape
	}
	id := len(n.nodes)
	n.inputs = append(n.inputs, id)
	nd := node{name: in.Name, shape: in.Shape, below: in.Below, sparse: in.Sparse, of: -1}
	if in.Shape.T > 0 {
		nd.time = axis{input: len(n.inputs)}
	}
	n.nodes = append(n.nodes, nd)
	n.claim("operation or input", in.Name)
	return Node{id, n}
}

// AddOutput names a node as an output: a vector, or a sequence of vectors. An output has
// a loss if the batch has a target for it. The first one is the network's main output.
func (n *Network) AddOutput(name string, x Node) {
	if x.net != n {
		panic("nn: output " + name + " belongs to another network")
	}
	for _, o := range n.outputs {
		if o.node == x.id {
			panic(fmt.Sprintf("nn: output %s is output %s, too", name, o.name))
		}
	}
	n.outputs = append(n.outputs, output{name, x.id})
	n.nodes[x.id].uses++
	n.claim("output", name)
}

// Inputs returns the inputs, in the order of [Batch.In].
func (n *Network) Inputs() []Input {
	all := make([]Input, len(n.inputs))
	for k, id := range n.inputs {
		nd := n.nodes[id]
		all[k] = Input{nd.name, nd.shape, nd.below, nd.sparse}
	}
	return all
}

// Outputs returns the outputs, in the order of [Batch.Target]. If none was named there is
// one, the last node, called "output".
func (n *Network) Outputs() []Output {
	if len(n.outputs) == 0 {
		return []Output{{"output", n.Output()}}
	}
	all := make([]Output, len(n.outputs))
	for k, o := range n.outputs {
		all[k] = Output{o.name, n.nodes[o.node].shape}
	}
	return all
}

// outs returns the nodes of the outputs.
func (n *Network) outs() []int {
	if len(n.outputs) == 0 {
		return []int{n.last}
	}
	all := make([]int, len(n.outputs))
	for k, o := range n.outputs {
		all[k] = o.node
	}
	return all
}

// An integerReader is an operation that reads integers; below is their upper bound,
// exclusive.
type integerReader interface{ below() int }

// A sparseReader is an operation that can read a sparse input.
type sparseReader interface{ readsSparse() }

// reads panics if an operation cannot read a node: integers where it wants float numbers,
// or the reverse, or a sparse input.
func (n *Network) reads(name string, op Op, from node) {
	r, integers := op.(integerReader)
	_, sparse := op.(sparseReader)
	switch {
	case from.sparse && !sparse:
		panic(fmt.Sprintf("nn: %s: %T does not read %q, which is sparse", name, op, from.name))
	case integers != (from.below > 0):
		panic(fmt.Sprintf("nn: %s: %T does not read what %q holds: it wants integers, or numbers", name, op, from.name))
	case integers && from.below > r.below():
		panic(fmt.Sprintf("nn: %s: %T reads integers below %d, %q has them below %d", name, op, r.below(), from.name, from.below))
	}
}

// A timeShift is an operation whose output begins at a later step of its input.
type timeShift interface{ shift() int }

// An allSteps is an operation whose output has all of its steps, however long an example is.
type allSteps interface{ allSteps() }

// axisOf returns the axis of an operation's output: that of its first input which is a
// sequence.
func (n *Network) axisOf(op Op, nd node) axis {
	if _, all := op.(allSteps); all || nd.shape.T == 0 {
		return axis{}
	}
	for _, in := range nd.in {
		if a := n.nodes[in].time; n.nodes[in].shape.T > 0 {
			if s, ok := op.(timeShift); ok {
				a.from += s.shift()
			}
			return a
		}
	}
	return axis{}
}
