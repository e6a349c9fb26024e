package nn

import "breakeven/tensor"

// A recurrence is what compiled layers share: the products of the gates with x and with h of the step before. In
// the lanes of adjoints h holds the full adjoints of h_t, including what comes from later steps, and the gates
// those of the sums before their functions.
type recurrence struct {
	plan        *Plan
	layer       int // its number among those of all directions
	back        bool
	param       int // number of its first parameter
	steps, size int // T, Hidden
	width       int // of a step of the gates
	x, h        arg
	gates       arg // begin as the products with x
	recurrent   arg // begin as those with h: another activation, or the gates themselves
	further     arg // part 0 of the layer: cells, or what the gates have from h
	h0          arg // vectors of all layers; of no plan: zero
	accX        bool
	accH0       bool
	seedH       bool // a later operation has already written the adjoint of h
	ih, hh      *packed
	apart       *packed // rows of the recurrent matrix that further is multiplied by in place of h; nil: none
	biases      []span
	sums        []biasSum // of the gates and, if they are others, of the recurrent ones
}

// A biasSum is the sum of the biases of an activation.
type biasSum struct {
	of      arg
	biases  []span
	bias, v []float32
	partial []float64 // gradients, by block
}

func newRecurrence(b *binding, s stack, layer int, x arg, acc bool, h arg) *recurrence {
	k := &recurrence{plan: b.plan, layer: layer, param: s.tensors() * layer, steps: x.shape.T, size: s.hidden, width: s.gates * s.hidden, x: x, h: h, accX: acc}
	k.further, k.gates = b.part(3*layer), b.part(3*layer+1)
	k.recurrent = k.gates
	blocks := mostBlocks(b.plan.settings.Batch)
	k.ih = newPacked(b, b.param(k.param), k.width, x.shape.C, blocks)
	hh, apart := b.param(k.param+1), s.apart*k.size
	k.hh = newPacked(b, hh.part(0, (k.width-apart)*k.size), k.width-apart, k.size, blocks)
	if apart > 0 {
		k.apart = newPacked(b, hh.part((k.width-apart)*k.size, k.width*k.size), apart, k.size, blocks)
	}
	for n := range s.biases {
		k.biases = append(k.biases, b.param(k.param+2+n))
	}
	return k
}

// sumBiases makes room for the sums of the biases of activations.
func (k *recurrence) sumBiases(b *binding, sums ...biasSum) {
	k.sums = sums
	blocks := mostBlocks(b.plan.settings.Batch)
	b.owns(int64(len(sums)) * (4*2*int64(k.width) + 8*int64(k.width*blocks)))
	b.later(func() {
		for n := range k.sums {
			s := &k.sums[n]
			s.bias, s.v, s.partial = make([]float32, k.width), make([]float32, k.width), make([]float64, k.width*blocks)
		}
	})
}

// matrices returns those that the gates are products with.
func (k *recurrence) matrices() []*packed {
	if k.apart == nil {
		return []*packed{k.ih, k.hh}
	}
	return []*packed{k.ih, k.hh, k.apart}
}

// add appends the layer's phases to the rules, which run from the first layer to the last.
func (k *recurrence) add(b *binding, r *rules, layer recurrentLayer) {
	theta, v := func() vector { return k.plan.theta }, func() vector { return k.plan.v }
	sumBias := func(dst func(*biasSum) []float32, from func() vector) phase {
		return b.global(1, func(_, _ int) {
			for n := range k.sums {
				to := dst(&k.sums[n])
				for j, bias := range k.sums[n].biases {
					if j == 0 {
						copy(to, bias.of(from()))
					} else {
						tensor.Add(to, bias.of(from()))
					}
				}
			}
		})
	}
	for _, p := range k.matrices() {
		r.pack = append(r.pack, p.pack(&p.w, theta)...)
	}
	r.pack = append(r.pack, sumBias(func(s *biasSum) []float32 { return s.bias }, theta))
	r.forward = append(r.forward, k.over(layer.forward))
	if b.plan.settings.Tangents {
		for _, p := range k.matrices() {
			r.packTangent = append(r.packTangent, p.pack(&p.v, v)...)
		}
		r.packTangent = append(r.packTangent, sumBias(func(s *biasSum) []float32 { return s.v }, v))
		r.tangent = append(r.tangent, k.over(layer.tangent))
		r.along = append(r.along, k.over(layer.along))
	}
}

// finish returns the phase that writes the gradients of the parameters.
func (k *recurrence) finish() phase {
	matrices := k.matrices()
	return phase{
		tasks: func() int { return len(matrices)*finishTasks + 1 },
		run: func(task, _ int) {
			n := blocks(k.plan.cur.n)
			if p := task / finishTasks; p < len(matrices) {
				matrices[p].finish(task%finishTasks, n)
				return
			}
			for _, s := range k.sums {
				for _, b := range s.biases {
					sumShards(b.of(k.plan.dst), s.partial, n, b.acc())
				}
			}
		},
	}
}

// gate returns gate number g of a step's gates.
func (k *recurrence) gate(gates []float32, g int) []float32 { return gates[g*k.size : (g+1)*k.size] }

// initial returns this layer's part of the initial states of example i.
func (k *recurrence) initial(state arg, l lane, i int) []float32 {
	return state.example(l, i)[k.layer*k.size : (k.layer+1)*k.size]
}

// longest returns the length of the longest sequence of examples. It clears the given
// activations past the end of each sequence.
func (k *recurrence) longest(l lane, lo, hi int, clean ...arg) int {
	most := 0
	for i := lo; i < hi; i++ {
		n := k.h.steps(i)
		most = max(most, n)
		for _, a := range clean {
			clear(a.example(l, i)[n*a.shape.C:])
		}
	}
	return most
}

// recur adds the product of w with h of the step before, in lane from, to what the gates of
// step t of examples have from h, in lane to.
func (k *recurrence) recur(to, from lane, w *tensor.Panels, t, lo, hi int) {
	n, gates := k.size, k.recurrent
	if before := k.before(t); before >= 0 && before < k.steps {
		w.Multiply(gates.rows(to, lo, hi)[t*k.width:], gates.size, hi-lo, k.h.rows(from, lo, hi)[before*n:], k.h.size, true)
	}
	if k.h0.plan != nil && (from == values || k.h0.active) {
		k.beginning(t, lo, hi, func(lo, hi int) {
			w.Multiply(gates.rows(to, lo, hi)[t*k.width:], gates.size, hi-lo, k.h0.rows(from, lo, hi)[k.layer*n:], k.h0.size, true)
		})
	}
}

// inputs sets the gates of all steps of examples to the product of w with x, or adds it.
func (k *recurrence) inputs(to, from lane, w *tensor.Panels, lo, hi int, acc bool) {
	w.Multiply(k.gates.rows(to, lo, hi), k.width, k.steps*(hi-lo), k.x.rows(from, lo, hi), k.ih.in, acc)
}

// recurBack adds the product of the adjoints of what the gates have from h, in lane from, with w to the adjoints
// of h before step t of examples, in lane to.
func (k *recurrence) recurBack(to, from lane, w *tensor.Panels, t, lo, hi int) {
	n, gates := k.size, k.recurrent
	if before := k.before(t); before >= 0 && before < k.steps {
		w.Multiply(k.h.rows(to, lo, hi)[before*n:], k.h.size, hi-lo, gates.rows(from, lo, hi)[t*k.width:], gates.size, true)
	}
	if k.h0.plan != nil && k.h0.active {
		k.beginning(t, lo, hi, func(lo, hi int) {
			w.Multiply(k.h0.rows(to, lo, hi)[k.layer*n:], k.h0.size, hi-lo, gates.rows(from, lo, hi)[t*k.width:], gates.size, true)
		})
	}
}

// inputsBack makes the adjoints of x from those of the gates in a lane or, for the second order, their tangents.
func (k *recurrence) inputsBack(l lane, second bool, lo, hi int) {
	if !k.x.active {
		return
	}
	x, rows := k.x.rows(l, lo, hi), k.steps*(hi-lo)
	k.ih.w.data.Multiply(x, k.ih.in, rows, k.gates.rows(l, lo, hi), k.width, k.accX)
	if second {
		k.ih.v.data.Multiply(x, k.ih.in, rows, k.gates.rows(adjoints, lo, hi), k.width, true)
	}
}

// sum adds the products of the adjoints of the gates, in lane da, with x and h, in lane l, to the
// sums of a block.
func (k *recurrence) sum(block int, da, l lane, lo, hi int) {
	if l == values || k.x.active {
		k.ih.addOuter(block, k.gates.rows(da, lo, hi), k.width, k.x.rows(l, lo, hi), k.ih.in, k.steps*(hi-lo))
	}
	for i := lo; i < hi; i++ {
		g, before := k.shifted(k.recurrent.example(da, i), k.h.example(l, i))
		k.hh.addOuter(block, g, k.width, before, k.size, k.steps-1)
	}
	if k.apart != nil {
		k.apart.addOuter(block, k.gates.rows(da, lo, hi)[k.hh.out:], k.width, k.further.rows(l, lo, hi), k.size, k.steps*(hi-lo))
	}
	if k.h0.plan == nil || l != values && !k.h0.active {
		return
	}
	for t := range k.steps {
		k.beginning(t, lo, hi, func(lo, hi int) {
			k.hh.addOuter(block, k.recurrent.rows(da, lo, hi)[t*k.width:], k.recurrent.size, k.h0.rows(l, lo, hi)[k.layer*k.size:], k.h0.size, hi-lo)
		})
	}
}

func (k *recurrence) sumBias(block int, da lane, lo, hi int) {
	for _, s := range k.sums {
		sum := s.partial[k.width*block : k.width*(block+1)]
		clear(sum)
		tensor.ColSum(sum, s.of.rows(da, lo, hi), k.steps*(hi-lo), k.width)
	}
}
