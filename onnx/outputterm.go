package onnx

import (
	"fmt"
	"slices"
)

// A term is a function of a number of the network's output and its target. Rank is how many dimensions
// the graph's tensor has, 0 of a constant.
type term struct {
	at   func(z jet, y float64) jet
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
		r.leaves, r.labels, r.logs, r.unlike = nil, nil, false, nil
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

// targeted reports whether a value depends on an input that is reached by operators on each number.
func (r *lossReader) targeted(name string, left *int) bool {
	if _, ok := r.inputs[name]; ok {
		return true
	}
	n := r.makers[name]
	if *left--; n == nil || *left < 0 || !elementwise(n) {
		return false
	}
	return slices.ContainsFunc(n.in, func(in string) bool { return in != "" && r.targeted(in, left) })
}

// term returns the function that a value is.
func (r *lossReader) term(name string, left *int) term {
	if *left--; *left < 0 {
		failf("it has more than %d nodes", mostInLoss)
	}
	if c, ok := r.number(name); ok {
		return term{at: func(jet, float64) jet { return jet{v: c} }}
	}
	if p, ok := r.inputs[name]; ok {
		if !slices.Contains(r.labels, name) {
			r.labels = append(r.labels, name)
		}
		rank := 2
		if p.rank {
			rank = len(p.dims)
		}
		return term{func(_ jet, y float64) jet { return jet{v: y} }, rank}
	}
	n, steps := r.makers[name], mostInLoss
	if n != nil && elementwise(n) && (r.open[name] || r.targeted(name, &steps)) {
		return r.applied(n, left)
	}
	if n == nil {
		failf("it reads the constant %q, of several numbers", name)
	}
	if !slices.Contains(r.leaves, name) {
		r.leaves = append(r.leaves, name)
	}
	return term{func(z jet, _ float64) jet { return z }, 2}
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
	for k, name := range n.in {
		if name == "" || n.op == "Clip" && k > 0 {
			break
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
func (r *lossReader) joined(n *node, in []term) func(z jet, y float64) jet {
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
		return func(z jet, y float64) jet { return g(a(z, y)) }
	}
	if len(in) < 2 {
		failf("%v has one input", n)
	}
	b := in[1].at
	if truth, ok := truths[n.op]; ok {
		return func(z jet, y float64) jet {
			if truth(a(z, y).v, b(z, y).v) {
				return jet{v: 1}
			}
			return jet{}
		}
	}
	switch n.op {
	case "Where":
		c := in[2].at
		return func(z jet, y float64) jet {
			if a(z, y).v != 0 {
				return b(z, y)
			}
			return c(z, y)
		}
	case "Max":
		return func(z jet, y float64) jet {
			if u, v := a(z, y), b(z, y); u.v > v.v || u.v != u.v {
				return u
			}
			return b(z, y)
		}
	case "Min":
		return func(z jet, y float64) jet {
			if u, v := a(z, y), b(z, y); u.v < v.v || u.v != u.v {
				return u
			}
			return b(z, y)
		}
	case "Pow":
		p, ok := r.number(n.in[1])
		if !ok {
			failf("%v has no constant as its exponent", n)
		}
		return func(z jet, y float64) jet { return a(z, y).power(p) }
	}
	combine := combination(n.op)
	return func(z jet, y float64) jet { return combine(a(z, y), b(z, y)) }
}

// clipped is a Clip, whose bounds are constants.
func (r *lossReader) clipped(n *node, a func(z jet, y float64) jet) func(z jet, y float64) jet {
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
	return func(z jet, y float64) jet { return a(z, y).clip(low, high) }
}
