package nn

// secondOrder is the tangent of the adjoint rule.
func (k resetLayer) secondOrder(lo, hi, worker int) {
	const l = cotangents
	most := k.begin(l, lo, hi)
	for step := most - 1; step >= 0; step-- {
		t := k.order(step, most)
		each := func(half func(x, v, d, e resetCell, s []float32)) {
			k.each(t, lo, hi, func(i int) {
				half(k.at(values, i, t), k.at(tangents, i, t), k.at(adjoints, i, t), k.at(l, i, t), k.plan.scratch[worker])
			})
		}
		each(k.secondOfH)
		k.productBack(l, l, k.apart.w.data, t, lo, hi, false)
		k.productBack(l, adjoints, k.apart.v.data, t, lo, hi, true)
		each(k.secondOfReset)
		k.recurBack(l, l, k.hh.w.data, t, lo, hi)
		k.recurBack(l, adjoints, k.hh.v.data, t, lo, hi)
	}
	k.inputsBack(l, true, lo, hi)
	k.sumBlocks(l, true, lo, hi)
}

// secondOfH is the tangent of the adjoint of h_t = (1 − z)∘n + z∘h': x are values, v their tangents, d adjoints, and e,
// the result, the tangents of adjoints. With the derivatives s of the gates,
//
//	ǡ_n = (h̄̇(1−z) − h̄ż)s_n − 2h̄(1−z)nṅ
//	ǡ_z = (h̄̇(h'−n) + h̄(ḣ'−ṅ))s_z + h̄(h'−n)(1−2z)ż
//
// and h̄̇z + h̄ż is added to the step before. Tangents of gates are those of their values, with s in them.
func (k resetLayer) secondOfH(x, v, d, e resetCell, s []float32) {
	n := k.size
	k.slopes(s, x.gates)
	for j, dh := range d.h {
		z, c, vz, vc, eh, old := x.gates[n+j], x.gates[2*n+j], v.gates[n+j], v.gates[2*n+j], e.h[j], x.old(j)
		e.gates[2*n+j] = (eh*(1-z)-dh*vz)*s[2*n+j] - 2*dh*(1-z)*c*vc
		e.gates[n+j] = (eh*(old-c)+dh*(v.old(j)-vc))*s[n+j] + dh*(old-c)*(1-2*z)*vz
		if e.before != nil {
			e.before[j] += eh*z + dh*vz
		}
	}
}

// secondOfReset is the same of p = r∘h', with the adjoint p̄:
//
//	ǡ_r = (p̄̇h' + p̄ḣ')s_r + p̄h'(1−2r)ṙ
//
// and p̄̇r + p̄ṙ is added to the step before.
func (k resetLayer) secondOfReset(x, v, d, e resetCell, s []float32) {
	k.slopes(s, x.gates)
	for j, dp := range d.reset {
		r, vr, ep, old := x.gates[j], v.gates[j], e.reset[j], x.old(j)
		e.gates[j] = (ep*old+dp*v.old(j))*s[j] + dp*old*(1-2*r)*vr
		if e.before != nil {
			e.before[j] += ep*r + dp*vr
		}
	}
}

// along adds, for each example, the second derivatives along the tangents. It uses the cotangents lane of the gates
// for the products of tangents.
func (k resetLayer) along(lo, hi, worker int) {
	const l = cotangents
	gates := k.gates.rows(l, lo, hi)
	if k.x.active {
		k.inputs(l, tangents, k.ih.v.forward, lo, hi, false)
	} else {
		clear(gates)
	}
	for t := range k.steps {
		k.recur(l, tangents, k.hh.v.forward, t, lo, hi)
		k.product(l, tangents, k.apart.v.forward, t, lo, hi)
	}
	k.plan.addSecond(k.gates, 2, gates, lo, hi)
	for i := lo; i < hi; i++ {
		for t := range k.h.steps(i) {
			k.plan.curvatures[i] += k.cellAlong(k.at(values, i, t), k.at(tangents, i, t), k.at(adjoints, i, t), k.plan.scratch[worker])
		}
	}
}

// cellAlong returns the sum over the functions of a step of the adjoint times the second derivative along the
// tangents: of the gates, of r∘h' and of h = n + z∘(h' − n).
func (k resetLayer) cellAlong(x, v, d resetCell, s []float32) float64 {
	n, sum := k.size, 0.0
	k.slopes(s, x.gates)
	for j, dh := range d.h {
		r, z, c := x.gates[j], x.gates[n+j], x.gates[2*n+j]
		vr, vz, vc, dp, old := v.gates[j], v.gates[n+j], v.gates[2*n+j], d.reset[j], x.old(j)
		second := dp*old*gateSecond(1-2*r, vr, s[j]) + dh*(old-c)*gateSecond(1-2*z, vz, s[n+j])
		second += dh*(1-z)*gateSecond(-2*c, vc, s[2*n+j]) + 2*dp*vr*v.old(j) + 2*dh*vz*(v.old(j)-vc)
		sum += float64(second)
	}
	return sum
}
