package nn

import "fmt"

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

// stack returns the layers.
func (l LSTM) stack() stack {
	s := stack{name: "lstm", hidden: l.Hidden, layers: l.Layers, directions: 1, gates: 4, biases: 2}
	if l.Layers == 0 {
		s.layers = 1
	}
	if l.Bidirectional {
		s.directions = 2
	}
	switch {
	case l.NoBias:
		s.biases = 0
	case l.OneBias:
		s.biases = 1
	}
	return s
}

// Out returns a sequence of Hidden numbers, or of twice as many.
func (l LSTM) Out(in ...Shape) Shape {
	s := l.stack()
	if len(in) != 1 && len(in) != 3 || s.hidden < 1 || s.layers < 1 || in[0].T == 0 || !in[0].vector() {
		panic(fmt.Sprintf("nn: lstm %+v of %v: want a sequence of vectors, or that and two states", l, in))
	}
	for _, state := range in[1:] {
		if state != Vec(s.runs()*l.Hidden) {
			panic(fmt.Sprintf("nn: lstm %+v: a state of %v", l, state))
		}
	}
	return Seq(in[0].T, s.directions*l.Hidden)
}

// Params returns weights and biases, layer by layer.
func (l LSTM) Params(in ...Shape) []Param { return l.stack().params(in[0].C) }

// parts are c, the gates and h of each layer in each direction.
func (l LSTM) parts(in ...Shape) []Shape { return l.stack().parts(in[0].T, l.Hidden) }

// States returns the sequences of h and c of a layer, for the node of an LSTM. Layers are counted
// from 0, each forward and then back if the LSTM is bidirectional.
func (l LSTM) States(y Node, layer int) (h, c Node) {
	h = l.stack().state(y, layer)
	return h, y.Output(1 + 3*layer)
}

func (l LSTM) compile(b *binding) rules {
	return l.stack().compile(b, func(r *recurrence) recurrentLayer { return newLSTMLayer(b, r) })
}

// An lstmLayer is a compiled layer in one direction. Of its activations, gates holds i, f, g and o and
// their tangents, but the adjoints of a. In the lanes of adjoints h and c hold the full
// adjoints of h_t and c_t, including what comes from later steps.
type lstmLayer struct {
	*recurrence
	c     arg
	c0    arg // as h0
	accC0 bool
	seedC bool
}

func newLSTMLayer(b *binding, r *recurrence) *lstmLayer {
	k := &lstmLayer{recurrence: r, c: r.further}
	k.seedC = b.seeded(k.c)
	if len(b.node.in) == 3 {
		k.h0, k.accH0 = b.in(1), b.accumulates(1)
		k.c0, k.accC0 = b.in(2), b.accumulates(2)
	}
	k.sumBiases(b, biasSum{of: k.gates, biases: k.biases})
	b.scratch(6 * k.size)
	return k
}

func (k *lstmLayer) core() *recurrence { return k.recurrence }
