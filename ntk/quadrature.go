package ntk

import (
	"fmt"
	"math"
	"slices"
)

// Tanh is the hyperbolic tangent. It has no closed form: its duals are series.
var Tanh = native("tanh", newQuadrature(math.Tanh, func(x float64) float64 {
	e := math.Exp(-2 * math.Abs(x))
	return 4 * e / ((1 + e) * (1 + e))
}, exact).activation("tanh"))

// Function is an activation of which only values are known. Its duals are
// integrals, right to about 1e-12 of √(E[φ(u)²] E[φ(v)²]) and of
// √(E[φ′(u)²] E[φ′(v)²]).
//
// φ must be continuous; Function panics if it finds a jump within ±64. It may have
// kinks, wherever they are; they cost milliseconds for each element of a kernel
// whose correlation is above 0.985 but not 1. It must give the same value for the
// same x, right to 1e-13 of its size, and grow more slowly than exp(x²/8σ²) for the
// variances σ² that it meets.
//
// slope is φ′, which may have jumps. If it is nil, differences over five points
// take its place: right to about 1e-11 where φ is smooth within ±0.002, and wrong
// beside kinks.
func Function(name string, phi, slope func(x float64) float64) Activation {
	resolution := exact
	if slope == nil {
		slope, resolution[1] = differences(phi), 1e-11
	}
	q := newQuadrature(phi, slope, resolution)
	for i := -7; i <= 6; i++ {
		if x, ok := q.jump(q.root(i)); ok {
			panic(fmt.Sprintf("ntk: the function %s jumps at %v", name, x))
		}
	}
	return q.activation(name)
}

// exact is the resolution of functions that are right but for rounding.
var exact = [2]float64{1e-13, 1e-13}

// newQuadrature returns a quadrature of a function that is right to a resolution,
// as is its slope.
func newQuadrature(phi, slope func(x float64) float64, resolution [2]float64) *quadrature {
	q := &quadrature{pieces: pieces{f: phi, slope: slope, resolution: resolution, roots: map[int][]end{}}, step: 1}
	if odd, even := symmetry(slope); odd || even {
		q.step = 2
		if odd {
			q.first = 1
		}
	}
	return q
}

func (q *quadrature) activation(name string) Activation {
	return Activation{name: name, f: q.f, slope: q.slope, dual: &series{expand: q.expand, direct: q.direct, first: q.first, step: q.step}}
}

// differences is the central rule of order 4 with a step of 2⁻¹⁰ of x or of 1.
func differences(f func(float64) float64) func(float64) float64 {
	return func(x float64) float64 {
		h := math.Ldexp(1, math.Ilogb(max(1, math.Abs(x)))-10)
		return (8*(f(x+h)-f(x-h)) - (f(x+2*h) - f(x-2*h))) / (12 * h)
	}
}

// symmetry reports whether f(−x) = −f(x) or f(−x) = f(x), to the bit, on 200
// points.
func symmetry(f func(float64) float64) (odd, even bool) {
	odd, even = true, true
	for i := range 200 {
		x := math.Ldexp(1+float64(i%37)/37, i%17-9)
		odd = odd && f(-x) == -f(x)
		even = even && f(-x) == f(x)
	}
	return odd && !even, even
}

// A quadrature makes the expansions of a function by integration, and its duals
// where series are too slow.
type quadrature struct {
	pieces
	first, step int // of series
}

const (
	reach      = 14.0 // deviations to which expansions integrate: the weight of all terms is exp(−s²/4)
	shortTerms = 512
	captured   = 1 - 1e-9 // of E[φ′²], by the terms of a whole expansion
)

// expand makes an expansion of so many terms as φ needs.
func (q *quadrature) expand(k float64) expansion {
	if k == 0 {
		e := expansion{mean: q.f(0), whole: true, small: 1}
		if q.first == 0 {
			e.d = []float64{q.slope(0)}
		}
		return e
	}
	e := q.terms(k, shortTerms)
	if !e.whole {
		e = q.terms(k, seriesLimit)
	}
	return e
}

// terms makes an expansion of at most limit terms.
func (q *quadrature) terms(k float64, limit int) expansion {
	sigma := math.Sqrt(k)
	s, w := q.grid(sigma, limit)
	var e expansion
	square := 0.0 // E[φ′²]
	h, last := make([]float64, len(s)), make([]float64, len(s))
	for i, at := range s {
		e.mean += w[i] * q.f(sigma*at)
		slope := q.slope(sigma * at)
		square += w[i] * slope * slope
		h[i] = 1
		w[i] *= slope
	}
	if q.first == 0 && q.step == 2 {
		e.mean = q.f(0) // φ is odd but for this
	}
	scale, sum, vanishing := math.Sqrt(square), 0.0, 0
	for n := 0; n < limit && !e.whole; n++ {
		if n%q.step == q.first {
			d := 0.0
			for i, v := range h {
				d += w[i] * v
			}
			e.d = append(e.d, d)
			sum += d * d
			vanishing++
			if math.Abs(d) > vanishingTerm*scale {
				vanishing = 0
			}
			if math.Abs(d) > smallTerm*scale {
				e.small = len(e.d)
			}
			e.whole = vanishing >= 8 && sum >= captured*square
		}
		x, y := 1/math.Sqrt(float64(n+1)), math.Sqrt(float64(n)/float64(n+1))
		for i, v := range h {
			h[i], last[i] = float64(x*s[i]*v)-float64(y*last[i]), v
		}
	}
	if e.whole {
		e.d = e.d[:len(e.d)-vanishing]
	}
	e.d = slices.Clone(e.d)
	return e
}

// grid returns nodes and weights for normal s, with which Hermite polynomials up to
// a degree times φ′(σs) are integrated; for a function with a symmetry those of
// positive s. Without kinks they are equally far apart: the error of the trapezoid
// rule is exp(−2πa/h) if φ′(σs) has no pole within a of the line. Pieces of length L
// say that there is none within about 2L.
func (q *quadrature) grid(sigma float64, degree int) (s, w []float64) {
	ends := q.within(reach * sigma)
	shortest, kinks := reach, false
	for i := 2; i+1 < len(ends); i++ { // the first and the last are cut off
		shortest = min(shortest, (ends[i].at-ends[i-1].at)/sigma)
		kinks = kinks || ends[i-1].sharp || ends[i].sharp
	}
	// Polynomials of degree n vary as fast as sin(√n s).
	finest := 2 * math.Pi / (math.Sqrt(float64(degree)) + 10)
	if step := min(finest, 0.4*shortest); !kinks {
		for i := range int(reach/step) + 1 {
			at := step * float64(i)
			s, w = append(s, at), append(w, 2*step*normalPDF(at))
			switch {
			case i == 0:
				w[0] /= 2
			case q.step == 1:
				last := len(s) - 1
				w[last] /= 2
				s, w = append(s, -at), append(w, w[last])
			}
		}
		return s, w
	}
	for a, b := range panels(places(ends, sigma), 3*finest) {
		if q.step == 2 && b <= 0 {
			continue
		}
		for i, x := range legendreX {
			at := a + (b-a)*(1+x)/2
			s, w = append(s, at), append(w, float64(q.step)*(b-a)/2*legendreW[i]*normalPDF(at))
		}
	}
	return s, w
}

const (
	near   = 9.0 // deviations to which direct integrates: its weight is exp(−s²/2)
	coarse = 1.5 // deviations of its panels
)

// direct integrates over u, and for each u over v. What lies between kinks is
// integrated by itself, and so is what lies within so many deviations of v from
// the u for which v is expected at a kink.
func (q *quadrature) direct(k11, k12, k22 float64) (value, slope float64) {
	if k11 < k22 {
		k11, k22 = k22, k11
	}
	one, two := math.Sqrt(k11), math.Sqrt(k22)
	c, rest := k12/(one*two), math.Sqrt(determinant(k11, k12, k22))/(one*two)
	breaks := places(q.within(near*one), one)
	ends := q.within(near * two * (math.Abs(c) + rest))
	for _, e := range ends {
		at := e.at / (two * c)
		if !(math.Abs(at) < near) {
			continue
		}
		breaks = append(breaks, at)
		if width := rest / math.Abs(c); e.sharp && width > 0 {
			for step := width; step <= 16*width && step < coarse; step *= 2 {
				breaks = append(breaks, max(-near, at-step), min(near, at+step))
			}
		}
	}
	slices.Sort(breaks)
	for a, b := range panels(breaks, coarse) {
		for i, x := range legendreX {
			s := a + (b-a)*(1+x)/2
			w := (b - a) / 2 * legendreW[i] * normalPDF(s)
			v, d := q.given(two*c*s, two*rest, ends)
			value += w * q.f(one*s) * v
			slope += w * q.slope(one*s) * d
		}
	}
	return value, slope
}

// given returns the means of φ and φ′ of a normal variable with this mean and
// deviation, which lies between the first and the last of some ends.
func (q *quadrature) given(mean, deviation float64, ends []end) (value, slope float64) {
	if deviation == 0 {
		return q.f(mean), q.slope(mean)
	}
	var breaks [64]float64
	list := append(breaks[:0], -near)
	for i, e := range ends {
		t := (e.at - mean) / deviation
		if t <= list[len(list)-1] || t >= near {
			continue
		}
		// What is longer than a panel on both sides, and smooth, is no break.
		short := i == 0 || i+1 == len(ends) || min(e.at-ends[i-1].at, ends[i+1].at-e.at) < coarse*deviation
		if short || e.sharp {
			list = append(list, t)
		}
	}
	for a, b := range panels(append(list, near), coarse) {
		for i, x := range legendreX {
			t := a + (b-a)*(1+x)/2
			w := (b - a) / 2 * legendreW[i] * normalPDF(t)
			value += w * q.f(mean+deviation*t)
			slope += w * q.slope(mean+deviation*t)
		}
	}
	return value, slope
}

// panels yields the intervals between breaks, cut evenly to at most a width.
func panels(breaks []float64, width float64) func(yield func(a, b float64) bool) {
	return func(yield func(a, b float64) bool) {
		for i := 1; i < len(breaks); i++ {
			a, b := breaks[i-1], breaks[i]
			if !(b > a) {
				continue
			}
			n := max(1, int(math.Ceil((b-a)/width)))
			for j := range n {
				if !yield(a+(b-a)*float64(j)/float64(n), a+(b-a)*float64(j+1)/float64(n)) {
					return
				}
			}
		}
	}
}

// places returns how many deviations ends lie from 0.
func places(ends []end, deviation float64) []float64 {
	list := make([]float64, len(ends))
	for i, e := range ends {
		list[i] = e.at / deviation
	}
	return list
}
