package main

import "slices"

// A neonPass is an elementwise kernel: out = f(in…), one vector at a time. Its name, arguments
// and inputs are those of the other sets; body returns the register of the result.
type neonPass func(n *neon, x []v, a v) v

// nConst holds the address of the constants.
const nConst r = 16

// neonPasses are the bodies of the passes.
var neonPasses = map[string]neonPass{
	"relu": func(n *neon, x []v, _ v) v { return n.positive(x[0]) },
	"mask": func(n *neon, x []v, _ v) v { return n.keepPositive(x[0], x[1]) },
	"add": func(n *neon, x []v, _ v) v {
		n.v("fadd.4s", x[0], x[0], x[1])
		return x[0]
	},
	"axpy": func(n *neon, x []v, a v) v {
		n.v("fmla.4s", x[0], x[1], a)
		return x[0]
	},
	"scale": func(n *neon, x []v, a v) v {
		n.v("fmul.4s", x[0], x[0], a)
		return x[0]
	},
	"mul": func(n *neon, x []v, _ v) v {
		n.v("fmul.4s", x[0], x[0], x[1])
		return x[0]
	},
	"mulAdd": func(n *neon, x []v, _ v) v {
		n.v("fmla.4s", x[0], x[1], x[2])
		return x[0]
	},
	"exp": neonExp, "elu": neonELU, "tanh": neonTanh, "sigmoid": neonSigmoid, "erf": neonErf,
	"affine1":       func(n *neon, x []v, _ v) v { return n.affine(x, false) },
	"affine1ReLU":   func(n *neon, x []v, _ v) v { return n.positive(n.affine(x, false)) },
	"affine2":       func(n *neon, x []v, _ v) v { return n.affine(x, false) },
	"addAffine2":    func(n *neon, x []v, _ v) v { return n.affine(x, true) },
	"addAffine3":    func(n *neon, x []v, _ v) v { return n.affine(x, true) },
	"sum":           func(n *neon, x []v, _ v) v { return n.affine(x[:2], true) },
	"sumReLU":       func(n *neon, x []v, _ v) v { return n.positive(n.affine(x[:2], true)) },
	"eluDeriv":      neonELUDeriv,
	"eluDeriv2":     neonELUDeriv2,
	"tanhDeriv":     neonTanhDeriv,
	"tanhDeriv2":    func(n *neon, x []v, a v) v { return n.minusTwice(x[0], neonTanhDeriv(n, x, a)) },
	"sigmoidDeriv":  neonSigmoidDeriv,
	"sigmoidDeriv2": neonSigmoidDeriv2,
	"erfDeriv":      neonErfDeriv,
	"erfDeriv2":     func(n *neon, x []v, a v) v { return n.minusTwice(x[0], neonErfDeriv(n, x, a)) },
}

// affine is k0 + Σ k_i·x_i; if add is set, the first two operands are summed first.
func (n *neon) affine(x []v, add bool) v {
	if add {
		n.v("fadd.4s", x[1], x[0], x[1])
		x = x[1:]
	}
	for i := 1; i < len(x); i += 2 {
		n.v("fmla.4s", x[0], x[i], x[i+1])
	}
	return x[0]
}

// scratch is a register that no input uses.
const scratch v = 16

// positive replaces negative values by zero; −0 and NaN stay.
func (n *neon) positive(x v) v {
	n.v("fcmlt.4s.zero", scratch, x)
	n.v("bic.16b", x, x, scratch)
	return x
}

// keepPositive sets y to zero where x is not greater than zero. It overwrites x.
func (n *neon) keepPositive(x, y v) v {
	n.v("fcmgt.4s.zero", x, x)
	n.v("and.16b", y, y, x)
	return y
}

// elementwise writes the elementwise kernels.
func (n *neon) elementwise() {
	for _, p := range slices.Concat(passes, affinePasses(), derivPasses()) {
		n.elementwisePass(p.name, p.args, p.in, p.scalar, neonPasses[p.name])
	}
}

// elementwisePass writes one kernel: four vectors at a time, then one, then single values.
func (n *neon) elementwisePass(name, args string, in []string, scalar bool, body neonPass) {
	n.function(name, args, 0, name+"NEON is the kernel of the same name for slices of the length of dst.")
	const dst, left, a = r(0), r(1), v(31)
	n.arg("dst_base", dst)
	n.arg("dst_len", left)
	base := general[2 : 2+len(in)]
	for i, from := range in {
		n.arg(from+"_base", base[i])
	}
	n.do("MOVD", "$neonConstants<>(SB), %s", nConst)
	if scalar {
		n.do("FMOVS", "%s, %s", n.place("a"), a)
		n.v("dup.4s", a, a)
	}
	block := func(move string, size int) {
		x := make([]v, len(in))
		for i := range in {
			x[i] = v(i)
			n.do(move+".P", "%d(%s), %s", size, base[i], x[i])
		}
		n.do(move+".P", "%s, %d(%s)", body(n, x, a), size, dst)
	}
	for _, part := range []struct {
		name, next, move string
		blocks, values   int
	}{{"several", "ones", "FMOVQ", 4, 16}, {"one", "rest", "FMOVQ", 1, 4}, {"single", "done", "FMOVS", 1, 1}} {
		n.strips(part.name, part.next, part.values, left, func() {
			for range part.blocks {
				block(part.move, 4*part.values/part.blocks)
			}
		})
	}
	n.do("RET", "")
}

// addRow writes the kernel of AddRow.
func (n *neon) addRow() {
	n.function("addRow", "(dst *float32, rows, cols int, b *float32)", 0, "addRowNEON is AddRow for positive rows and cols.")
	const dst, rows, cols, b, p, left = r(0), r(1), r(2), r(3), r(4), r(5)
	n.arg("dst", dst)
	n.arg("rows", rows)
	n.arg("cols", cols)
	n.arg("b", b)
	n.at("row")
	n.do("MOVD", "%s, %s", b, p)
	n.do("MOVD", "%s, %s", cols, left)
	for _, part := range []struct {
		name, next, move string
		values           int
	}{{"one", "rest", "FMOVQ", 4}, {"single", "done", "FMOVS", 1}} {
		n.strips(part.name, part.next, part.values, left, func() {
			n.do(part.move+".P", "%d(%s), F0", 4*part.values, p)
			n.do(part.move, "(%s), F1", dst)
			n.v("fadd.4s", 0, 0, 1)
			n.do(part.move+".P", "F0, %d(%s)", 4*part.values, dst)
		})
	}
	n.do("SUBS", "$1, %s", rows)
	n.jump("BNE", "row")
	n.do("RET", "")
}
