package onnx

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/nn"
)

// A recurrence is an operator of ONNX on sequences.
type recurrence struct {
	gates       []int64  // which gate of ONNX each of package nn is
	activations []string // of one direction
	states      int      // initial states, inputs from 5 on
	op          func(n *node, hidden int, bidirectional, noBias bool) nn.Op
	last        func(op nn.Op, y nn.Node, direction, state int) nn.Node // the sequence of a state: 0 is h, 1 is c
}

var recurrences = map[string]recurrence{
	"LSTM": {
		gates: []int64{0, 2, 3, 1}, activations: []string{"Sigmoid", "Tanh", "Tanh"}, states: 2,
		op: func(_ *node, hidden int, bidirectional, noBias bool) nn.Op {
			return nn.LSTM{Hidden: hidden, Bidirectional: bidirectional, NoBias: noBias}
		},
		last: func(op nn.Op, y nn.Node, direction, state int) nn.Node {
			h, c := op.(nn.LSTM).States(y, direction)
			return []nn.Node{h, c}[state]
		},
	},
	"GRU": {
		gates: []int64{1, 0, 2}, activations: []string{"Sigmoid", "Tanh"}, states: 1,
		op: func(n *node, hidden int, bidirectional, noBias bool) nn.Op {
			return nn.GRU{Hidden: hidden, Bidirectional: bidirectional, NoBias: noBias, ResetFirst: n.int("linear_before_reset", 0) == 0}
		},
		last: func(op nn.Op, y nn.Node, direction, _ int) nn.Node { return op.(nn.GRU).States(y, direction) },
	},
}

// recurrent is one layer of a recurrent network, in one or both directions.
func recurrent(b *builder, n *node) value {
	r := recurrences[n.op]
	b.checkRecurrence(n, r)
	directions, steps := 1, 0
	if n.text("direction", "forward") == "bidirectional" {
		directions = 2
	}
	examples := 1 - int(n.int("layout", 0))
	if examples == 0 {
		steps = 1
	}
	l := b.unscaled(n, b.layoutOf(b.reads(n, 0)))
	if len(l.axes) != 3 || !isSteps(l, l.axes[steps]) || !slices.Equal(l.axes[examples], []piece{{'N', batchSize, 1}}) || !isChannels(l.axes[2]) {
		failf("its input has the shape %s, and a sequence of vectors is wanted, with the steps on axis %d and the examples on axis %d", sized(l.dims()), steps, examples)
	}
	x := b.channels(n, l, l.axes[2])
	hidden := b.input(n, 2).constant.dims[2]
	parts := b.recurrentWeights(n, r, directions, int64(x.Shape().C))
	op := r.op(n, int(hidden), directions == 2, len(parts) == 2*directions)
	y := b.addRecurrent(n, op, parts, x)
	if directions == 2 {
		b.along = n.String()
	}
	b.checkSize(y)
	order := func(axes ...[]piece) [][]piece {
		if examples == 0 { // [batch, …, directions, numbers] in place of […, directions, batch, numbers]
			at := len(axes) - 2
			axes = slices.Insert(slices.Delete(slices.Clone(axes), at, at+1), 0, axes[at])
		}
		return axes
	}
	batch, direction, numbers := []piece{{'N', batchSize, 1}}, []piece{{'C', int64(directions), hidden}}, []piece{{'C', hidden, 1}}
	for state := range len(n.out) - 1 {
		if out := n.out[state+1]; b.uses[out] > 0 {
			b.along = n.String()
			last := &layout{of: b.lastState(n, directions, func(d int) nn.Node { return r.last(op, y, d, state) }), scale: 1}
			b.values[out] = b.settled(n, last.with(order(direction, batch, numbers)))
		}
	}
	all := &layout{of: y, scale: 1}
	return b.settled(n, all.with(order(trimmed([]piece{{'T', int64(y.Shape().T), 1}}), direction, batch, numbers)))
}

// lastState joins the last states of the directions: those of the last step, and going back of the first one.
func (b *builder) lastState(n *node, directions int, states func(direction int) nn.Node) nn.Node {
	last := b.add(n, nn.Step{At: -1}, states(0))
	if directions == 1 {
		return last
	}
	return b.add(n, nn.Concat{}, last, b.add(n, nn.Step{}, states(1)))
}

// checkRecurrence fails if a node computes something that package nn does not.
func (b *builder) checkRecurrence(n *node, r recurrence) {
	switch d := n.text("direction", "forward"); d {
	case "forward", "bidirectional":
	default:
		failf("the direction %q is not supported: forward and bidirectional are", d)
	}
	if list := n.strings("activations"); len(list) > 0 {
		for k, name := range list {
			if name != r.activations[k%len(r.activations)] {
				failf("its activations are %v, and %v are supported", list, r.activations)
			}
		}
	}
	if _, ok := n.attributes["clip"]; ok || n.int("input_forget", 0) != 0 {
		failf("clipped gates, and those of input and forgetting in one, are not supported")
	}
	if layout := n.int("layout", 0); layout != 0 && layout != 1 {
		failf("its layout is %d", layout)
	}
	if n.has(4) {
		failf("lengths of sequences as an input of the graph are not supported: the data say how long they are")
	}
	for k := range r.states {
		if n.has(5 + k) {
			if !b.zeroState(b.raw(n, 5+k)) {
				failf("its initial state %q is not zero, which is not supported", n.in[5+k])
			}
		}
	}
	if n.has(5 + r.states) {
		failf("peepholes are not supported")
	}
}

// zeroState reports whether an initial state is zero for all examples.
func (b *builder) zeroState(v value) bool {
	if v.constant != nil {
		return b.zero(v.constant)
	}
	if v.deferred == nil || v.mask != "" {
		return false
	}
	return !slices.ContainsFunc(b.evaluation(b.someExamples(), nil).deferred(v.deferred).reals, func(x float64) bool { return x != 0 })
}

// A part is one parameter of a recurrent layer, with its name in PyTorch.
type part struct {
	name string // without the number of the layer
	*tensor
}

// recurrentWeights cuts the matrices and the bias of a node into PyTorch's, in its order of gates.
func (b *builder) recurrentWeights(n *node, r recurrence, directions int, inputs int64) []part {
	d, gates := int64(directions), int64(len(r.gates))
	rh := b.weight(n, 2, d, -1, -1)
	hidden := rh.dims[2]
	if hidden*gates != rh.dims[1] || n.int("hidden_size", hidden) != hidden {
		failf("its weight %q has the shape %v for %d gates of hidden_size %d", rh.name, rh.dims, gates, n.int("hidden_size", hidden))
	}
	wx := b.weight(n, 1, d, gates*hidden, inputs)
	var bias *tensor
	if n.has(3) {
		if bias = b.weight(n, 3, d, 2*gates*hidden); bias.made && b.zero(bias) {
			bias = nil
		}
	}
	var all []part
	for k := range d {
		end := []string{"", "_reverse"}[k]
		// cut takes the gates of a tensor, each with so many numbers, that begin with number first.
		cut := func(name string, t *tensor, first, each int64, dims ...int64) {
			all = append(all, part{name + "%d" + end, b.gatesOf(t, r.gates, first, each, dims)})
		}
		cut("weight_ih_l", wx, k*gates*hidden*inputs, hidden*inputs, gates*hidden, inputs)
		cut("weight_hh_l", rh, k*gates*hidden*hidden, hidden*hidden, gates*hidden, hidden)
		if bias != nil {
			cut("bias_ih_l", bias, 2*k*gates*hidden, hidden, gates*hidden)
			cut("bias_hh_l", bias, (2*k+1)*gates*hidden, hidden, gates*hidden)
		}
	}
	return all
}

// A place is where the numbers of a parameter begin.
type place struct {
	of   *tensor
	from int64
}

// gatesOf returns gates in another order. If they are an initializer it is that one; otherwise the same
// numbers, which several nodes may read, are one tensor.
func (b *builder) gatesOf(t *tensor, gates []int64, first, each int64, dims []int64) *tensor {
	var runs []run
	for _, g := range gates {
		runs = append(runs, run{t, first + g*each, each})
	}
	m := mosaic("", dims, runs...)
	if w := m.whole(); w != nil {
		return w
	}
	at := place{m.runs[0].of, m.runs[0].from}
	if known := b.cut[at]; known != nil && slices.Equal(known.runs, m.runs) && slices.Equal(known.dims, dims) {
		return known
	}
	b.cut[at] = m
	return m
}

// addRecurrent adds an operation with parameters of PyTorch's names: those of the initializers that they are, or
// else those of a layer of the node's module, whose layers are counted.
func (b *builder) addRecurrent(n *node, op nn.Op, parts []part, x nn.Node) nn.Node {
	module, layer := n.path(), 0
	if n.module != "" {
		module = n.module
	}
	if n.module != "" || strings.HasPrefix(n.name, "/") {
		layer = b.layers[module]
		b.layers[module]++
	}
	share := map[string]string{}
	for k, p := range op.Params(x.Shape()) {
		src := parts[k]
		own := fmt.Sprintf(src.name, 0)
		if first, ok := b.owner[src.tensor]; ok {
			share[own] = first
			continue
		}
		p.Name = src.tensor.name
		if p.Name == "" {
			p.Name = b.free(module + "." + fmt.Sprintf(src.name, layer))
		}
		b.net.AddParam(p)
		b.sources[p.Name], b.owner[src.tensor] = source{tensor: src.tensor}, p.Name
		share[own] = p.Name
	}
	return b.net.AddSharing(b.free(module), op, share, x)
}
