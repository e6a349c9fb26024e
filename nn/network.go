package nn

import (
	"fmt"
	"slices"
)

// A Param is one parameter tensor of a network.
type Param struct {
	Name   string  // PyTorch's name, such as "conv1.weight"
	Shape  []int   // PyTorch's shape
	Offset int     // of its first element in the flat parameter vector
	FanIn  int     // inputs of one unit: in·kh·kw; 0 for biases and norms
	FanOut int     // outputs that one input reaches: out·kh·kw
	Fill   float32 // initial value if FanIn is 0: 0 for biases, 1 for scales
	Frozen bool    // it is no parameter but a constant, in the state vector: see Network.Freeze

	view int // number of the view that it is, counted from 1; 0: none
}

// own reports whether it is a parameter of the network itself: neither a view of one nor frozen.
func (p Param) own() bool { return p.view == 0 && !p.Frozen }

// Size returns the number of elements.
func (p Param) Size() int {
	n := 1
	for _, d := range p.Shape {
		n *= d
	}
	return n
}

// An Op is an operation of a network: one of the types of this package.
type Op interface {
	// Out returns the shape of the output, and panics if the inputs do not fit.
	Out(in ...Shape) Shape
	// Params returns the operation's parameters, with names relative to it.
	Params(in ...Shape) []Param
	compile(b *binding) rules
}

// A Node is the output of an operation in a network.
type Node struct {
	id  int
	net *Network
}

type node struct {
	name    string
	op      Op    // nil: an input, or a part of another node
	parts   []int // further activations of the operation, nodes of their own
	of      int   // the node that this is a part of; -1: none
	in      []int
	shape   Shape
	params  []Param
	buffers []Param
	uses    int  // how many nodes read this one, and 1 more for an output
	active  bool // depends on parameters
	below   int  // upper bound of the integers that it holds, exclusive; 0: it holds float numbers
	sparse  bool // an input whose examples are rows of a sparse matrix
	time    axis
}

// dense reports whether a node holds float numbers, one for each place of its shape.
func (nd *node) dense() bool { return nd.below == 0 && !nd.sparse }

// An axis says which steps of which input the steps of a sequence are: those of input
// number input−1, beginning with step from. The zero axis is that of no input.
type axis struct{ input, from int }

// A Network is a graph of operations with inputs and outputs. It is a description:
// it holds no numbers and can be compiled many times. The zero Network has no input
// yet.
type Network struct {
	Input   Shape // of the first input
	nodes   []node
	inputs  []int // their nodes
	outputs []output
	last    int // the operation added last
	params  []Param
	buffers []Param
	views   []view
	dim     int
	viewed  int // numbers of all views
	state   int
	fixed   []float32       // running statistics of all plans; nil: each has its own
	initial []float32       // running statistics that plans begin with; nil: those of a new network
	frozen  []float32       // numbers of what is frozen, laid out as the state vector, of all plans; nil: nothing is
	whole   *Network        // of which this one is a copy with frozen parameters; nil: nothing is frozen
	names   map[string]bool // of operations and tensors
	err     error
}

// NewNetwork returns a network with one input of float numbers, called "input", and no
// operation, and the node of that input.
func NewNetwork(input Shape) (*Network, Node) {
	n := &Network{}
	return n, n.AddInput(Input{Name: "input", Shape: input})
}

// Shape returns the node's shape.
func (x Node) Shape() Shape { return x.net.nodes[x.id].shape }

// Output returns output k of the operation whose main output, output 0, is x. The
// operation's documentation says what further ones it has.
func (x Node) Output(k int) Node {
	parts := x.net.nodes[x.id].parts
	if k < 0 || k > len(parts) {
		panic(fmt.Sprintf("nn: output %d of %q, which has %d", k, x.net.nodes[x.id].name, 1+len(parts)))
	}
	if k == 0 {
		return x
	}
	return Node{parts[k-1], x.net}
}

// partial operations have further activations besides their main output, which their rules
// read and write and other operations may read.
type partial interface {
	parts(in ...Shape) []Shape
}

// Add appends an operation. The network's output is the node added last, unless outputs
// are named by [Network.AddOutput]. The name prefixes the operation's parameters: "conv1"
// gives "conv1.weight". Using a name twice is an error of the network: see [Network.Err].
func (n *Network) Add(name string, op Op, in ...Node) Node {
	return n.AddSharing(name, op, nil, in...)
}

// AddSharing appends an operation that shares some of its parameters with earlier
// operations. share maps its own names for them to those of the network, as in "weight":
// "embedding.weight". They have the same shapes, but for dimensions of 1.
func (n *Network) AddSharing(name string, op Op, share map[string]string, in ...Node) Node {
	nd := node{name: name, op: op, of: -1}
	shapes := make([]Shape, len(in))
	for i, x := range in {
		if x.net != n {
			panic("nn: " + name + ": input belongs to another network")
		}
		nd.in = append(nd.in, x.id)
		shapes[i] = n.nodes[x.id].shape
		n.reads(name, op, n.nodes[x.id])
		nd.active = nd.active || n.nodes[x.id].active
		n.nodes[x.id].uses++
	}
	nd.shape = op.Out(shapes...)
	nd.time = n.axisOf(op, nd)
	nd.params = n.parameters(name, op.Params(shapes...), share)
	nd.active = nd.active || len(nd.params) > 0
	if s, ok := op.(stateful); ok {
		nd.buffers = place(name, s.buffers(shapes...), &n.state)
		n.buffers = append(n.buffers, nd.buffers...)
	}
	id := len(n.nodes)
	n.last = id
	n.nodes = append(n.nodes, nd)
	if p, ok := op.(partial); ok {
		for k, shape := range p.parts(shapes...) {
			n.nodes[id].parts = append(n.nodes[id].parts, len(n.nodes))
			n.nodes = append(n.nodes, node{name: fmt.Sprintf("%s.%d", name, k+1), of: id, shape: shape, time: nd.time, active: nd.active})
		}
	}
	n.claim("operation or input", name)
	for _, b := range nd.buffers {
		n.claim("tensor", b.Name)
	}
	return Node{id, n}
}

// parameters returns an operation's parameters: its own, which it appends to the network's,
// and the shared ones.
func (n *Network) parameters(name string, ps []Param, share map[string]string) []Param {
	found := 0
	for i := range ps {
		to, shared := share[ps[i].Name]
		if !shared {
			place(name, ps[i:i+1], &n.dim)
			n.params = append(n.params, ps[i])
			n.claim("tensor", ps[i].Name)
			continue
		}
		found++
		p, ok := n.parameter(to)
		if !ok || !p.serves(ps[i]) {
			panic(fmt.Sprintf("nn: %s: no parameter %s of shape %v to share for %s", name, to, ps[i].Shape, ps[i].Name))
		}
		ps[i] = p
	}
	if found != len(share) {
		panic(fmt.Sprintf("nn: %s has not all of the parameters that it is to share: %v", name, share))
	}
	return ps
}

// serves reports whether a parameter has the numbers of another one in its order: the shapes are the same but for dimensions of 1, or
// those behind the first one are cut otherwise.
func (p Param) serves(other Param) bool {
	return slices.Equal(long(p.Shape), long(other.Shape)) || p.Size() == other.Size() && len(p.Shape) > 1 && len(other.Shape) > 1 && p.Shape[0] == other.Shape[0]
}

// long leaves out the dimensions that are 1.
func long(shape []int) []int {
	return slices.DeleteFunc(slices.Clone(shape), func(d int) bool { return d == 1 })
}

// parameter returns the parameter or the view of the given name.
func (n *Network) parameter(name string) (Param, bool) {
	for _, p := range n.params {
		if p.Name == name {
			return p, true
		}
	}
	for _, v := range n.views {
		if v.Name == name {
			return v.Param, true
		}
	}
	return Param{}, false
}

// claim records a name, and an error if the name is taken.
func (n *Network) claim(what, name string) {
	if n.names == nil {
		n.names = map[string]bool{}
	}
	key := what + " " + name
	if n.names[key] && n.err == nil {
		n.err = fmt.Errorf("the network has two of one name: %s %q", what, name)
	}
	n.names[key] = true
}

// Err returns an error if two operations or two tensors of the network have the same name.
// Compile panics with it, so whoever builds a network from somebody else's description
// checks it first.
func (n *Network) Err() error { return n.err }

// CheckNames returns an error if a tensor of the network has a name that is taken: by
// something that is stored beside it in a file, for instance.
func (n *Network) CheckNames(taken func(name string) bool) error {
	for _, p := range slices.Concat(n.params, n.buffers) {
		if taken(p.Name) {
			return fmt.Errorf("tensor %q of the network has a name that checkpoints use themselves: call it something else", p.Name)
		}
	}
	return n.err
}

// stateful operations have state that is not a parameter: running statistics.
type stateful interface {
	buffers(in ...Shape) []Param
}

func place(name string, ps []Param, end *int) []Param {
	for i := range ps {
		ps[i].Name = name + "." + ps[i].Name
		ps[i].Offset = *end
		*end += ps[i].Size()
	}
	return ps
}

// Dim returns the number of parameters D.
func (n *Network) Dim() int { return n.dim }

// Params returns the parameter tensors in the order of the flat vector.
func (n *Network) Params() []Param { return n.params }

// Buffers returns the tensors that are not parameters, in the order of the flat state vector, with PyTorch's names:
// the running statistics of batch norm, and what is frozen.
func (n *Network) Buffers() []Param { return n.buffers }

// HasStatistics reports whether the network has running statistics.
func (n *Network) HasStatistics() bool {
	return slices.ContainsFunc(n.buffers, func(b Param) bool { return !b.Frozen })
}

// StateDim returns the length of the flat state vector.
func (n *Network) StateDim() int { return n.state }

// Output returns the shape of the main output: for a classifier, the classes.
func (n *Network) Output() Shape { return n.nodes[n.outs()[0]].shape }

// Couples reports whether the output of an example depends on the others of its batch, as
// under batch norm. Gradients of single examples are not defined then in plans for
// training.
func (n *Network) Couples() bool { return n.couples(Settings{}) }

func (n *Network) couples(s Settings) bool {
	s = n.settings(s)
	return slices.ContainsFunc(n.nodes, func(nd node) bool { return effectsOf(nd.op, s).couples })
}

// SetInitialState sets the state vector that plans begin with, for a network whose running statistics
// come with it; nil: they do not.
func (n *Network) SetInitialState(state []float32) {
	if state != nil && len(state) != n.state {
		panic(fmt.Sprintf("nn: %d running statistics for a network of %d", len(state), n.state))
	}
	n.initial = slices.Clone(state)
}

// HasInitialState reports whether the running statistics came with the network.
func (n *Network) HasInitialState() bool { return n.initial != nil }

// InitialState returns the state vector that plans begin with: that of [Network.Fixed] or of
// [Network.SetInitialState], or that of a new network.
func (n *Network) InitialState() []float32 {
	switch {
	case n.fixed != nil:
		return slices.Clone(n.fixed)
	case n.initial != nil:
		return slices.Clone(n.initial)
	}
	s := make([]float32, n.state)
	for _, b := range n.buffers {
		for i := range b.Size() {
			s[b.Offset+i] = b.Fill
		}
	}
	return s
}

// LastNormScale returns the scale γ of the last batch norm, if there is one.
func (n *Network) LastNormScale() (Param, bool) {
	for id := len(n.nodes) - 1; id >= 0; id-- {
		if _, ok := n.nodes[id].op.(BatchNorm); ok && n.nodes[id].params[0].own() {
			return n.nodes[id].params[0], true
		}
	}
	return Param{}, false
}
