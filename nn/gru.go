package nn

import "fmt"

// GRU is a recurrent network of gated recurrent units on a sequence (Cho et al. 2014), as in PyTorch: for each
// layer weight_ih_lK [3·Hidden, inputs], weight_hh_lK [3·Hidden, Hidden], bias_ih_lK and bias_hh_lK [3·Hidden],
// with the rows of the gates r, z and n in this order:
//
//	r, z = sigmoid(W_ih x_t + b_ih + W_hh h_{t−1} + b_hh)
//	n = tanh(W_ih x_t + b_ih + r∘(W_hh h_{t−1} + b_hh))
//	h_t = (1 − z)∘n + z∘h_{t−1}
//
// or, if ResetFirst, as in the paper and in ONNX with linear_before_reset = 0, with
//
//	n = tanh(W_ih x_t + b_ih + W_hh (r∘h_{t−1}) + b_hh)
//
// Its input is a sequence, and its main output the sequence of the last layer's h, which is zero before the first step
// and past the end of an example's sequence; [GRU.States] returns the others. Bidirectional is as in [LSTM].
type GRU struct {
	Hidden        int
	Layers        int  // 0 means 1
	NoBias        bool // leaves out both biases
	Bidirectional bool
	ResetFirst    bool
}

// stack returns the layers.
func (g GRU) stack() stack {
	s := stack{name: "gru", hidden: g.Hidden, layers: orElse(g.Layers, 1), directions: 1, gates: 3, biases: 2}
	if g.Bidirectional {
		s.directions = 2
	}
	if g.NoBias {
		s.biases = 0
	}
	if g.ResetFirst {
		s.apart = 1
	}
	return s
}

// Out returns a sequence of Hidden numbers, or of twice as many.
func (g GRU) Out(in ...Shape) Shape {
	one("gru", in)
	s := g.stack()
	if s.hidden < 1 || s.layers < 1 || in[0].T == 0 || !in[0].vector() {
		panic(fmt.Sprintf("nn: gru %+v of %v: want a sequence of vectors", g, in[0]))
	}
	return Seq(in[0].T, s.directions*g.Hidden)
}

// Params returns weights and biases, layer by layer.
func (g GRU) Params(in ...Shape) []Param { return g.stack().params(in[0].C) }

// parts are what the gates have from h, or r∘h if that comes first, the gates and h of each layer in each direction.
func (g GRU) parts(in ...Shape) []Shape {
	further := 3 * g.Hidden
	if g.ResetFirst {
		further = g.Hidden
	}
	return g.stack().parts(in[0].T, further)
}

// States returns the sequence of h of a layer, for the node of a GRU. Layers are counted from 0, each forward and
// then back if the GRU is bidirectional.
func (g GRU) States(y Node, layer int) (h Node) { return g.stack().state(y, layer) }

func (g GRU) compile(b *binding) rules {
	return g.stack().compile(b, func(r *recurrence) recurrentLayer {
		if g.ResetFirst {
			return newResetLayer(b, r)
		}
		return newGRULayer(b, r)
	})
}

// A gruLayer is a compiled layer in one direction. Of its activations, gates holds r, z and n and their tangents, and
// recurrent the sums W_hh h + b_hh, of which rules read those of n. Both hold the adjoints of the sums that
// have been made of them.
type gruLayer struct{ *recurrence }

func newGRULayer(b *binding, r *recurrence) gruLayer {
	k := gruLayer{r}
	k.recurrent = r.further
	sums := []biasSum{{of: k.gates}, {of: k.recurrent}}
	for n, bias := range k.biases {
		sums[n].biases = []span{bias}
	}
	k.sumBiases(b, sums...)
	b.scratch(3 * k.size)
	return k
}

func (k gruLayer) core() *recurrence { return k.recurrence }

// A gruCell holds one lane of one step of one example. Before is h of the step before, nil if that is zero.
type gruCell struct{ gates, recurrent, h, before []float32 }

// at returns the cell of example i at step t.
func (k gruLayer) at(l lane, i, t int) gruCell {
	row := func(a arg) []float32 { return a.example(l, i)[t*a.shape.C:][:a.shape.C] }
	x := gruCell{gates: row(k.gates), recurrent: row(k.recurrent), h: row(k.h)}
	if k.follows(i, t) {
		x.before = k.h.example(l, i)[k.before(t)*k.size:][:k.size]
	}
	return x
}

// each calls f for the examples that have step t.
func (k gruLayer) each(t, lo, hi int, f func(i int)) {
	for i := lo; i < hi; i++ {
		if t < k.h.steps(i) {
			f(i)
		}
	}
}

// old returns number j of the step before.
func (x gruCell) old(j int) float32 {
	if x.before == nil {
		return 0
	}
	return x.before[j]
}
