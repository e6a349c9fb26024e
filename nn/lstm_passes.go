package nn

import "breakeven/tensor"

// The passes of a layer over examples that go through the steps together. Products with inputs are
// made for all steps at once, recurrent ones step by step for all of these examples. Past the end
// of an example's sequence h, c, their tangents and all adjoints are zero.

// A cell holds one lane of one step of one example: the gates, c, h, and c of the step
// before, which is nil if that is zero.
type cell struct{ gates, c, h, before []float32 }

// at returns the cell of example i at step t.
func (k *lstmLayer) at(l lane, i, t int) cell {
	n := k.size
	gates, c, h := k.gates.example(l, i), k.c.example(l, i), k.h.example(l, i)
	x := cell{gates: gates[4*t*n : 4*(t+1)*n], c: c[t*n : (t+1)*n], h: h[t*n : (t+1)*n]}
	switch {
	case k.follows(i, t):
		x.before = c[k.before(t)*n:][:n]
	case k.c0.plan != nil && (l == values || k.c0.active):
		x.before = k.initial(k.c0, l, i)
	}
	return x
}

// initial returns this layer's part of the initial states of example i.
func (k *lstmLayer) initial(state arg, l lane, i int) []float32 {
	return state.example(l, i)[k.layer*k.size : (k.layer+1)*k.size]
}

// gate returns gate number g (of i, f, g, o) of a cell's gates.
func (k *lstmLayer) gate(gates []float32, g int) []float32 { return gates[g*k.size : (g+1)*k.size] }

// longest returns the length of the longest sequence of examples. It clears the given
// activations past the end of each sequence.
func (k *lstmLayer) longest(l lane, lo, hi int, clean ...arg) int {
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

// recur adds the product of w with h of the step before, in lane from, to the gates of
// step t of examples, in lane to.
func (k *lstmLayer) recur(to, from lane, w *tensor.Panels, t, lo, hi int) {
	n := k.size
	if before := k.before(t); before >= 0 && before < k.steps {
		w.Multiply(k.gates.rows(to, lo, hi)[4*t*n:], k.gates.size, hi-lo, k.h.rows(from, lo, hi)[before*n:], k.h.size, true)
	}
	if k.h0.plan != nil && (from == values || k.h0.active) {
		k.beginning(t, lo, hi, func(lo, hi int) {
			w.Multiply(k.gates.rows(to, lo, hi)[4*t*n:], k.gates.size, hi-lo, k.h0.rows(from, lo, hi)[k.layer*n:], k.h0.size, true)
		})
	}
}

// inputs sets the gates of all steps of examples to the product of w with x, or adds it.
func (k *lstmLayer) inputs(to, from lane, w *tensor.Panels, lo, hi int, acc bool) {
	w.Multiply(k.gates.rows(to, lo, hi), 4*k.size, k.steps*(hi-lo), k.x.rows(from, lo, hi), k.ih.in, acc)
}

func (k *lstmLayer) forward(lo, hi, worker int) {
	most := k.longest(values, lo, hi, k.h, k.c)
	k.inputs(values, values, k.ih.w.forward, lo, hi, false)
	for s := range most {
		t := k.order(s, most)
		k.recur(values, values, k.hh.w.forward, t, lo, hi)
		for i := lo; i < hi; i++ {
			if t < k.h.steps(i) {
				k.cellForward(k.at(values, i, t), k.plan.scratch[worker][:k.size])
			}
		}
	}
}

// cellForward computes gates, c and h of a step from a without the biases.
func (k *lstmLayer) cellForward(x cell, tanh []float32) {
	n := k.size
	tensor.Add(x.gates, k.bias)
	tensor.Sigmoid(x.gates[:2*n], x.gates[:2*n])
	tensor.Tanh(x.gates[2*n:3*n], x.gates[2*n:3*n])
	tensor.Sigmoid(x.gates[3*n:], x.gates[3*n:])
	tensor.Mul(x.c, k.gate(x.gates, 0), k.gate(x.gates, 2))
	if x.before != nil {
		tensor.MulAdd(x.c, k.gate(x.gates, 1), x.before)
	}
	tensor.Tanh(tanh, x.c)
	tensor.Mul(x.h, k.gate(x.gates, 3), tanh)
}

// slopes sets s to the derivatives of the gates in a.
func (k *lstmLayer) slopes(s, gates []float32) {
	n := k.size
	tensor.SigmoidDeriv(s[:2*n], gates[:2*n])
	tensor.TanhDeriv(s[2*n:3*n], gates[2*n:3*n])
	tensor.SigmoidDeriv(s[3*n:4*n], gates[3*n:])
}

func (k *lstmLayer) tangent(lo, hi, worker int) {
	most := k.longest(tangents, lo, hi, k.h, k.c)
	k.inputs(tangents, values, k.ih.v.forward, lo, hi, false)
	if k.x.active {
		k.inputs(tangents, tangents, k.ih.w.forward, lo, hi, true)
	}
	for s := range most {
		t := k.order(s, most)
		k.recur(tangents, values, k.hh.v.forward, t, lo, hi)
		k.recur(tangents, tangents, k.hh.w.forward, t, lo, hi)
		for i := lo; i < hi; i++ {
			if t < k.h.steps(i) {
				k.cellTangent(k.at(values, i, t), k.at(tangents, i, t), k.plan.scratch[worker])
			}
		}
	}
}

// cellTangent computes the tangents d of a step from those of a without the biases.
func (k *lstmLayer) cellTangent(x, d cell, scratch []float32) {
	n := k.size
	s, tanh := scratch[:4*n], scratch[4*n:5*n]
	k.slopes(s, x.gates)
	tensor.Add(d.gates, k.vBias)
	tensor.Mul(d.gates, d.gates, s)
	tensor.Mul(d.c, k.gate(d.gates, 0), k.gate(x.gates, 2))
	tensor.MulAdd(d.c, k.gate(x.gates, 0), k.gate(d.gates, 2))
	if x.before != nil {
		tensor.MulAdd(d.c, k.gate(d.gates, 1), x.before)
	}
	if d.before != nil {
		tensor.MulAdd(d.c, k.gate(x.gates, 1), d.before)
	}
	tensor.Tanh(tanh, x.c)
	tensor.Mul(d.h, k.gate(d.gates, 3), tanh)
	tensor.TanhDeriv(tanh, tanh)
	tensor.Mul(tanh, tanh, d.c)
	tensor.MulAdd(d.h, k.gate(x.gates, 3), tanh)
}

// begin prepares a lane of examples for the adjoints, and returns the number of steps.
func (k *lstmLayer) begin(l lane, lo, hi int) int {
	most := k.longest(l, lo, hi, k.h, k.c, k.gates)
	if !k.seedH {
		clear(k.h.rows(l, lo, hi))
	}
	if !k.seedC {
		clear(k.c.rows(l, lo, hi))
	}
	for n, state := range []arg{k.h0, k.c0} {
		if state.plan == nil || !state.active || k.acc0[n] {
			continue
		}
		for i := lo; i < hi; i++ {
			clear(k.initial(state, l, i))
		}
	}
	return most
}

// recurBack adds the product of the adjoints of a, in lane from, with w to the adjoints of
// h before step t of examples, in lane to.
func (k *lstmLayer) recurBack(to, from lane, w *tensor.Panels, t, lo, hi int) {
	n := k.size
	if before := k.before(t); before >= 0 && before < k.steps {
		w.Multiply(k.h.rows(to, lo, hi)[before*n:], k.h.size, hi-lo, k.gates.rows(from, lo, hi)[4*t*n:], k.gates.size, true)
	}
	if k.h0.plan != nil && k.h0.active {
		k.beginning(t, lo, hi, func(lo, hi int) {
			w.Multiply(k.h0.rows(to, lo, hi)[k.layer*n:], k.h0.size, hi-lo, k.gates.rows(from, lo, hi)[4*t*n:], k.gates.size, true)
		})
	}
}

func (k *lstmLayer) adjoint(l lane, lo, hi, worker int) {
	most := k.begin(l, lo, hi)
	for s := most - 1; s >= 0; s-- {
		t := k.order(s, most)
		for i := lo; i < hi; i++ {
			if t < k.h.steps(i) {
				k.cellAdjoint(k.at(values, i, t), k.at(l, i, t), k.plan.scratch[worker])
			}
		}
		k.recurBack(l, l, k.hh.w.data, t, lo, hi)
	}
	if k.x.active {
		k.ih.w.data.Multiply(k.x.rows(l, lo, hi), k.ih.in, k.steps*(hi-lo), k.gates.rows(l, lo, hi), 4*k.size, k.accX)
	}
	if k.plan.dst.own != nil {
		k.sumBlocks(l, false, lo, hi)
	}
}

// cellAdjoint computes the adjoints of a from those of h and c, completes that of c, and
// adds to that of c of the step before.
func (k *lstmLayer) cellAdjoint(x, d cell, scratch []float32) {
	n := k.size
	s, tanh := scratch[:4*n], scratch[4*n:5*n]
	k.slopes(s, x.gates)
	tensor.Tanh(tanh, x.c)
	tensor.Mul(k.gate(d.gates, 3), d.h, tanh)
	tensor.TanhDeriv(tanh, tanh)
	tensor.Mul(tanh, tanh, k.gate(x.gates, 3))
	tensor.MulAdd(d.c, d.h, tanh)
	tensor.Mul(k.gate(d.gates, 0), d.c, k.gate(x.gates, 2))
	tensor.Mul(k.gate(d.gates, 2), d.c, k.gate(x.gates, 0))
	if x.before != nil {
		tensor.Mul(k.gate(d.gates, 1), d.c, x.before)
	} else {
		clear(k.gate(d.gates, 1))
	}
	tensor.Mul(d.gates, d.gates, s)
	if d.before != nil {
		tensor.MulAdd(d.before, d.c, k.gate(x.gates, 1))
	}
}

// sum adds the products of the adjoints of a, in lane da, with x and h, in lane l, to the
// sums of a block.
func (k *lstmLayer) sum(block int, da, l lane, lo, hi int) {
	gates, n := k.gates.rows(da, lo, hi), k.size
	if l == values || k.x.active {
		k.ih.addOuter(block, gates, 4*n, k.x.rows(l, lo, hi), k.ih.in, k.steps*(hi-lo))
	}
	for i := lo; i < hi; i++ {
		g, before := k.shifted(k.gates.example(da, i), k.h.example(l, i))
		k.hh.addOuter(block, g, 4*n, before, n, k.steps-1)
	}
	if k.h0.plan == nil || l != values && !k.h0.active {
		return
	}
	for t := range k.steps {
		k.beginning(t, lo, hi, func(lo, hi int) {
			k.hh.addOuter(block, k.gates.rows(da, lo, hi)[4*t*n:], k.gates.size, k.h0.rows(l, lo, hi)[k.layer*n:], k.h0.size, hi-lo)
		})
	}
}

func (k *lstmLayer) sumBias(block int, da lane, lo, hi int) {
	sum := k.partialB[4*k.size*block : 4*k.size*(block+1)]
	clear(sum)
	tensor.ColSum(sum, k.gates.rows(da, lo, hi), k.steps*(hi-lo), 4*k.size)
}

// secondOrder is the tangent of the adjoint rule.
func (k *lstmLayer) secondOrder(lo, hi, worker int) {
	const l = cotangents
	most := k.begin(l, lo, hi)
	for s := most - 1; s >= 0; s-- {
		t := k.order(s, most)
		for i := lo; i < hi; i++ {
			if t < k.h.steps(i) {
				k.cellSecond(k.at(values, i, t), k.at(tangents, i, t), k.at(adjoints, i, t), k.at(l, i, t), k.plan.scratch[worker])
			}
		}
		k.recurBack(l, l, k.hh.w.data, t, lo, hi)
		k.recurBack(l, adjoints, k.hh.v.data, t, lo, hi)
	}
	if k.x.active {
		x, rows := k.x.rows(l, lo, hi), k.steps*(hi-lo)
		k.ih.w.data.Multiply(x, k.ih.in, rows, k.gates.rows(l, lo, hi), 4*k.size, k.accX)
		k.ih.v.data.Multiply(x, k.ih.in, rows, k.gates.rows(adjoints, lo, hi), 4*k.size, true)
	}
	k.sumBlocks(l, true, lo, hi)
}

// cellSecond is the tangent of cellAdjoint: x are values, v their tangents, d adjoints,
// and e, the result, the tangents of adjoints. With τ = tanh(c), u = 1 − τ² and the
// derivatives s of the gates,
//
//	ȱ = ḣ̄τ + h̄uċ
//	c̄̇ += (ḣ̄o + h̄ȯ)u − 2h̄oτuċ
//	ǡ_o = ȱs_o + h̄τ(1−2o)ȯ
//	ǡ_i = (c̄̇g + c̄ġ)s_i + c̄g(1−2i)i̇
//	ǡ_f = (c̄̇c' + c̄ċ')s_f + c̄c'(1−2f)ḟ
//	ǡ_g = (c̄̇i + c̄i̇)s_g − 2c̄igġ
//
// and c̄̇f + c̄ḟ is added to the step before.
func (k *lstmLayer) cellSecond(x, v, d, e cell, scratch []float32) {
	n := k.size
	s, tanh := scratch[:4*n], scratch[4*n:5*n]
	k.slopes(s, x.gates)
	tensor.Tanh(tanh, x.c)
	zero := scratch[5*n : 6*n]
	clear(zero)
	before, vBefore := x.before, v.before
	if before == nil {
		before = zero
	}
	if vBefore == nil {
		vBefore = zero
	}
	for j, tau := range tanh {
		i, f, g, o := x.gates[j], x.gates[n+j], x.gates[2*n+j], x.gates[3*n+j]
		vi, vf, vg, vo := v.gates[j], v.gates[n+j], v.gates[2*n+j], v.gates[3*n+j]
		dh, dc, u := d.h[j], d.c[j], 1-tau*tau
		vTau := u * v.c[j]
		e.c[j] += (e.h[j]*o+dh*vo)*u - 2*dh*o*tau*vTau
		ec := e.c[j]
		e.gates[3*n+j] = (e.h[j]*tau+dh*vTau)*s[3*n+j] + dh*tau*(1-2*o)*vo
		e.gates[j] = (ec*g+dc*vg)*s[j] + dc*g*(1-2*i)*vi
		e.gates[n+j] = (ec*before[j]+dc*vBefore[j])*s[n+j] + dc*before[j]*(1-2*f)*vf
		e.gates[2*n+j] = (ec*i+dc*vi)*s[2*n+j] - 2*dc*i*g*vg
		if e.before != nil {
			e.before[j] += ec*f + dc*vf
		}
	}
}

// along adds, for each example, the second derivatives along the tangents. It uses the
// cotangents lane of the gates for the products of tangents.
func (k *lstmLayer) along(lo, hi, worker int) {
	const l = cotangents
	gates := k.gates.rows(l, lo, hi)
	if k.x.active {
		k.inputs(l, tangents, k.ih.v.forward, lo, hi, false)
	} else {
		clear(gates)
	}
	for t := range k.steps {
		k.recur(l, tangents, k.hh.v.forward, t, lo, hi)
	}
	k.plan.addSecond(k.gates, 2, gates, lo, hi)
	for i := lo; i < hi; i++ {
		for t := range k.h.steps(i) {
			k.plan.curvatures[i] += k.cellAlong(k.at(values, i, t), k.at(tangents, i, t), k.at(adjoints, i, t), k.plan.scratch[worker])
		}
	}
}

// cellAlong returns the sum over the functions of a step of the adjoint times the second
// derivative along the tangents: of the gates k = k(a) with k″ȧ² = k̇²k″/k′², of
// c = f∘c' + i∘g and of h = o∘tanh(c).
func (k *lstmLayer) cellAlong(x, v, d cell, scratch []float32) float64 {
	n, sum := k.size, 0.0
	tanh, s := scratch[4*n:5*n], scratch[:4*n]
	k.slopes(s, x.gates)
	tensor.Tanh(tanh, x.c)
	for j, tau := range tanh {
		i, f, g, o := x.gates[j], x.gates[n+j], x.gates[2*n+j], x.gates[3*n+j]
		vi, vf, vg, vo := v.gates[j], v.gates[n+j], v.gates[2*n+j], v.gates[3*n+j]
		dh, dc, vc, u := d.h[j], d.c[j], v.c[j], 1-tau*tau
		second := dc*g*gateSecond(1-2*i, vi, s[j]) + dc*i*gateSecond(-2*g, vg, s[2*n+j]) + dh*tau*gateSecond(1-2*o, vo, s[3*n+j])
		second += 2 * dc * vi * vg
		second += dh * (2*vo*u*vc - 2*o*tau*u*vc*vc)
		if x.before != nil {
			second += dc * x.before[j] * gateSecond(1-2*f, vf, s[n+j])
		}
		if v.before != nil {
			second += 2 * dc * vf * v.before[j]
		}
		sum += float64(second)
	}
	return sum
}

// gateSecond is k″ȧ² for a gate with tangent k̇ = k′ȧ. With k″ = r·k′ that is r·k̇²/k′, and 0
// if the gate is saturated.
func gateSecond(r, tangent, slope float32) float32 {
	if slope == 0 {
		return 0
	}
	return r * tangent * tangent / slope
}

// lstmExample makes the gradients of single examples: for each layer those of its
// matrices and of its biases.
type lstmExample []*lstmLayer

// find returns the layer of a block and the block's index in the layer.
func (e lstmExample) find(block int) (k *lstmLayer, at int) {
	for _, k := range e {
		n := k.ih.blockCount() + k.hh.blockCount() + len(k.biases)
		if block < n {
			return k, block
		}
		block -= n
	}
	panic("nn: lstm: no such block")
}

func (e lstmExample) blocks() []int {
	var sizes []int
	for _, k := range e {
		sizes = append(append(sizes, k.ih.blocks()...), k.hh.blocks()...)
		for range k.biases {
			sizes = append(sizes, 4*k.size)
		}
	}
	return sizes
}

func (e lstmExample) exampleGrad(dst []float32, i, block, _ int) {
	k, at := e.find(block)
	gates, n := k.gates.example(adjoints, i), k.size
	ih, hh := k.ih.blockCount(), k.hh.blockCount()
	switch {
	case at < ih:
		k.ih.exampleGrad(dst, at, gates, 4*n, k.x.example(values, i), k.ih.in, k.steps)
	case at < ih+hh:
		at -= ih
		if k.steps > 1 {
			g, before := k.shifted(gates, k.h.example(values, i))
			k.hh.exampleGrad(dst, at, g, 4*n, before, n, k.steps-1)
		}
		if t := k.first(i); k.h0.plan != nil && t >= 0 {
			k.hh.exampleGrad(dst, at, gates[4*t*n:], 4*n, k.initial(k.h0, values, i), n, 1)
		}
	default:
		addColumns(dst, gates)
	}
}

func (e lstmExample) places(dst []int, block int) {
	k, at := e.find(block)
	ih, hh := k.ih.blockCount(), k.hh.blockCount()
	switch {
	case at < ih:
		k.ih.places(dst, at)
	case at < ih+hh:
		k.hh.places(dst, at-ih)
	default:
		k.biases[at-ih-hh].places(dst, 0)
	}
}
