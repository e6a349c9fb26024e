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
//
// If it is bidirectional each layer has another one beside it, whose parameters end with
// _reverse, which goes back from the last step of each sequence to step 0. The next layer reads,
// and the main output is, the concatenation of both h: a sequence of 2·Hidden numbers. States are
// those of a layer forward, of the same layer back, and so on.
type LSTM struct {
	Hidden        int
	Layers        int  // 0 means 1
	OneBias       bool // leaves out bias_hh, as in TensorFlow
	NoBias        bool // leaves out both
	Bidirectional bool
}

func (l LSTM) layers() int { return max(1, l.Layers) }

// directions returns how many layers read the same sequence.
func (l LSTM) directions() int {
	if l.Bidirectional {
		return 2
	}
	return 1
}

// runs returns the layers of all directions.
func (l LSTM) runs() int { return l.layers() * l.directions() }

// tensors returns how many parameter tensors a layer has.
func (l LSTM) tensors() int {
	switch {
	case l.NoBias:
		return 2
	case l.OneBias:
		return 3
	}
	return 4
}

// Out returns a sequence of Hidden numbers, or of twice as many.
func (l LSTM) Out(in ...Shape) Shape {
	if len(in) != 1 && len(in) != 3 || l.Hidden < 1 || l.Layers < 0 || in[0].T == 0 || !in[0].vector() {
		panic(fmt.Sprintf("nn: lstm %+v of %v: want a sequence of vectors, or that and two states", l, in))
	}
	for _, s := range in[1:] {
		if s != Vec(l.runs()*l.Hidden) {
			panic(fmt.Sprintf("nn: lstm %+v: a state of %v", l, s))
		}
	}
	return Seq(in[0].T, l.directions()*l.Hidden)
}

// Params returns weights and biases, layer by layer.
func (l LSTM) Params(in ...Shape) []Param {
	var ps []Param
	inputs, gates := in[0].C, 4*l.Hidden
	for k := range l.layers() {
		for _, end := range []string{"", "_reverse"}[:l.directions()] {
			ps = append(ps,
				Param{Name: fmt.Sprintf("weight_ih_l%d%s", k, end), Shape: []int{gates, inputs}, FanIn: inputs, FanOut: gates},
				Param{Name: fmt.Sprintf("weight_hh_l%d%s", k, end), Shape: []int{gates, l.Hidden}, FanIn: l.Hidden, FanOut: gates})
			for _, bias := range []string{"bias_ih", "bias_hh"}[:l.tensors()-2] {
				ps = append(ps, Param{Name: fmt.Sprintf("%s_l%d%s", bias, k, end), Shape: []int{gates}})
			}
		}
		inputs = l.directions() * l.Hidden
	}
	return ps
}

// parts returns the shapes of c, the gates and h of each layer in each direction, without the h
// that is the main output; and of the sequences that the next layers of two directions read.
func (l LSTM) parts(in ...Shape) []Shape {
	var all []Shape
	for range l.runs() {
		all = append(all, Seq(in[0].T, l.Hidden), Seq(in[0].T, 4*l.Hidden), Seq(in[0].T, l.Hidden))
	}
	if !l.Bidirectional {
		return all[:len(all)-1]
	}
	for range l.layers() - 1 {
		all = append(all, Seq(in[0].T, 2*l.Hidden))
	}
	return all
}

// States returns the sequences of h and c of a layer, for the node of an LSTM. Layers are counted
// from 0, each forward and then back if the LSTM is bidirectional.
func (l LSTM) States(y Node, layer int) (h, c Node) {
	if layer < 0 || layer >= l.runs() {
		panic(fmt.Sprintf("nn: lstm: layer %d of %d", layer, l.runs()))
	}
	c = y.Output(1 + 3*layer)
	if !l.Bidirectional && layer == l.layers()-1 {
		return y, c
	}
	return y.Output(3 + 3*layer), c
}

func (l LSTM) compile(b *binding) rules {
	layers, joints := make([]*lstmLayer, l.runs()), []joint(nil)
	x, acc := b.in(0), b.accumulates(0)
	var r rules
	for n := range layers {
		h := b.out()
		if l.Bidirectional || n < len(layers)-1 {
			h = b.part(3*n + 2)
		}
		back := l.Bidirectional && n%2 == 1
		layers[n] = newLSTMLayer(b, n, l.tensors(), x, acc || l.Bidirectional && !back, h)
		layers[n].back = back
		layers[n].add(b, &r)
		r.factors = append(r.factors, layers[n].factors(b)...)
		switch {
		case !l.Bidirectional:
			x, acc = h, b.seeded(h)
			layers[n].seedH = b.seeded(h) || n < len(layers)-1 // the layer above reads h
		case back:
			j := l.joint(b, layers[n-1], layers[n])
			r.forward = append(r.forward, j.join(b, values))
			if b.plan.settings.Tangents {
				r.tangent = append(r.tangent, j.join(b, tangents))
			}
			joints, x, acc = append(joints, j), j.y, b.seeded(j.y)
		}
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
		for _, j := range joints[:max(0, len(joints)-1)] {
			args = append(args, j.y)
		}
		return args
	}
	for _, k := range layers {
		r.reads = append(r.reads, k.gates)
	}
	r.example = lstmExample(layers)
	// over goes through the layers from the last to the first.
	over := func(l lane, rule func(k *lstmLayer) phase) (ps []phase) {
		for n := len(layers) - 1; n >= 0; n-- {
			if layers[n].back {
				ps = append(ps, joints[n/2].split(b, l)...)
			}
			ps = append(ps, rule(layers[n]))
		}
		return ps
	}
	r.adjoint = func(l lane) []phase {
		return over(l, func(k *lstmLayer) phase {
			return k.over(func(lo, hi, worker int) { k.adjoint(l, lo, hi, worker) })
		})
	}
	if b.plan.settings.Tangents {
		r.fusedSecond = over(cotangents, func(k *lstmLayer) phase { return k.over(k.secondOrder) })
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

// joint returns the joint of a layer and the one beside it, the last of them that of the main
// output. Both get their adjoints of h from it.
func (l LSTM) joint(b *binding, forward, back *lstmLayer) joint {
	j := joint{y: b.out(), h: [2]arg{forward.h, back.h}, seeded: [2]bool{b.seeded(forward.h), b.seeded(back.h)}}
	j.read = b.seeded(j.y)
	if n := back.layer / 2; n < l.layers()-1 {
		j.y, j.read = b.part(3*l.runs()+n), true
	}
	for d, k := range []*lstmLayer{forward, back} {
		k.seedH = j.read || j.seeded[d]
	}
	return j
}

// An lstmLayer is a compiled layer in one direction. Of its activations, gates holds i, f, g and o and
// their tangents, but the adjoints of a. In the lanes of adjoints h and c hold the full
// adjoints of h_t and c_t, including what comes from later steps.
type lstmLayer struct {
	plan        *Plan
	layer       int // its number among those of all directions
	back        bool
	param       int // number of its first parameter
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
	k := &lstmLayer{plan: b.plan, layer: layer, param: tensors * layer, steps: x.shape.T, size: h.shape.C, x: x, h: h, accX: acc}
	k.c, k.gates = b.part(3*layer), b.part(3*layer+1)
	k.seedC = b.seeded(k.c)
	if len(b.node.in) == 3 {
		k.h0, k.c0, k.acc0 = b.in(1), b.in(2), [2]bool{b.accumulates(1), b.accumulates(2)}
	}
	gates, batch := 4*k.size, b.plan.settings.Batch
	k.ih = newPacked(b, b.param(k.param), gates, x.shape.C, mostBlocks(batch))
	k.hh = newPacked(b, b.param(k.param+1), gates, k.size, mostBlocks(batch))
	for n := 2; n < tensors; n++ {
		k.biases = append(k.biases, b.param(k.param+n))
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
			for n, b := range k.biases {
				if n == 0 {
					copy(*dst, b.of(from()))
				} else {
					tensor.Add(*dst, b.of(from()))
				}
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
