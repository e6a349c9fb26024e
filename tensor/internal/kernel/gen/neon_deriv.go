package main

import "math"

// neonELUDeriv is min(y, 0) + 1.
func neonELUDeriv(n *neon, x []v, _ v) v {
	n.zero(scratch)
	n.v("fmin.4s", x[0], x[0], scratch)
	n.float(1, scratch)
	n.v("fadd.4s", x[0], x[0], scratch)
	return x[0]
}

// neonELUDeriv2 is y + 1, and 0 for positive y.
func neonELUDeriv2(n *neon, x []v, _ v) v {
	n.float(1, 4)
	n.v("fadd.4s", 4, x[0], 4)
	n.v("fcmgt.4s.zero", x[0], x[0])
	n.v("bic.16b", 4, 4, x[0])
	return 4
}

// neonTanhDeriv is 1 − y².
func neonTanhDeriv(n *neon, x []v, _ v) v {
	n.float(1, 4)
	n.v("fmls.4s", 4, x[0], x[0])
	return 4
}

// neonSigmoidDeriv is y(1 − y).
func neonSigmoidDeriv(n *neon, x []v, _ v) v {
	n.float(1, 4)
	n.v("fsub.4s", 4, 4, x[0])
	n.v("fmul.4s", 4, 4, x[0])
	return 4
}

// neonSigmoidDeriv2 is y(1 − y)(1 − 2y).
func neonSigmoidDeriv2(n *neon, x []v, a v) v {
	deriv := neonSigmoidDeriv(n, x, a)
	n.v("fadd.4s", x[0], x[0], x[0])
	n.float(1, 5)
	n.v("fsub.4s", x[0], 5, x[0])
	n.v("fmul.4s", x[0], x[0], deriv)
	return x[0]
}

// neonErfDeriv is 2/√π exp(−x²), see erfDerivBody. It keeps x within the limits.
func neonErfDeriv(n *neon, in []v, _ v) v {
	const limit = 10.198
	x, e, l := in[0], v(4), v(9)
	n.atMost(x, limit, 5)
	n.atLeast(x, -limit, 5)
	n.v("fmul.4s", e, x, x)
	n.v("fneg.4s", e, e)
	n.assign(l, e)
	n.v("fmla.4s", l, x, x)
	n.exponential(e, 5)
	n.v("fmls.4s", e, e, l) // reads its factors before it writes
	n.float(2/math.SqrtPi, l)
	n.v("fmul.4s", e, e, l)
	return e
}

// minusTwice is −2xy.
func (n *neon) minusTwice(x, y v) v {
	n.float(-2, scratch)
	n.v("fmul.4s", x, x, scratch)
	n.v("fmul.4s", x, x, y)
	return x
}
