package main

import "math"

// The bodies of the functions do the operations of those of the other sets, in the same order,
// and give the same bits. A multiply-add adds to a register, so that Horner's scheme goes
// from one register to the next.

// float loads a vector of equal values.
func (n *neon) float(x float32, to v) { n.constant(math.Float32bits(x), nConst, to) }

// polynomial returns Σ c[i] xⁱ in p or q.
func (n *neon) polynomial(p, q, x v, c []float32) v {
	n.float(c[len(c)-1], p)
	for i := len(c) - 2; i >= 0; i-- {
		n.float(c[i], q)
		n.v("fmla.4s", q, p, x)
		p, q = q, p
	}
	return p
}

// atMost sets x to the lesser of x and limit; a NaN stays a NaN.
func (n *neon) atMost(x v, limit float32, tmp v) {
	n.float(limit, tmp)
	n.v("fmin.4s", x, x, tmp)
}

// atLeast sets x to the greater of x and limit; a NaN stays a NaN.
func (n *neon) atLeast(x v, limit float32, tmp v) {
	n.float(limit, tmp)
	n.v("fmax.4s", x, x, tmp)
}

// reduce splits x into n ln 2 + r (after Cody and Waite). It replaces x by r, sets whole to n
// and returns eʳ − 1 in p or q, and the other of the two.
func (n *neon) reduce(x, whole, p, q, tmp v) (v, v) {
	n.float(math.Log2E, whole)
	n.v("fmul.4s", whole, x, whole)
	n.v("frintn.4s", whole, whole)
	n.float(ln2High, p)
	n.v("fmls.4s", x, whole, p)
	n.float(ln2Low, p)
	n.v("fmls.4s", x, whole, p)
	y := n.polynomial(p, q, x, expPoly)
	n.v("fmul.4s", tmp, x, x)
	free := p + q - y
	n.assign(free, x)
	n.v("fmla.4s", free, y, tmp)
	return free, y
}

// exponential replaces x by eˣ for −104 ≤ x ≤ 89. It overwrites four registers from t on. 2ⁿ is
// applied in two factors: the first product is exact, so that a result below the normal range
// is rounded once only.
func (n *neon) exponential(x, t v) {
	whole, tmp := t, t+3
	p, half := n.reduce(x, whole, t+1, t+2, tmp)
	n.float(1, tmp)
	n.v("fadd.4s", p, p, tmp)
	n.v("fcvtns.4s", whole, whole)
	n.v("sshr", half, whole, 1)
	n.v("sub.4s", whole, whole, half)
	n.power(half, tmp)
	n.v("fmul.4s", p, p, half)
	n.power(whole, tmp)
	n.v("fmul.4s", x, p, whole)
}

// power replaces whole numbers n by 2ⁿ; one is a vector of ones.
func (n *neon) power(x, one v) {
	n.v("shl", x, x, 23)
	n.v("add.4s", x, x, one)
}

// neonExp is the body of the kernel of Exp.
func neonExp(n *neon, x []v, _ v) v {
	n.atMost(x[0], 89, 4)
	n.atLeast(x[0], -104, 4)
	n.exponential(x[0], 4)
	return x[0]
}

// neonELU is the body of the kernel of ELU, see eluBody.
func neonELU(n *neon, in []v, _ v) v {
	x, t, whole := in[0], v(4), v(5)
	n.assign(t, x)
	n.atLeast(t, -30, whole)
	p, q := n.reduce(t, whole, 6, 7, 8)
	n.float(1, q)
	n.v("fcvtns.4s", whole, whole)
	n.power(whole, q)
	n.v("fsub.4s", q, whole, q)
	n.v("fmla.4s", q, p, whole)
	return n.chooseAbove(x, -0x1p-26, x, q, t)
}

// neonTanh is the body of the kernel of Tanh, see tanhBody.
func neonTanh(n *neon, in []v, _ v) v {
	x, t, y, r, z := in[0], v(4), v(5), v(10), v(11)
	n.v("fabs.4s", t, x)
	n.v("fadd.4s", y, t, t)
	n.atMost(y, 40, 6)
	n.exponential(y, 6)
	n.float(1, z)
	n.v("fadd.4s", y, y, z)
	n.float(2, r)
	n.v("fdiv.4s", y, r, y)
	n.v("fsub.4s", r, z, y)

	n.v("fmul.4s", z, t, t)
	p := n.polynomial(6, 7, z, tanhPoly)
	n.v("fmul.4s", z, z, t)
	n.assign(y, t)
	n.v("fmla.4s", y, p, z)
	return n.withSign(n.chooseAbove(t, 0.625, r, y, p), x)
}

// neonSigmoid is the body of the kernel of Sigmoid, see sigmoidBody.
func neonSigmoid(n *neon, in []v, _ v) v {
	x, e, z, r := in[0], v(4), v(9), v(10)
	n.v("fabs.4s", e, x)
	n.atMost(e, 104, z)
	n.v("fneg.4s", e, e)
	n.exponential(e, 5)
	n.float(1, r)
	n.v("fadd.4s", z, e, r)
	n.v("fdiv.4s", r, r, z)
	n.v("fmul.4s", e, e, r)
	return n.chooseAbove(x, 0, r, e, z)
}

// neonErf is the body of the kernel of Erf, see erfBody.
func neonErf(n *neon, in []v, _ v) v {
	x, t, y, r, z := in[0], v(4), v(5), v(10), v(11)
	n.v("fabs.4s", t, x)
	n.atMost(t, 4, z)
	p := n.polynomial(6, 7, t, erfcPoly)
	n.v("fneg.4s", y, t)
	n.v("fmla.4s", y, p, t)
	n.exponential(y, 6)
	n.float(1, r)
	n.v("fsub.4s", r, r, y)

	n.v("fmul.4s", z, t, t)
	p = n.polynomial(6, 7, z, erfPoly)
	n.assign(y, t)
	n.v("fmla.4s", y, p, t)
	return n.withSign(n.chooseAbove(t, 1, r, y, p), x)
}

// withSign gives p, which is not negative, the sign of x. It overwrites x.
func (n *neon) withSign(p, x v) v {
	n.constant(1<<31, nConst, scratch)
	n.v("and.16b", x, x, scratch)
	n.v("orr.16b", p, p, x)
	return p
}

// chooseAbove replaces p by r where t is above limit.
func (n *neon) chooseAbove(t v, limit float32, r, p, tmp v) v {
	n.float(limit, tmp)
	n.v("fcmgt.4s", tmp, t, tmp)
	n.v("bit.16b", p, r, tmp)
	return p
}
