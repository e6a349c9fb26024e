package nn

import "breakeven/tensor"

// A resetLayer is a compiled layer, in one direction, of a GRU that resets h before the product. Its gates are r, z and
// n and their tangents; the products with x, with h and with reset are summed there. Reset holds r∘h_{t−1} and its
// adjoint. The adjoints of gates are those of the sums. Each step has two halves with the product with reset
// between them.
type resetLayer struct {
	gruLayer
	reset arg
}

func newResetLayer(b *binding, r *recurrence) resetLayer {
	k := resetLayer{gruLayer{r}, r.further}
	k.sumBiases(b, biasSum{of: k.gates, biases: k.biases})
	b.scratch(3 * k.size)
	return k
}

// A resetCell holds one lane of one step of one example.
type resetCell struct {
	gruCell
	reset []float32
}

// at returns the cell of example i at step t.
func (k resetLayer) at(l lane, i, t int) resetCell {
	return resetCell{k.gruLayer.at(l, i, t), k.reset.example(l, i)[t*k.size:][:k.size]}
}

// product adds the product of w with reset, in lane from, to n of step t of examples, in lane to.
func (k resetLayer) product(to, from lane, w *tensor.Panels, t, lo, hi int) {
	w.Multiply(k.gates.rows(to, lo, hi)[t*k.width+2*k.size:], k.gates.size, hi-lo, k.reset.rows(from, lo, hi)[t*k.size:], k.reset.size, true)
}

// productBack is its transpose: it sets the adjoints of reset in lane to, or adds to them.
func (k resetLayer) productBack(to, from lane, w *tensor.Panels, t, lo, hi int, acc bool) {
	w.Multiply(k.reset.rows(to, lo, hi)[t*k.size:], k.reset.size, hi-lo, k.gates.rows(from, lo, hi)[t*k.width+2*k.size:], k.gates.size, acc)
}

func (k resetLayer) forward(lo, hi, _ int) {
	most := k.longest(values, lo, hi, k.h, k.reset)
	k.inputs(values, values, k.ih.w.forward, lo, hi, false)
	n := k.size
	for s := range most {
		t := k.order(s, most)
		k.recur(values, values, k.hh.w.forward, t, lo, hi)
		k.each(t, lo, hi, func(i int) {
			x := k.at(values, i, t)
			tensor.Add(x.gates, k.sums[0].bias)
			tensor.Sigmoid(x.gates[:2*n], x.gates[:2*n])
			for j, r := range k.gate(x.gates, 0) {
				x.reset[j] = r * x.old(j)
			}
		})
		k.product(values, values, k.apart.w.forward, t, lo, hi)
		k.each(t, lo, hi, func(i int) {
			x := k.at(values, i, t)
			c := k.gate(x.gates, 2)
			tensor.Tanh(c, c)
			for j, z := range k.gate(x.gates, 1) {
				x.h[j] = c[j] + z*(x.old(j)-c[j])
			}
		})
	}
}

func (k resetLayer) tangent(lo, hi, worker int) {
	most := k.longest(tangents, lo, hi, k.h, k.reset)
	k.inputs(tangents, values, k.ih.v.forward, lo, hi, false)
	if k.x.active {
		k.inputs(tangents, tangents, k.ih.w.forward, lo, hi, true)
	}
	n, s := k.size, k.plan.scratch[worker]
	for step := range most {
		t := k.order(step, most)
		k.recur(tangents, values, k.hh.v.forward, t, lo, hi)
		k.recur(tangents, tangents, k.hh.w.forward, t, lo, hi)
		k.each(t, lo, hi, func(i int) {
			x, d := k.at(values, i, t), k.at(tangents, i, t)
			k.slopes(s, x.gates)
			tensor.Add(d.gates, k.sums[0].v)
			tensor.Mul(d.gates[:2*n], d.gates[:2*n], s[:2*n])
			for j := range n {
				d.reset[j] = d.gates[j]*x.old(j) + x.gates[j]*d.old(j)
			}
		})
		k.product(tangents, values, k.apart.v.forward, t, lo, hi)
		k.product(tangents, tangents, k.apart.w.forward, t, lo, hi)
		k.each(t, lo, hi, func(i int) {
			x, d := k.at(values, i, t), k.at(tangents, i, t)
			k.slopes(s, x.gates)
			tensor.Mul(d.gates[2*n:], d.gates[2*n:], s[2*n:3*n])
			for j := range n {
				z, vz, vc := x.gates[n+j], d.gates[n+j], d.gates[2*n+j]
				d.h[j] = (1-z)*vc + z*d.old(j) + vz*(x.old(j)-x.gates[2*n+j])
			}
		})
	}
}

// begin prepares a lane of examples for the adjoints, and returns the number of steps.
func (k resetLayer) begin(l lane, lo, hi int) int {
	most := k.longest(l, lo, hi, k.h, k.gates)
	if !k.seedH {
		clear(k.h.rows(l, lo, hi))
	}
	return most
}

func (k resetLayer) adjoint(l lane, lo, hi, worker int) {
	most := k.begin(l, lo, hi)
	n, s := k.size, k.plan.scratch[worker]
	for step := most - 1; step >= 0; step-- {
		t := k.order(step, most)
		k.each(t, lo, hi, func(i int) {
			x, d := k.at(values, i, t), k.at(l, i, t)
			k.slopes(s, x.gates)
			for j, dh := range d.h {
				z, c := x.gates[n+j], x.gates[2*n+j]
				d.gates[n+j], d.gates[2*n+j] = dh*(x.old(j)-c)*s[n+j], dh*(1-z)*s[2*n+j]
			}
		})
		k.productBack(l, l, k.apart.w.data, t, lo, hi, false)
		k.each(t, lo, hi, func(i int) {
			x, d := k.at(values, i, t), k.at(l, i, t)
			k.slopes(s, x.gates)
			for j, dp := range d.reset {
				d.gates[j] = dp * x.old(j) * s[j]
				if d.before != nil {
					d.before[j] += d.h[j]*x.gates[n+j] + dp*x.gates[j]
				}
			}
		})
		k.recurBack(l, l, k.hh.w.data, t, lo, hi)
	}
	k.inputsBack(l, false, lo, hi)
	if k.plan.dst.own != nil {
		k.sumBlocks(l, false, lo, hi)
	}
}
