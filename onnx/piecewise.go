package onnx

import "math"

// piecewise is an operator by which a function of one number has several pieces: a comparison, a maximum, a minimum or a
// choice. Its inputs are functions of the same activation, and constants of one number. ok is false where it reads
// constants alone. The slope is that of the piece in which a number lies; a comparison has none.
func (b *builder) piecewise(n *node, f func(in []jet) jet) (v value, ok bool) {
	for k := range n.in {
		v := b.input(n, k)
		ok = ok || v.activation != nil
	}
	if !ok {
		return value{}, false
	}
	if least := map[string]int{"Where": 3, "Not": 1, "Max": 1, "Min": 1}[n.op]; len(n.in) < max(least, 1) || least == 0 && len(n.in) < 2 {
		failf("it has no input %d", len(n.in))
	}
	var of *activation
	pieces, size := make([]curve, len(n.in)), 1
	for k := range n.in {
		x := b.input(n, k).activation
		if x == nil {
			c := jet{v: b.number(n, k)}
			pieces[k] = func(jet) jet { return c }
			continue
		}
		if x.axes == "T" || x.below > 0 {
			failf("it compares integers of an input: that is supported for masks and places only")
		}
		x = b.viewed(n, x)
		g := b.formulaOf(x)
		if of != nil && (sourceOf(of) != g.of || !equal(of, x)) {
			failf("it compares or chooses between different activations: functions of one activation and constants of one number are supported")
		}
		if of == nil {
			of = &activation{axes: x.axes, view: x.view, formula: g}
		}
		pieces[k], size = g.f, size+g.size
	}
	whole := func(x jet) jet {
		in := make([]jet, len(pieces))
		for k, p := range pieces {
			in[k] = p(x)
		}
		return f(in)
	}
	return value{activation: &activation{axes: of.axes, view: of.view, formula: &formula{node: n, of: of.formula.of, size: size, f: whole}}}, true
}

// choosers are the operators that make pieces of functions of one activation.
var choosers = map[string]func(in []jet) jet{
	"Where": func(in []jet) jet {
		if in[0].v != 0 {
			return in[1]
		}
		return in[2]
	},
	"Not": func(in []jet) jet { return truthOf(in[0].v == 0) },
	"Max": func(in []jet) jet { return extreme(in, truths["Greater"]) },
	"Min": func(in []jet) jet { return extreme(in, truths["Less"]) },
}

func truthOf(ok bool) jet {
	if ok {
		return jet{v: 1}
	}
	return jet{}
}

// extreme returns the best of some numbers, of two equal ones with the mean of their slopes, as PyTorch has it.
func extreme(in []jet, better func(x, y float64) bool) jet {
	best := in[0]
	for _, x := range in[1:] {
		switch {
		case better(x.v, best.v) || math.IsNaN(x.v):
			best = x
		case x.v == best.v:
			best = best.plus(x).scaled(0.5)
		}
	}
	return best
}

// chooser returns the operator of a name on constants, or on functions of one activation.
func chooser(op string) func(*builder, *node) value {
	f := choosers[op]
	if truth, ok := truths[op]; ok {
		f = func(in []jet) jet { return truthOf(truth(in[0].v, in[1].v)) }
	}
	return func(b *builder, n *node) value {
		if v, ok := b.piecewise(n, f); ok {
			return v
		}
		return b.fold(n)
	}
}
