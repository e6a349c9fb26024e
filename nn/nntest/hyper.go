package nntest

import "math"

// A hyper is the hyper-dual number v + a·ε₁ + b·ε₂ + ab·ε₁ε₂ with ε₁² = ε₂² = 0 (Fike &
// Alonso 2011). If the a and b of the arguments are two directions, those of a function are
// its derivatives along them and ab its mixed second derivative, without a step size.
type hyper struct{ v, a, b, ab float64 }

func constant(v float64) hyper { return hyper{v: v} }

func (x hyper) plus(y hyper) hyper {
	return hyper{x.v + y.v, x.a + y.a, x.b + y.b, x.ab + y.ab}
}

func (x hyper) minus(y hyper) hyper { return x.plus(y.scaled(-1)) }

func (x hyper) scaled(k float64) hyper { return hyper{k * x.v, k * x.a, k * x.b, k * x.ab} }

func (x hyper) times(y hyper) hyper {
	return hyper{x.v * y.v, x.v*y.a + x.a*y.v, x.v*y.b + x.b*y.v, x.v*y.ab + x.a*y.b + x.b*y.a + x.ab*y.v}
}

// apply is a function of one number, given its value and its first and second
// derivatives at x.v.
func (x hyper) apply(f, first, second float64) hyper {
	return hyper{f, first * x.a, first * x.b, first*x.ab + second*x.a*x.b}
}

func (x hyper) exp() hyper { e := math.Exp(x.v); return x.apply(e, e, e) }

func (x hyper) log() hyper { return x.apply(math.Log(x.v), 1/x.v, -1/(x.v*x.v)) }

func (x hyper) tanh() hyper {
	y := math.Tanh(x.v)
	return x.apply(y, 1-y*y, -2*y*(1-y*y))
}

func (x hyper) sigmoid() hyper {
	y := 1 / (1 + math.Exp(-x.v))
	return x.apply(y, y*(1-y), y*(1-y)*(1-2*y))
}

func (x hyper) erf() hyper {
	slope := 2 / math.Sqrt(math.Pi) * math.Exp(-x.v*x.v)
	return x.apply(math.Erf(x.v), slope, -2*x.v*slope)
}

func (x hyper) inverse() hyper { r := 1 / x.v; return x.apply(r, -r*r, 2*r*r*r) }

// rsqrt is 1/√x.
func (x hyper) rsqrt() hyper {
	r := 1 / math.Sqrt(x.v)
	return x.apply(r, -r/(2*x.v), 3*r/(4*x.v*x.v))
}
