package nn

import (
	"fmt"

	"breakeven/tensor"
)

// LSTM is a recurrent network of long short-term memory on a sequence (Hochreiter &
// Schmidhuber 1997), as in PyTorch: for each layer weight_ih_lK [4·Hidden, inputs],
// weight_hh_lK [4·Hidden, Hidden], bias_ih_lK and bias_hh_lK [4·Hidden], with the rows of
// the gates i, f, g and o in this order:
//
//	a_t = W_ih x_t + b_ih + W_hh h_{t−1} + b_hh
//	i, f, o = sigmoid(a)    g = tanh(a)
//	c_t = f∘c_{t−1} + i∘g
//	h_t = o∘tanh(c_t)
//
// Its input is a sequence and, unless the initial states are zero, two vectors: h_0 and
// c_0 of all layers, one layer after the other. The main output is the sequence of the
// last layer's h; [LSTM.States] returns the others. Past the end of an example's sequence
// h and c are zero; [Step] with −1 takes the last state before that.
type LSTM struct {
	Hidden  int
	Layers  int  // 0 means 1
	OneBias bool // leaves out bias_hh, as in TensorFlow
}

func (l LSTM) layers() int { return max(1, l.Layers) }

// tensors returns how many parameter tensors a layer has.
func (l LSTM) tensors() int {
	if l.OneBias {
		return 3
	}
	return 4
}

// Out returns a sequence of Hidden numbers.
func (l LSTM) Out(in ...Shape) Shape {
	if len(in) != 1 && len(in) != 3 || l.Hidden < 1 || l.Layers < 0 || in[0].T == 0 || !in[0].vector() {
		panic(fmt.Sprintf("nn: lstm %+v of %v: want a sequence of vectors, or that and two states", l, in))
	}
	for _, s := range in[1:] {
		if s != Vec(l.layers()*l.Hidden) {
			panic(fmt.Sprintf("nn: lstm %+v: a state of %v", l, s))
		}
	}
	return Seq(in[0].T, l.Hidden)
}

// Params returns weights and biases, layer by layer.
func (l LSTM) Params(in ...Shape) []Param {
	var ps []Param
	inputs, gates := in[0].C, 4*l.Hidden
	for k := range l.layers() {
		ps = append(ps,
			Param{Name: fmt.Sprintf("weight_ih_l%d", k), Shape: []int{gates, inputs}, FanIn: inputs, FanOut: gates},
			Param{Name: fmt.Sprintf("weight_hh_l%d", k), Shape: []int{gates, l.Hidden}, FanIn: l.Hidden, FanOut: gates},
			Param{Name: fmt.Sprintf("bias_ih_l%d", k), Shape: []int{gates}})
		if !l.OneBias {
			ps = append(ps, Param{Name: fmt.Sprintf("bias_hh_l%d", k), Shape: []int{gates}})
		}
		inputs = l.Hidden
	}
	return ps
}

// parts returns the shapes of c and the gates of each layer, and of h of all but the last.
func (l LSTM) parts(in ...Shape) []Shape {
	var all []Shape
	for k := range l.layers() {
		all = append(all, Seq(in[0].T, l.Hidden), Seq(in[0].T, 4*l.Hidden))
		if k < l.layers()-1 {
			all = append(all, Seq(in[0].T, l.Hidden))
		}
	}
	return all
}

// States returns the sequences of h and c of a layer, counted from 0, for the node of an
// LSTM.
func (l LSTM) States(y Node, layer int) (h, c Node) {
	if layer < 0 || layer >= l.layers() {
		panic(fmt.Sprintf("nn: lstm: layer %d of %d", layer, l.layers()))
	}
	if layer == l.layers()-1 {
		return y, y.Output(1 + 3*layer)
	}
	return y.Output(3 + 3*layer), y.Output(1 + 3*layer)
}

// Numbers of examples in a block, which go through the steps together. They are the rows
// of the recurrent products; gradients of weights are summed for each block. A product of a
// single row takes as long as one of two, since it reads all weights for it.
const (
	mostInBlock  = 32
	leastInBlock = 2
	fewBlocks    = 8
)

// inBlock returns how many of n examples are in a block, blocks how many blocks there are.
// Both depend on n alone.
func inBlock(n int) int {
	return min(mostInBlock, max(min(n, leastInBlock), (n+fewBlocks-1)/fewBlocks))
}

func blocks(n int) int { return (n + inBlock(n) - 1) / inBlock(n) }

// mostBlocks returns the most blocks that batches of up to n examples have.
func mostBlocks(n int) int {
	return max(min((n+leastInBlock-1)/leastInBlock, fewBlocks), (n+mostInBlock-1)/mostInBlock)
}

func (l LSTM) compile(b *binding) rules {
	layers := make([]*lstmLayer, l.layers())
	x, acc := b.in(0), b.accumulates(0)
	var r rules
	for k := range layers {
		y := b.out()
		if k < len(layers)-1 {
			y = b.part(3*k + 2)
		}
		layers[k] = newLSTMLayer(b, k, l.tensors(), x, acc, y)
		x, acc = y, b.seeded(y)
		layers[k].add(b, &r)
		r.factors = append(r.factors, layers[k].factors(b)...)
	}
	r.keeps = func(l lane) []arg {
		var args []arg
		if l != adjoints {
			for n := range b.node.in {
				args = append(args, b.in(n))
			}
		}
		for _, k := range layers {
			args = append(args, k.h, k.c, k.gates)
		}
		return args
	}
	for _, k := range layers {
		r.reads = append(r.reads, k.gates)
	}
	r.example = lstmExample(layers)
	r.adjoint = func(l lane) []phase {
		var ps []phase
		for k := len(layers) - 1; k >= 0; k-- {
			ps = append(ps, layers[k].over(func(block, lo, hi, worker int) { layers[k].adjoint(l, block, lo, hi, worker) }))
		}
		return ps
	}
	if b.plan.settings.Tangents {
		for k := len(layers) - 1; k >= 0; k-- {
			r.fusedSecond = append(r.fusedSecond, layers[k].over(layers[k].secondOrder))
		}
	}
	r.gradient = func(lane, bool) []phase {
		var ps []phase
		for _, k := range layers {
			ps = append(ps, k.finish())
		}
		return ps
	}
	return r
}

// An lstmLayer is a compiled layer. Of its activations, gates holds i, f, g and o and
// their tangents, but the adjoints of a. In the lanes of adjoints h and c hold the full
// adjoints of h_t and c_t, including what comes from later steps.
type lstmLayer struct {
	plan        *Plan
	layer       int
	first       int // number of its first parameter
	steps, size int // T, Hidden
	x, h, c     arg
	gates       arg
	h0, c0      arg // vectors of all layers; of no plan: zero
	accX        bool
	acc0        [2]bool // of h0 and c0
	seedH       bool    // a later operation has already written the adjoint of h
	seedC       bool
	ih, hh      *packed
	biases      []span
	bias, vBias []float32 // their sums
	partialB    []float64 // by block
}

func newLSTMLayer(b *binding, layer, tensors int, x arg, acc bool, h arg) *lstmLayer {
	k := &lstmLayer{plan: b.plan, layer: layer, first: tensors * layer, steps: x.shape.T, size: h.shape.C, x: x, h: h, accX: acc}
	k.c, k.gates = b.part(3*layer), b.part(3*layer+1)
	k.seedH, k.seedC = b.seeded(k.h), b.seeded(k.c)
	if layer < len(b.node.parts)/3 { // the layer above reads h
		k.seedH = true
	}
	if len(b.node.in) == 3 {
		k.h0, k.c0, k.acc0 = b.in(1), b.in(2), [2]bool{b.accumulates(1), b.accumulates(2)}
	}
	gates, batch := 4*k.size, b.plan.settings.Batch
	k.ih = newPacked(b, b.param(k.first), gates, x.shape.C, mostBlocks(batch))
	k.hh = newPacked(b, b.param(k.first+1), gates, k.size, mostBlocks(batch))
	for n := 2; n < tensors; n++ {
		k.biases = append(k.biases, b.param(k.first+n))
	}
	b.owns(4*2*int64(gates) + 8*int64(gates*mostBlocks(batch)))
	b.later(func() {
		k.bias, k.vBias = make([]float32, gates), make([]float32, gates)
		k.partialB = make([]float64, gates*mostBlocks(batch))
	})
	b.scratch(6 * k.size)
	return k
}

// add appends the layer's phases to the rules, which run from the first layer to the last.
func (k *lstmLayer) add(b *binding, r *rules) {
	theta, v := func() vector { return k.plan.theta }, func() vector { return k.plan.v }
	sumBias := func(dst *[]float32, from func() vector) phase {
		return b.global(1, func(_, _ int) {
			copy(*dst, k.biases[0].of(from()))
			for _, b := range k.biases[1:] {
				tensor.Add(*dst, b.of(from()))
			}
		})
	}
	r.pack = append(append(append(r.pack, k.ih.pack(&k.ih.w, theta)...), k.hh.pack(&k.hh.w, theta)...), sumBias(&k.bias, theta))
	r.forward = append(r.forward, k.over(k.forward))
	if b.plan.settings.Tangents {
		r.packTangent = append(append(append(r.packTangent, k.ih.pack(&k.ih.v, v)...), k.hh.pack(&k.hh.v, v)...), sumBias(&k.vBias, v))
		r.tangent = append(r.tangent, k.over(k.tangent))
		r.along = append(r.along, k.over(k.along))
	}
}

// over returns a phase that calls f for each block of examples.
func (k *lstmLayer) over(f func(block, lo, hi, worker int)) phase {
	return phase{
		tasks: func() int { return blocks(k.plan.cur.n) },
		run: func(block, worker int) {
			per := inBlock(k.plan.cur.n)
			f(block, block*per, min((block+1)*per, k.plan.cur.n), worker)
		},
	}
}

// finish returns the phase that writes the gradients of the parameters.
func (k *lstmLayer) finish() phase {
	return phase{
		tasks: func() int { return 2*finishTasks + 1 },
		run: func(task, _ int) {
			n := blocks(k.plan.cur.n)
			switch {
			case task < finishTasks:
				k.ih.finish(task, n)
			case task < 2*finishTasks:
				k.hh.finish(task-finishTasks, n)
			default:
				for _, b := range k.biases {
					sumShards(b.of(k.plan.dst), k.partialB, n, b.acc())
				}
			}
		},
	}
}
