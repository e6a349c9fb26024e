package onnx

// twoOf is a sum, difference, product, quotient or power.
func twoOf(b *builder, n *node) value {
	if v, ok := b.normal(n); ok {
		return v
	}
	if v, ok := b.weighed(n); ok {
		return v
	}
	if v, ok := b.responding(n); ok {
		return v
	}
	x, y := b.input(n, 0), b.input(n, 1)
	switch {
	case x.constant != nil && y.constant != nil:
		return b.twoConstants(n, x, y)
	case n.op == "Mul" && x.constant != nil && b.angular(y.activation, x.constant):
		return b.turnedTimes(n, y.activation, x.constant, 1)
	case n.op == "Mul" && y.constant != nil && b.angular(x.activation, y.constant):
		return b.turnedTimes(n, x.activation, y.constant, 1)
	case n.op == "Sub" && x.constant == nil && y.constant == nil && (x.turn != nil || y.turn != nil):
		return b.turnedPlus(n, x.activation, b.turnedTimes(n, y.activation, nil, -1).activation)
	case n.op != "Pow" && b.alongAll(n, x.constant, y.activation), b.learnedNumber(n, x.constant, y.activation):
		return b.channelwise(n, x.constant, y.activation, true)
	case n.op != "Pow" && b.alongAll(n, y.constant, x.activation), b.learnedNumber(n, y.constant, x.activation):
		return b.channelwise(n, y.constant, x.activation, false)
	case x.constant != nil:
		return b.withNumber(n, y.activation, b.number(n, 0), true)
	case y.constant != nil:
		return b.withNumber(n, x.activation, b.number(n, 1), false)
	}
	if n.op == "Mul" && n.in[0] == n.in[1] {
		b.inHeads(n, x.activation)
	}
	x.activation, y.activation = b.alike(n, x.activation, y.activation)
	if x.formula != nil && y.formula != nil && x.formula.of != y.formula.of || !equal(x.activation, y.activation) {
		return b.combined(n, x.activation, y.activation)
	}
	f, g := b.formulaOf(x.activation), b.formulaOf(y.activation)
	if f.of != g.of {
		return b.combined(n, x.activation, y.activation)
	}
	if n.op == "Pow" {
		failf("powers of activations are supported with constants only")
	}
	u, v, combine := f.f, g.f, combination(n.op)
	both := &formula{node: n, of: f.of, size: f.size + g.size + 1, f: func(x jet) jet { return combine(u(x), v(x)) }}
	if n.op == "Mul" && n.in[0] == n.in[1] {
		both.squares = x.activation
	}
	return value{activation: &activation{axes: x.axes, view: x.view, formula: both}}
}

// twoConstants combines constants. What is multiplied by 1 stays what it is: a weight.
func (b *builder) twoConstants(n *node, x, y value) value {
	one := x.constant
	if n.op == "Mul" && weightly(y.constant) && one.count() == 1 && len(one.dims) <= len(y.constant.dims) && !one.kind.integer() && b.unnamed(one, 1) {
		return y
	}
	return b.fold(n)
}

// withNumber is an operator on an activation and a number, which comes first if turned.
func (b *builder) withNumber(n *node, a *activation, c float64, turned bool) value {
	if n.op == "Pow" {
		if turned {
			failf("powers of a constant are not supported")
		}
		b.inHeads(n, a)
		a = b.viewed(n, a)
		y := b.then(n, a, func(x jet) jet { return x.power(c) })
		if c == 2 {
			y.formula.squares = a
		}
		return y
	}
	if c == 1 && (n.op == "Mul" || n.op == "Div" && !turned) {
		return value{activation: a}
	}
	if a.turn != nil && (n.op == "Mul" || n.op == "Div") {
		b.layoutOf(a) // of which the number is a scale
	}
	if !turned || n.op == "Mul" {
		if s := scaled(n, a, c); s != nil {
			return value{activation: s}
		}
	}
	combine, number := combination(n.op), jet{v: c}
	if turned {
		return b.then(n, a, func(x jet) jet { return combine(number, x) })
	}
	return b.then(n, a, func(x jet) jet { return combine(x, number) })
}

// combination returns the function of an operator.
func combination(op string) func(x, y jet) jet {
	switch op {
	case "Add":
		return jet.plus
	case "Sub":
		return jet.minus
	case "Mul":
		return jet.times
	}
	return func(x, y jet) jet { return x.times(y.inverse()) }
}
