package nn

import "breakeven/tensor"

// ReLU is y = max(x, 0), with derivative 0 at 0. It works in place, in its input's
// buffers, if nothing else reads the input.
type ReLU struct{}

// Out returns the input's shape.
func (ReLU) Out(in ...Shape) Shape { one("relu", in); return in[0] }

// Params returns nil.
func (ReLU) Params(...Shape) []Param { return nil }

func (ReLU) effects(Settings) effects {
	return effects{inPlace: everyLane, rectifies: true, kinked: true}
}

func (ReLU) compile(b *binding) rules {
	if b.fusion().fused {
		return rules{}
	}
	x, y, p, acc := b.in(0), b.out(), b.plan, b.accumulates(0)
	if acc {
		b.scratch(p.shard * x.size)
	}
	r := rules{forward: []phase{b.local(func(lo, hi, _, _ int) {
		tensor.ReLU(y.rows(values, lo, hi), x.rows(values, lo, hi))
	})}, keeps: ofValues(y)}
	if !x.active {
		return r
	}
	r.tangent = []phase{b.local(func(lo, hi, _, _ int) {
		tensor.Mask(y.rows(tangents, lo, hi), y.rows(values, lo, hi), x.rows(tangents, lo, hi))
	})}
	r.adjoint = func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, worker int) {
			dx := x.rows(l, lo, hi)
			if !acc {
				tensor.Mask(dx, y.rows(values, lo, hi), y.rows(l, lo, hi))
				return
			}
			d := p.scratch[worker][:len(dx)]
			tensor.Mask(d, y.rows(values, lo, hi), y.rows(l, lo, hi))
			tensor.Add(dx, d)
		})}
	}
	return r
}

// ofValues is the rule of operations of whose activations later passes read only the
// values.
func ofValues(args ...arg) func(lane) []arg {
	return func(l lane) []arg {
		if l == values {
			return args
		}
		return nil
	}
}

// Tanh is y = tanh(x).
type Tanh struct{}

// Out returns the input's shape.
func (Tanh) Out(in ...Shape) Shape { one("tanh", in); return in[0] }

// Params returns nil.
func (Tanh) Params(...Shape) []Param { return nil }

func (Tanh) compile(b *binding) rules {
	return elementwise(b, tensor.Tanh, func(d, _, y []float32) { tensor.TanhDeriv(d, y) },
		func(d, _, y []float32) { tensor.TanhDeriv2(d, y) }, b.in(0), b.out())
}

// Sigmoid is y = 1/(1 + exp(−x)).
type Sigmoid struct{}

// Out returns the input's shape.
func (Sigmoid) Out(in ...Shape) Shape { one("sigmoid", in); return in[0] }

// Params returns nil.
func (Sigmoid) Params(...Shape) []Param { return nil }

func (Sigmoid) compile(b *binding) rules {
	return elementwise(b, tensor.Sigmoid, func(d, _, y []float32) { tensor.SigmoidDeriv(d, y) },
		func(d, _, y []float32) { tensor.SigmoidDeriv2(d, y) }, b.in(0), b.out())
}

// Erf is y = erf(x) = (2/√π) ∫₀ˣ exp(−t²) dt, the activation whose kernels are
// known in closed form.
type Erf struct{}

// Out returns the input's shape.
func (Erf) Out(in ...Shape) Shape { one("erf", in); return in[0] }

// Params returns nil.
func (Erf) Params(...Shape) []Param { return nil }

func (Erf) compile(b *binding) rules {
	return elementwise(b, tensor.Erf, func(d, x, _ []float32) { tensor.ErfDeriv(d, x) },
		func(d, x, _ []float32) { tensor.ErfDeriv2(d, x) }, b.in(0), b.out())
}

// GELU is y = x·Φ(x) with the distribution function Φ of the normal distribution, through erf
// and not its approximation by tanh (Hendrycks and Gimpel 2016).
type GELU struct{}

// Out returns the input's shape.
func (GELU) Out(in ...Shape) Shape { one("gelu", in); return in[0] }

// Params returns nil.
func (GELU) Params(...Shape) []Param { return nil }

func (GELU) compile(b *binding) rules {
	return elementwise(b, tensor.GELU, func(d, x, _ []float32) { tensor.GELUDeriv(d, x) },
		func(d, x, _ []float32) { tensor.GELUDeriv2(d, x) }, b.in(0), b.out())
}

// elementwise makes the rules of y = f(x) from f and its first and second
// derivatives, given x and y.
//
//	ẏ = f'ẋ    x̄ = f'ȳ    x̄̇ = f'ȳ̇ + f''ẋȳ
func elementwise(b *binding, f func(y, x []float32), first, second func(d, x, y []float32), x, y arg) rules {
	acc := b.accumulates(0)
	b.scratch(b.plan.shard * x.size)
	p := b.plan
	r := rules{forward: []phase{b.local(func(lo, hi, _, _ int) {
		f(y.rows(values, lo, hi), x.rows(values, lo, hi))
	})}, keeps: func(l lane) []arg {
		switch l {
		case values:
			return []arg{x, y}
		case tangents:
			return []arg{x}
		}
		return []arg{y}
	}}
	if !x.active {
		return r
	}
	derivative := func(f func(d, x, y []float32), lo, hi, worker int) []float32 {
		d := p.scratch[worker][:(hi-lo)*x.size]
		f(d, x.rows(values, lo, hi), y.rows(values, lo, hi))
		return d
	}
	put := func(dst, d, g []float32, acc bool) {
		if acc {
			tensor.MulAdd(dst, d, g)
		} else {
			tensor.Mul(dst, d, g)
		}
	}
	r.tangent = []phase{b.local(func(lo, hi, _, worker int) {
		put(y.rows(tangents, lo, hi), derivative(first, lo, hi, worker), x.rows(tangents, lo, hi), false)
	})}
	r.adjoint = func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, worker int) {
			put(x.rows(l, lo, hi), derivative(first, lo, hi, worker), y.rows(l, lo, hi), acc)
		})}
	}
	r.second = []phase{b.local(func(lo, hi, _, worker int) {
		d := derivative(second, lo, hi, worker)
		tensor.Mul(d, d, x.rows(tangents, lo, hi))
		tensor.MulAdd(x.rows(cotangents, lo, hi), d, y.rows(adjoints, lo, hi))
	})}
	r.along = []phase{b.local(func(lo, hi, _, worker int) {
		d := derivative(second, lo, hi, worker)
		tensor.Mul(d, d, x.rows(tangents, lo, hi))
		tensor.Mul(d, d, x.rows(tangents, lo, hi))
		p.addSecond(y, 1, d, lo, hi)
	})}
	return r
}

// Flatten turns C×H×W into a vector in PyTorch's order (channel, row, column). Of a
// sequence it flattens each step.
type Flatten struct{}

// Out returns a vector, or a sequence of vectors.
func (Flatten) Out(in ...Shape) Shape {
	one("flatten", in)
	return Shape{C: in[0].Step().Size(), H: 1, W: 1, T: in[0].T}
}

// Params returns nil.
func (Flatten) Params(...Shape) []Param { return nil }

func (Flatten) compile(b *binding) rules {
	x, y := b.in(0), b.out()
	s, pixels := x.shape, x.shape.H*x.shape.W
	turn := func(dst, src []float32, rows, cols int) { // of each step
		for at := 0; at < len(dst); at += rows * cols {
			tensor.Transpose(dst[at:at+rows*cols], src[at:at+rows*cols], rows, cols)
		}
	}
	out := func(l lane) phase {
		return b.local(func(lo, hi, _, _ int) { turn(y.rows(l, lo, hi), x.rows(l, lo, hi), pixels, s.C) })
	}
	r := rules{forward: []phase{out(values)}}
	if !x.active {
		return r
	}
	acc, p := b.accumulates(0), b.plan
	if acc {
		b.scratch(x.size)
	}
	r.tangent = []phase{out(tangents)}
	r.adjoint = func(l lane) []phase {
		return []phase{b.local(func(lo, hi, _, worker int) {
			for i := lo; i < hi; i++ {
				if !acc {
					turn(x.example(l, i), y.example(l, i), s.C, pixels)
					continue
				}
				d := p.scratch[worker][:x.size]
				turn(d, y.example(l, i), s.C, pixels)
				tensor.Add(x.example(l, i), d)
			}
		})}
	}
	return r
}
