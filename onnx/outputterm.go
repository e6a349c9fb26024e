package onnx

import (
	"fmt"
	"slices"
)

// A numberLoss is what a loss computes of output number c of an example and its target.
type numberLoss func(z jet, y float64, c int) jet

// A term is a function of a number of the network's output and its target. Rank is how many dimensions
// the graph's tensor has, 0 of a constant.
type term struct {
	at   numberLoss
	rank int
}

// mostInLoss is how many nodes a loss may have.
const mostInLoss = 64

// transparent are the operators that change no numbers, but perhaps the dimensions.
var transparent = []string{"Identity", "Cast", "CastLike", "Expand", "Squeeze", "Unsqueeze"}

// settle returns what a value is as a function of one value of the network and of targets. What does not depend on
// targets is a part of the network, except where the loss reads several functions of one value.
func (r *lossReader) settle(root string) term {
	for range mostInLoss {
		r.leaves, r.labels, r.logs, r.unlike, r.outputs = nil, nil, false, nil, 0
		left := 4 * mostInLoss
		f := r.term(root, &left)
		switch {
		case len(r.labels) == 0:
			failf("it is no mean or sum of a function of each output and its target: what is computed of a mean, such as its root, mixes the examples")
		case len(r.leaves) == 0:
			failf("it does not depend on the network")
		}
		slices.SortFunc(r.leaves, func(a, b string) int { return r.places[b] - r.places[a] })
		last := r.makers[r.leaves[0]]
		inner := last != nil && (slices.Contains(transparent, last.op) || last.op == "Sigmoid" && r.logs)
		if len(r.leaves) == 1 && !inner {
			if r.unlike != nil {
				panic(fault{r.unlike})
			}
			if r.outputs > 0 && f.rank != 2 {
				failf("it has %d constants for an example of one output", r.outputs)
			}
			return f
		}
		if last == nil || !elementwise(last) {
			failf("it reads several values of the network: %v among them", last)
		}
		r.open[r.leaves[0]] = true
	}
	failf("it has more than %d nodes", mostInLoss)
	return term{}
}

// elementwise reports whether an operator acts on each number.
func elementwise(n *node) bool {
	_, function := functions[n.op]
	_, truth := truths[n.op]
	return function || truth || slices.Contains(transparent, n.op) || slices.Contains([]string{"Add", "Sub", "Mul", "Div", "Pow", "Where", "Max", "Min"}, n.op)
}

// targeted reports whether a value depends on an input that is reached by operators on each number, fixed whether it
// depends on constants alone.
func (r *lossReader) targeted(name string) bool {
	steps := mostInLoss
	return r.depends(name, &steps, slices.ContainsFunc[[]string], func(name string) bool { _, ok := r.inputs[name]; return ok })
}

func (r *lossReader) fixed(name string) bool {
	steps := mostInLoss
	every := func(in []string, is func(string) bool) bool {
		return !slices.ContainsFunc(in, func(name string) bool { return !is(name) })
	}
	return r.depends(name, &steps, every, func(name string) bool { return r.constant(name) != nil })
}

// depends reports whether a value is something, or a function of some or of all values that are.
func (r *lossReader) depends(name string, left *int, of func(in []string, is func(string) bool) bool, is func(string) bool) bool {
	if is(name) {
		return true
	}
	n := r.makers[name]
	if *left--; n == nil || *left < 0 || !elementwise(n) {
		return false
	}
	in := slices.DeleteFunc(slices.Clone(n.in), func(in string) bool { return in == "" })
	return of(in, func(in string) bool { return r.depends(in, left, of, is) })
}

// term returns the function that a value is.
func (r *lossReader) term(name string, left *int) term {
	if *left--; *left < 0 {
		failf("it has more than %d nodes", mostInLoss)
	}
	if c, ok := r.number(name); ok {
		return term{at: func(jet, float64, int) jet { return jet{v: c} }}
	}
	if p, ok := r.inputs[name]; ok {
		if !slices.Contains(r.labels, name) {
			r.labels = append(r.labels, name)
		}
		rank := 2
		if p.rank {
			rank = len(p.dims)
		}
		return term{func(_ jet, y float64, _ int) jet { return jet{v: y} }, rank}
	}
	if all, ok := r.perOutput(name); ok {
		return term{at: func(_ jet, _ float64, c int) jet { return jet{v: all[c]} }}
	}
	n := r.makers[name]
	if n != nil && elementwise(n) && (r.open[name] || r.targeted(name) || r.fixed(name)) {
		return r.applied(n, left)
	}
	if n == nil {
		failf("it reads the constant %q: one number, or one for each output, is supported", name)
	}
	if !slices.Contains(r.leaves, name) {
		r.leaves = append(r.leaves, name)
	}
	return term{func(z jet, _ float64, _ int) jet { return z }, 2}
}

// applied returns the function of an operator on each number.
func (r *lossReader) applied(n *node, left *int) term {
	if !n.has(0) {
		failf("%v has no input", n)
	}
	if slices.Contains(transparent, n.op) {
		x := r.term(n.in[0], left)
		switch {
		case n.op == "Squeeze":
			x.rank--
		case n.op == "Unsqueeze":
			x.rank++
		}
		return x
	}
	var in []term
	known := r.targeted(n.main()) || r.fixed(n.main())
	for k, name := range n.in {
		if name == "" || n.op == "Clip" && k > 0 {
			break
		}
		if _, several := r.perOutput(name); several && !known {
			failf("%v reads the constant %q, which may be a weight of the network", n, name)
		}
		in = append(in, r.term(name, left))
	}
	f := term{rank: 0}
	for _, x := range in {
		if x.rank > 0 && f.rank > 0 && x.rank != f.rank {
			r.unlike = fmt.Errorf("%v joins tensors of %d and %d dimensions, so that every example would be compared with every other: give outputs and targets the same shape", n, f.rank, x.rank)
		}
		f.rank = max(f.rank, x.rank)
	}
	r.logs = r.logs || n.op == "Log"
	f.at = r.joined(n, in)
	return f
}

// joined returns the function that an operator makes of those of its inputs.
func (r *lossReader) joined(n *node, in []term) numberLoss {
	wants := map[string]int{"Where": 3}[n.op]
	if _, one := functions[n.op]; one {
		wants = 1
	}
	if wants = max(wants, 1); len(in) < wants || wants == 1 && len(in) > 2 {
		failf("%v has %d inputs", n, len(in))
	}
	a := in[0].at
	if n.op == "Clip" {
		return r.clipped(n, a)
	}
	if of, ok := functions[n.op]; ok {
		g := of(nil, n)
		return func(z jet, y float64, c int) jet { return g(a(z, y, c)) }
	}
	if len(in) < 2 {
		failf("%v has one input", n)
	}
	b := in[1].at
	if truth, ok := truths[n.op]; ok {
		return func(z jet, y float64, c int) jet {
			if truth(a(z, y, c).v, b(z, y, c).v) {
				return jet{v: 1}
			}
			return jet{}
		}
	}
	switch n.op {
	case "Where":
		other := in[2].at
		return func(z jet, y float64, c int) jet {
			if a(z, y, c).v != 0 {
				return b(z, y, c)
			}
			return other(z, y, c)
		}
	case "Max":
		return func(z jet, y float64, c int) jet {
			if u, v := a(z, y, c), b(z, y, c); u.v > v.v || u.v != u.v {
				return u
			}
			return b(z, y, c)
		}
	case "Min":
		return func(z jet, y float64, c int) jet {
			if u, v := a(z, y, c), b(z, y, c); u.v < v.v || u.v != u.v {
				return u
			}
			return b(z, y, c)
		}
	case "Pow":
		p, ok := r.number(n.in[1])
		if !ok {
			failf("%v has no constant as its exponent", n)
		}
		return func(z jet, y float64, c int) jet { return a(z, y, c).power(p) }
	}
	combine := combination(n.op)
	return func(z jet, y float64, c int) jet { return combine(a(z, y, c), b(z, y, c)) }
}

// clipped is a Clip, whose bounds are constants.
func (r *lossReader) clipped(n *node, a numberLoss) numberLoss {
	bound := func(k int, other float64) float64 {
		if !n.has(k) {
			return other
		}
		c, ok := r.number(n.in[k])
		if !ok {
			failf("%v has a bound that is no constant", n)
		}
		return c
	}
	low, high := bound(1, -1e300), bound(2, 1e300)
	return func(z jet, y float64, c int) jet { return a(z, y, c).clip(low, high) }
}
