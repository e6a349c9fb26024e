package nn

import "breakeven/tensor"

// The passes of a layer over examples that go through the steps together, as those of an LSTM. Past the end of an
// example's sequence h, its tangent and all adjoints are zero.

func (k gruLayer) forward(lo, hi, _ int) {
	most := k.longest(values, lo, hi, k.h)
	k.inputs(values, values, k.ih.w.forward, lo, hi, false)
	clear(k.recurrent.rows(values, lo, hi))
	for s := range most {
		t := k.order(s, most)
		k.recur(values, values, k.hh.w.forward, t, lo, hi)
		k.each(t, lo, hi, func(i int) { k.cellForward(k.at(values, i, t)) })
	}
}

// cellForward computes gates and h of a step from the sums without biases.
func (k gruLayer) cellForward(x gruCell) {
	n := k.size
	tensor.Add(x.gates, k.sums[0].bias)
	tensor.Add(x.recurrent, k.sums[1].bias)
	tensor.Add(x.gates[:2*n], x.recurrent[:2*n])
	tensor.Sigmoid(x.gates[:2*n], x.gates[:2*n])
	c := k.gate(x.gates, 2)
	tensor.MulAdd(c, k.gate(x.gates, 0), k.gate(x.recurrent, 2))
	tensor.Tanh(c, c)
	for j, z := range k.gate(x.gates, 1) {
		x.h[j] = c[j] + z*(x.old(j)-c[j])
	}
}

// slopes sets s to the derivatives of the gates.
func (k gruLayer) slopes(s, gates []float32) {
	n := k.size
	tensor.SigmoidDeriv(s[:2*n], gates[:2*n])
	tensor.TanhDeriv(s[2*n:3*n], gates[2*n:])
}

func (k gruLayer) tangent(lo, hi, worker int) {
	most := k.longest(tangents, lo, hi, k.h)
	k.inputs(tangents, values, k.ih.v.forward, lo, hi, false)
	if k.x.active {
		k.inputs(tangents, tangents, k.ih.w.forward, lo, hi, true)
	}
	clear(k.recurrent.rows(tangents, lo, hi))
	for s := range most {
		t := k.order(s, most)
		k.recur(tangents, values, k.hh.v.forward, t, lo, hi)
		k.recur(tangents, tangents, k.hh.w.forward, t, lo, hi)
		k.each(t, lo, hi, func(i int) {
			k.cellTangent(k.at(values, i, t), k.at(tangents, i, t), k.plan.scratch[worker])
		})
	}
}

// cellTangent computes the tangents d of a step from those of the sums without biases.
func (k gruLayer) cellTangent(x, d gruCell, s []float32) {
	n := k.size
	k.slopes(s, x.gates)
	tensor.Add(d.gates, k.sums[0].v)
	tensor.Add(d.recurrent, k.sums[1].v)
	tensor.Add(d.gates[:2*n], d.recurrent[:2*n])
	tensor.Mul(d.gates[:2*n], d.gates[:2*n], s[:2*n])
	for j := range n {
		r, z, m, vm := x.gates[j], x.gates[n+j], x.recurrent[2*n+j], d.recurrent[2*n+j]
		vr, vz := d.gates[j], d.gates[n+j]
		vc := (d.gates[2*n+j] + vr*m + r*vm) * s[2*n+j]
		d.gates[2*n+j] = vc
		d.h[j] = (1-z)*vc + z*d.old(j) + vz*(x.old(j)-x.gates[2*n+j])
	}
}

// begin prepares a lane of examples for the adjoints, and returns the number of steps.
func (k gruLayer) begin(l lane, lo, hi int) int {
	most := k.longest(l, lo, hi, k.h, k.gates, k.recurrent)
	if !k.seedH {
		clear(k.h.rows(l, lo, hi))
	}
	return most
}

func (k gruLayer) adjoint(l lane, lo, hi, worker int) {
	most := k.begin(l, lo, hi)
	for s := most - 1; s >= 0; s-- {
		t := k.order(s, most)
		k.each(t, lo, hi, func(i int) { k.cellAdjoint(k.at(values, i, t), k.at(l, i, t), k.plan.scratch[worker]) })
		k.recurBack(l, l, k.hh.w.data, t, lo, hi)
	}
	k.inputsBack(l, false, lo, hi)
	if k.plan.dst.own != nil {
		k.sumBlocks(l, false, lo, hi)
	}
}

// cellAdjoint computes the adjoints of the sums from that of h, and adds to that of h of the step before.
func (k gruLayer) cellAdjoint(x, d gruCell, s []float32) {
	n := k.size
	k.slopes(s, x.gates)
	for j, dh := range d.h {
		r, z, c, m := x.gates[j], x.gates[n+j], x.gates[2*n+j], x.recurrent[2*n+j]
		dn := dh * (1 - z) * s[2*n+j]
		dr, dz := dn*m*s[j], dh*(x.old(j)-c)*s[n+j]
		d.gates[j], d.gates[n+j], d.gates[2*n+j] = dr, dz, dn
		d.recurrent[j], d.recurrent[n+j], d.recurrent[2*n+j] = dr, dz, dn*r
		if d.before != nil {
			d.before[j] += dh * z
		}
	}
}

// secondOrder is the tangent of the adjoint rule.
func (k gruLayer) secondOrder(lo, hi, worker int) {
	const l = cotangents
	most := k.begin(l, lo, hi)
	for s := most - 1; s >= 0; s-- {
		t := k.order(s, most)
		k.each(t, lo, hi, func(i int) {
			k.cellSecond(k.at(values, i, t), k.at(tangents, i, t), k.at(adjoints, i, t), k.at(l, i, t), k.plan.scratch[worker])
		})
		k.recurBack(l, l, k.hh.w.data, t, lo, hi)
		k.recurBack(l, adjoints, k.hh.v.data, t, lo, hi)
	}
	k.inputsBack(l, true, lo, hi)
	k.sumBlocks(l, true, lo, hi)
}

// cellSecond is the tangent of cellAdjoint: x are values, v their tangents, d adjoints, and e, the result, the
// tangents of adjoints. With m = W_hh h' + b_hh of n, the derivatives s of the gates and h' of the step before,
//
//	ǡ_n = (h̄̇(1−z) − h̄ż)s_n − 2h̄(1−z)nṅ
//	ǡ_r = (ǡ_n m + ā_n ṁ)s_r + ā_n m(1−2r)ṙ
//	ǡ_z = (h̄̇(h'−n) + h̄(ḣ'−ṅ))s_z + h̄(h'−n)(1−2z)ż
//	m̄̇ = ǡ_n r + ā_n ṙ
//
// and h̄̇z + h̄ż is added to the step before. Tangents of gates are those of their values, with s in them.
func (k gruLayer) cellSecond(x, v, d, e gruCell, s []float32) {
	n := k.size
	k.slopes(s, x.gates)
	for j, dh := range d.h {
		r, z, c, m := x.gates[j], x.gates[n+j], x.gates[2*n+j], x.recurrent[2*n+j]
		vr, vz, vc, vm := v.gates[j], v.gates[n+j], v.gates[2*n+j], v.recurrent[2*n+j]
		eh, dn, old := e.h[j], d.gates[2*n+j], x.old(j)
		en := (eh*(1-z)-dh*vz)*s[2*n+j] - 2*dh*(1-z)*c*vc
		er := (en*m+dn*vm)*s[j] + dn*m*(1-2*r)*vr
		ez := (eh*(old-c)+dh*(v.old(j)-vc))*s[n+j] + dh*(old-c)*(1-2*z)*vz
		e.gates[j], e.gates[n+j], e.gates[2*n+j] = er, ez, en
		e.recurrent[j], e.recurrent[n+j], e.recurrent[2*n+j] = er, ez, en*r+dn*vr
		if e.before != nil {
			e.before[j] += eh*z + dh*vz
		}
	}
}

// along adds, for each example, the second derivatives along the tangents. It uses the cotangents lane of the gates
// and of what they have from h for the products of tangents.
func (k gruLayer) along(lo, hi, worker int) {
	const l = cotangents
	gates, recurrent := k.gates.rows(l, lo, hi), k.recurrent.rows(l, lo, hi)
	if k.x.active {
		k.inputs(l, tangents, k.ih.v.forward, lo, hi, false)
	} else {
		clear(gates)
	}
	clear(recurrent)
	for t := range k.steps {
		k.recur(l, tangents, k.hh.v.forward, t, lo, hi)
	}
	k.plan.addSecond(k.gates, 2, gates, lo, hi)
	k.plan.addSecond(k.recurrent, 2, recurrent, lo, hi)
	for i := lo; i < hi; i++ {
		for t := range k.h.steps(i) {
			k.plan.curvatures[i] += k.cellAlong(k.at(values, i, t), k.at(tangents, i, t), k.at(adjoints, i, t), k.plan.scratch[worker])
		}
	}
}

// cellAlong returns the sum over the functions of a step of the adjoint times the second derivative along the
// tangents: of the gates, of r∘m and of h = n + z∘(h' − n).
func (k gruLayer) cellAlong(x, v, d gruCell, s []float32) float64 {
	n, sum := k.size, 0.0
	k.slopes(s, x.gates)
	for j, dh := range d.h {
		r, z, c, m := x.gates[j], x.gates[n+j], x.gates[2*n+j], x.recurrent[2*n+j]
		vr, vz, vc, vm := v.gates[j], v.gates[n+j], v.gates[2*n+j], v.recurrent[2*n+j]
		dn := d.gates[2*n+j]
		second := dn*m*gateSecond(1-2*r, vr, s[j]) + dh*(x.old(j)-c)*gateSecond(1-2*z, vz, s[n+j])
		second += dh*(1-z)*gateSecond(-2*c, vc, s[2*n+j]) + 2*dn*vr*vm + 2*dh*vz*(v.old(j)-vc)
		sum += float64(second)
	}
	return sum
}
