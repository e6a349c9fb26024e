package nntest

import (
	"math"
	"slices"

	"breakeven/nn"
)

// A graph is a network and the twin that computes it by reference.
type graph struct {
	net   *nn.Network
	nodes []vertex // none: there is no twin
	ends  []int    // nodes of the named outputs; none: the last one
}

func (g *graph) hasTwin() bool { return len(g.nodes) > 0 }

type vertex struct {
	name  string
	op    nn.Op // nil: an input
	share map[string]string
	in    []int
	node  nn.Node
	shape nn.Shape
	steps steps
	state func(h, c []images) images // h or c of an earlier LSTM, in place of op and in
}

// steps says which steps of which input those of a sequence are: those of input number
// input−1, beginning with step from.
type steps struct{ input, from int }

// count returns the length of an example's sequence.
func (s steps) count(b nn.Batch, i int, shape nn.Shape) int {
	if s.input == 0 || b.In[s.input-1].Steps == nil {
		return shape.Steps()
	}
	return min(shape.Steps(), max(0, int(b.In[s.input-1].Steps[i])-s.from))
}

// newGraph returns a graph with one input of float numbers.
func newGraph(input nn.Shape) *graph {
	g := &graph{net: new(nn.Network)}
	g.input(nn.Input{Name: "input", Shape: input})
	return g
}

// input appends an input and returns its number.
func (g *graph) input(in nn.Input) int {
	v := vertex{node: g.net.AddInput(in), shape: in.Shape}
	if in.Shape.T > 0 {
		v.steps.input = len(g.net.Inputs())
	}
	g.nodes = append(g.nodes, v)
	return len(g.nodes) - 1
}

// output names a node as an output.
func (g *graph) output(name string, k int) {
	g.net.AddOutput(name, g.nodes[k].node)
	g.ends = append(g.ends, k)
}

// constants reports whether an operation treats some of its parameters as constants, or has a bias so low that its
// rounding swallows scores, so that derivatives are not the limits of differences.
func (g *graph) constants() bool {
	swallows := func(x float32) bool { return x <= -1e30 && !math.IsInf(float64(x), -1) }
	for _, nd := range g.nodes {
		switch op := nd.op.(type) {
		case nn.Embedding:
			if op.HasPadding {
				return true
			}
		case nn.Attention:
			if slices.ContainsFunc(op.Masked, swallows) {
				return true
			}
		}
	}
	return false
}

// outputs returns the nodes of the outputs.
func (g *graph) outputs() []int {
	if len(g.ends) == 0 {
		return []int{len(g.nodes) - 1}
	}
	return g.ends
}

// add appends an operation and returns its number; the first input is number 0.
func (g *graph) add(name string, op nn.Op, in ...int) int { return g.sharing(name, op, nil, in...) }

// state appends h, or c, of a layer of an LSTM that has been added.
func (g *graph) state(lstm, layer int, cells bool) int {
	op, from := g.nodes[lstm].op.(nn.LSTM), g.nodes[lstm]
	h, c := op.States(from.node, layer)
	v := vertex{in: []int{lstm}, node: h, shape: nn.Seq(from.shape.T, op.Hidden), steps: from.steps, state: func(h, _ []images) images { return h[layer] }}
	if cells {
		v.node, v.state = c, func(_, c []images) images { return c[layer] }
	}
	g.nodes = append(g.nodes, v)
	return len(g.nodes) - 1
}

// sharing is add for an operation that shares parameters.
func (g *graph) sharing(name string, op nn.Op, share map[string]string, in ...int) int {
	nodes, shapes := make([]nn.Node, len(in)), g.shapes(in)
	for i, k := range in {
		nodes[i] = g.nodes[k].node
	}
	v := vertex{name: name, op: op, share: share, in: in, node: g.net.AddSharing(name, op, share, nodes...), shape: op.Out(shapes...)}
	for _, k := range in {
		if from := g.nodes[k]; v.shape.T > 0 && from.shape.T > 0 {
			v.steps = from.steps
			switch op := op.(type) {
			case nn.SliceSteps:
				v.steps.from += op.From
			case nn.Prepend:
				v.steps.from--
			case nn.Transpose, nn.PickSteps:
				v.steps = steps{}
			}
			break
		}
	}
	g.nodes = append(g.nodes, v)
	return len(g.nodes) - 1
}

func (g *graph) shapes(in []int) []nn.Shape {
	shapes := make([]nn.Shape, len(in))
	for i, k := range in {
		shapes[i] = g.nodes[k].shape
	}
	return shapes
}

// answers are the twin's results for a batch: the outputs, one after the other, the sum of
// the losses, the same with the outputs made linear in the parameters (so that its mixed
// derivative is that of the Gauss-Newton matrix), and the kinks.
type answers struct {
	outputs      []hyper
	loss, linear hyper
	switches
}

// run computes the twin on a batch. Theta carries the directions.
func (g *graph) run(s nn.Settings, b nn.Batch, theta []hyper, state []float32) answers {
	a := answers{switches: switches{margin: math.Inf(1)}}
	results, inputs := make([]images, len(g.nodes)), 0
	states := map[int][2][]images{} // h and c, by LSTM
	for k, nd := range g.nodes {
		x := newImages(b.N, nd.shape)
		x.count = func(i int) int { return nd.steps.count(b, i, nd.shape) }
		if nd.state != nil {
			s := states[nd.in[0]]
			x.x = nd.state(s[0], s[1]).x
			results[k] = x
			continue
		}
		if nd.op == nil {
			x.ints = b.In[inputs].I
			for i, v := range b.In[inputs].F {
				x.x[i] = constant(float64(v))
			}
			x.fill(b.In[inputs].Sparse)
			results[k] = x
			inputs++
			continue
		}
		var in []images
		for _, i := range nd.in {
			in = append(in, results[i])
		}
		var ps [][]hyper
		for _, p := range nd.op.Params(g.shapes(nd.in)...) {
			name := nd.name + "." + p.Name
			if shared, ok := nd.share[p.Name]; ok {
				name = shared
			}
			ps = append(ps, g.parameter(theta, name))
		}
		var stats []float32
		if _, ok := nd.op.(nn.BatchNorm); ok {
			if s.Inference {
				stats = state
			}
			state = state[2*nd.shape.C:]
		}
		switch op := nd.op.(type) {
		case nn.Dropout:
			drop(x, in[0], nd.name, op, b.First)
		case nn.Propagate:
			propagate(op, ps, x, in, b.Graph.Adjacency())
		case nn.Attend:
			attention(op, ps, x, in[0], b.Graph.Adjacency(), &a.switches)
		case nn.Attention:
			dotProducts(op, ps, x, in, nd.name, b.First)
		case nn.LSTM:
			h, c := lstm(op, ps, x, in)
			states[k] = [2][]images{h, c}
		default:
			reference(nd.op, ps, stats, x, in, &a.switches)
		}
		results[k] = x
	}
	for k, id := range g.outputs() {
		a.outputs = append(a.outputs, results[id].x...)
		if k < len(b.Target) {
			a.sumLosses(lossAt(s, g.net, k), results[id], b.Target[k])
		}
	}
	return a
}

// parameter returns the part of theta that belongs to a parameter of the network.
func (g *graph) parameter(theta []hyper, name string) []hyper {
	for _, p := range g.net.Params() {
		if p.Name == name {
			return theta[p.Offset : p.Offset+p.Size()]
		}
	}
	panic("nntest: no parameter " + name)
}

// lossAt returns the loss of output k.
func lossAt(s nn.Settings, net *nn.Network, k int) nn.Loss {
	if l, ok := s.Losses[net.Outputs()[k].Name]; ok {
		return l
	}
	return s.Loss
}

func (a *answers) sumLosses(loss nn.Loss, z images, t nn.Target) {
	for i := range z.n {
		for r := range z.Steps() {
			weight := rowWeight(t, z.n, z.Steps(), i, r)
			if r >= z.count(i) || weight == 0 {
				continue
			}
			row := z.x[(i*z.Steps()+r)*z.C:][:z.C]
			want := wanted(t, z.n*z.Steps(), i*z.Steps()+r)
			a.loss = a.loss.plus(lossOf(loss, row, want).scaled(weight))
			flat := make([]hyper, len(row))
			for c, v := range row {
				flat[c] = hyper{v: v.v, a: v.a, b: v.b}
			}
			a.linear = a.linear.plus(lossOf(loss, flat, want).scaled(weight))
		}
	}
}

// rowWeight is the weight of row r of example i.
func rowWeight(t nn.Target, n, rows, i, r int) float64 {
	if t.Labels != nil && t.Labels[i*rows+r] == nn.Ignored {
		return 0
	}
	switch len(t.Weight) {
	case 0:
		return 1
	case n * rows:
		return float64(t.Weight[i*rows+r])
	}
	return float64(t.Weight[i])
}

// A goal is the target of one row of outputs.
type goal struct {
	label  int32
	vector []float32 // nil: the label says it
}

// at returns the target of output c.
func (w goal) at(c int) float64 {
	switch {
	case w.vector != nil:
		return float64(w.vector[c])
	case c == int(w.label):
		return 1
	}
	return 0
}

func wanted(t nn.Target, rows, r int) goal {
	if t.Vector != nil {
		width := len(t.Vector) / rows
		return goal{vector: t.Vector[r*width : (r+1)*width]}
	}
	return goal{label: t.Labels[r]}
}
