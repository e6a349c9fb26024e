package onnx

import "math"

// A jet is the value of a function with its first and second derivative.
type jet struct{ v, d, dd float64 }

// A curve is a function of one number, with its derivatives.
type curve func(x jet) jet

// apply returns f(x) for a function with the given value, slope and curvature at x.
func (x jet) apply(f, slope, curvature float64) jet {
	return jet{f, slope * x.d, slope*x.dd + curvature*x.d*x.d}
}

func (x jet) plus(y jet) jet { return jet{x.v + y.v, x.d + y.d, x.dd + y.dd} }

func (x jet) minus(y jet) jet { return jet{x.v - y.v, x.d - y.d, x.dd - y.dd} }

func (x jet) times(y jet) jet {
	return jet{x.v * y.v, x.d*y.v + x.v*y.d, x.dd*y.v + 2*x.d*y.d + x.v*y.dd}
}

func (x jet) inverse() jet {
	r := 1 / x.v
	return x.apply(r, -r*r, 2*r*r*r)
}

func (x jet) exp() jet {
	e := math.Exp(x.v)
	return x.apply(e, e, e)
}

func (x jet) log() jet { return x.apply(math.Log(x.v), 1/x.v, -1/(x.v*x.v)) }

// power returns x to a constant power.
func (x jet) power(p float64) jet {
	switch p {
	case 1:
		return x
	case 2:
		return x.times(x)
	case 3:
		return x.times(x).times(x)
	}
	return x.apply(math.Pow(x.v, p), p*math.Pow(x.v, p-1), p*(p-1)*math.Pow(x.v, p-2))
}

func (x jet) tanh() jet {
	t := math.Tanh(x.v)
	return x.apply(t, 1-t*t, -2*t*(1-t*t))
}

func (x jet) sin() jet {
	s, c := math.Sincos(x.v)
	return x.apply(s, c, -s)
}

func (x jet) cos() jet {
	s, c := math.Sincos(x.v)
	return x.apply(c, -s, -c)
}

func (x jet) sigmoid() jet {
	s := 1 / (1 + math.Exp(-x.v))
	return x.apply(s, s*(1-s), s*(1-s)*(1-2*s))
}

func (x jet) erf() jet {
	slope := 2 / math.Sqrt(math.Pi) * math.Exp(-x.v*x.v)
	return x.apply(math.Erf(x.v), slope, -2*x.v*slope)
}

// softplus is log(1 + exp(x)), without overflow.
func (x jet) softplus() jet {
	s := 1 / (1 + math.Exp(-x.v))
	return x.apply(max(x.v, 0)+math.Log1p(math.Exp(-math.Abs(x.v))), s, s*(1-s))
}

// gelu is x·Φ(x) with the distribution function Φ of the normal distribution.
func (x jet) gelu() jet {
	return x.times(x.scaled(math.Sqrt2 / 2).erf().plus(jet{v: 1})).scaled(0.5)
}

// geluTanh is its approximation by tanh (Hendrycks and Gimpel 2016).
func (x jet) geluTanh() jet {
	u := x.plus(x.power(3).scaled(0.044715)).scaled(math.Sqrt(2 / math.Pi))
	return x.times(u.tanh().plus(jet{v: 1})).scaled(0.5)
}

func (x jet) scaled(a float64) jet { return jet{a * x.v, a * x.d, a * x.dd} }

// clip is x between two numbers, with the derivative 0 at both.
func (x jet) clip(low, high float64) jet {
	switch {
	case x.v <= low:
		return jet{v: low}
	case x.v >= high:
		return jet{v: high}
	}
	return x
}

// leaky is x, or a·x if that is not positive.
func (x jet) leaky(a float64) jet {
	if x.v > 0 {
		return x
	}
	return x.scaled(a)
}

// elu is x, or a(exp(x) − 1) if that is not positive.
func (x jet) elu(a float64) jet {
	if x.v > 0 {
		return x
	}
	e := a * math.Exp(x.v)
	return x.apply(a*math.Expm1(x.v), e, e)
}
