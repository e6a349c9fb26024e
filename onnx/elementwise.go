package onnx

import (
	"math"
	"slices"

	"breakeven/nn"
)

// A formula is a function of each number of another one, made of several nodes of the graph.
// It becomes an operation when something else reads it.
type formula struct {
	node *node
	of   nn.Node
	f    curve
	size int // operators in it

	clips   *nn.Clip    // what it is alone; nil: something else
	squares *activation // of whose numbers it is the squares; nil: something else
}

// longest is how many operators a formula may have, and how many factors a sequence that a mask weighs.
const longest = 32

// formulaOf returns an activation as a formula: its own, or x itself.
func (b *builder) formulaOf(a *activation) *formula {
	if a.formula != nil && a.formula.size < longest {
		return a.formula
	}
	return &formula{of: b.closed(a), f: func(x jet) jet { return x }}
}

// then returns the activation g(f(x)).
func (b *builder) then(n *node, a *activation, g curve) value {
	a = b.viewed(n, a)
	f := b.formulaOf(a)
	inner := f.f
	return value{activation: &activation{axes: a.axes, view: a.view, formula: &formula{node: n, of: f.of, size: f.size + 1,
		f: func(x jet) jet { return g(inner(x)) }}}}
}

// functions are the operators on each number.
var functions = map[string]func(*builder, *node) curve{
	"Relu":       fixed(func(x jet) jet { return x.leaky(0) }),
	"Tanh":       fixed(jet.tanh),
	"Sigmoid":    fixed(jet.sigmoid),
	"Erf":        fixed(jet.erf),
	"Exp":        fixed(jet.exp),
	"Sin":        fixed(jet.sin),
	"Cos":        fixed(jet.cos),
	"Log":        fixed(jet.log),
	"Sqrt":       fixed(func(x jet) jet { return x.power(0.5) }),
	"Reciprocal": fixed(jet.inverse),
	"Neg":        fixed(func(x jet) jet { return x.scaled(-1) }),
	"Abs":        fixed(func(x jet) jet { return x.leaky(-1) }),
	"Softplus":   fixed(jet.softplus),
	"Mish":       fixed(func(x jet) jet { return x.times(x.softplus().tanh()) }),
	"HardSwish":  fixed(func(x jet) jet { return x.times(x.scaled(1./6).plus(jet{v: 0.5}).clip(0, 1)) }),
	"LeakyRelu": func(_ *builder, n *node) curve {
		a := n.float("alpha", 0.01)
		return func(x jet) jet { return x.leaky(a) }
	},
	"Elu": func(_ *builder, n *node) curve {
		a := n.float("alpha", 1)
		return func(x jet) jet { return x.elu(a) }
	},
	"Selu": func(_ *builder, n *node) curve {
		a, g := n.float("alpha", 1.67326319217681884765625), n.float("gamma", 1.05070102214813232421875)
		return func(x jet) jet { return x.elu(a).scaled(g) }
	},
	"HardSigmoid": func(_ *builder, n *node) curve {
		a, c := n.float("alpha", 0.2), n.float("beta", 0.5)
		return func(x jet) jet { return x.scaled(a).plus(jet{v: c}).clip(0, 1) }
	},
	"Gelu": func(_ *builder, n *node) curve {
		if n.text("approximate", "none") == "tanh" {
			return jet.geluTanh
		}
		return jet.gelu
	},
	"Clip": func(b *builder, n *node) curve {
		low, high := math.Inf(-1), math.Inf(1)
		if n.has(1) {
			low = b.number(n, 1)
		}
		if n.has(2) {
			high = b.number(n, 2)
		}
		low = min(low, high) // the upper one counts if they contradict each other
		return func(x jet) jet { return x.clip(low, high) }
	},
}

// fixed is a function without attributes.
func fixed(f curve) func(*builder, *node) curve {
	return func(*builder, *node) curve { return f }
}

// number returns input k of a node, which must be a constant of one number.
func (b *builder) number(n *node, k int) float64 {
	t := b.input(n, k).constant
	if t == nil || t.count() != 1 {
		failf("its input %q is no constant of one number", n.in[k])
	}
	return b.floats(t)[0]
}

// function is an operator on each number.
func function(b *builder, n *node) value {
	if c := b.input(n, 0).constant; c != nil {
		return b.functionOf(n, c)
	}
	if v, ok := b.normal(n); ok {
		return v
	}
	x := b.reads(n, 0)
	if n.op == "Neg" && x.laidInParts() {
		return b.turnedTimes(n, x, nil, -1)
	}
	y := b.then(n, x, functions[n.op](b, n))
	if n.op == "Clip" && y.formula.size == 1 && n.has(1) && n.has(2) {
		low, high := b.number(n, 1), b.number(n, 2)
		y.formula.clips = &nn.Clip{Low: float32(min(low, high)), High: float32(high)}
	}
	return y
}

// functionOf is an operator on each number of a constant.
func (b *builder) functionOf(n *node, c *tensor) value {
	x, f := slices.Clone(b.floats(c)), functions[n.op](b, n)
	for i := range x {
		x[i] = f(jet{v: x[i]}).v
	}
	return value{constant: reals(n.out[0], c.dims, x)}
}

// known are the functions that have operations of their own.
var known = []struct {
	op nn.Op
	f  curve
}{
	{nn.ReLU{}, func(x jet) jet { return x.leaky(0) }},
	{nn.Tanh{}, jet.tanh},
	{nn.Sigmoid{}, jet.sigmoid},
	{nn.Erf{}, jet.erf},
	{nn.GELU{}, jet.gelu},
	{nn.SiLU{}, func(x jet) jet { return x.times(x.sigmoid()) }},
	{nn.ELU{}, func(x jet) jet { return x.elu(1) }},
}

// operation returns the operation that computes a formula.
func (f *formula) operation() nn.Op {
	for _, k := range known {
		if f.equals(k.f) {
			return k.op
		}
	}
	if f.clips != nil {
		return *f.clips
	}
	if c := f.f(jet{v: 1}).v; f.equals(func(x jet) jet { return x.scaled(c) }) {
		return nn.Scaled{Scale: float32(c), NoBias: true}
	}
	at := func(x float64) jet { return f.f(jet{v: x, d: 1}) }
	return nn.Elementwise{
		Value: func(x float64) float64 { return at(x).v },
		Slope: func(x float64) float64 { return at(x).d },
		Curve: func(x float64) float64 { return at(x).dd },
	}
}

// equals reports whether a formula is a function, to the rounding of constants in float32. Bounds may be far from 0.
func (f *formula) equals(g curve) bool {
	for _, at := range probed {
		y, z := f.f(jet{v: at, d: 1}), g(jet{v: at, d: 1})
		if math.Abs(at) > usual && !finite(y) {
			continue // beyond what its intermediate numbers can be
		}
		for _, pair := range [][2]float64{{y.v, z.v}, {y.d, z.d}} {
			if !near(pair[0], pair[1]) {
				return false
			}
		}
	}
	return true
}

// near reports whether two numbers are the same to the rounding of constants in float32.
func near(x, want float64) bool { return math.Abs(x-want) <= 1e-6*(1+math.Abs(want)) }

func finite(x jet) bool { return !math.IsNaN(x.v-x.v) && !math.IsNaN(x.d-x.d) }

// usual is how far from 0 functions are compared at equal distances, and every number has to agree.
const usual = 6.5

// probed are the numbers at which functions are compared: close to each other where most activations are, and beyond
// that in equal ratios, as far as float32 reaches. 0 is left out, where some have a kink.
var probed = func() []float64 {
	var all []float64
	for x := 0.27; x <= usual; x += 0.27 {
		all = append(all, x, -x)
	}
	for x := usual; x <= math.MaxFloat32; x *= 1.05 {
		all = append(all, x, -x)
	}
	return all
}()
