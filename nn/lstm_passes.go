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
	tensor.Add(x.gates, k.sums[0].bias)
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
	tensor.Add(d.gates, k.sums[0].v)
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
	acc := [2]bool{k.accH0, k.accC0}
	for n, state := range []arg{k.h0, k.c0} {
		if state.plan == nil || !state.active || acc[n] {
			continue
		}
		for i := lo; i < hi; i++ {
			clear(k.initial(state, l, i))
		}
	}
	return most
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
	k.inputsBack(l, false, lo, hi)
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
	k.inputsBack(l, true, lo, hi)
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
