package ntk

import (
	"fmt"
	"math"
	"strings"
)

// An expansion is what a series needs to know of φ at one variance k = σ²: with
// normalised Hermite polynomials hₙ and a standard normal s,
//
//	mean   = E[φ(σs)]
//	d(n)   = E[φ′(σs) hₙ(s)]
//
// For normal u and v of correlation c (Mehler 1866)
//
//	E[φ′(u)φ′(v)] = Σ d(n) d′(n) cⁿ
//	E[φ(u)φ(v)]   = mean·mean′ + k12 Σ d(n) d′(n) cⁿ/(n+1)
//
// since E[φ(σs) hₙ₊₁(s)] = σ d(n)/√(n+1). So a kernel of N examples takes N
// expansions, and each of its elements a polynomial.
type expansion struct {
	mean  float64
	d     []float64 // only even or only odd n where the others are 0
	small int       // elements of d from here on are below smallTerm
	whole bool      // elements that are not in d are 0 but for rounding
}

// Terms of an expansion relative to √E[φ′²]. A product of two that are small is
// below rounding, and so is that of any with a vanishing one.
const (
	smallTerm     = 1e-8
	vanishingTerm = 1e-13
	seriesError   = 1e-13 // to which a tail must be known
)

// series is the dual of a function by its expansions.
type series struct {
	expand      func(k float64) expansion
	first, step int // d holds the terms n = first, first + step, …
	// direct integrates where the series converges too slowly.
	direct func(k11, k12, k22 float64) (value, slope float64)
}

func (s *series) prepare(k []float64) []expansion {
	list := make([]expansion, len(k))
	for i, v := range k {
		list[i] = s.expand(v)
	}
	return list
}

func (s *series) pairs(v, d []float64, one, two normals) {
	for i, k12 := range v {
		value, slope := s.pair(one.k[i], k12, two.k[i], &one.series[i], &two.series[i])
		v[i] = value
		if d != nil {
			d[i] = slope
		}
	}
}

func (s *series) pair(k11, k12, k22 float64, a, b *expansion) (value, slope float64) {
	c := correlation(k11, k12, k22)
	n, enough := s.terms(c, a, b)
	if !enough {
		return s.direct(k11, k12, k22)
	}
	x, weight := c, reciprocals[2*seriesLimit:]
	if s.step == 2 {
		x, weight = c*c, reciprocals[s.first*seriesLimit:]
	}
	p, q := a.d[:n], b.d[:n]
	weight = weight[:n]
	for i := n - 1; i >= 0; i-- {
		t := p[i] * q[i]
		slope = float64(slope*x) + t
		value = float64(value*x) + t*weight[i]
	}
	if s.first == 1 {
		slope, value = slope*c, value*c
	}
	return a.mean*b.mean + k12*value, slope
}

// terms returns how many terms of two expansions to add, and whether what then is
// missing is below rounding: by the Cauchy-Schwarz inequality at most
// |c|ⁿ √(E[φ′(u)²] E[φ′(v)²]).
func (s *series) terms(c float64, a, b *expansion) (n int, enough bool) {
	n = min(len(a.d), len(b.d))
	if small := max(a.small, b.small); small < n {
		return small, true
	}
	if a.whole && len(a.d) == n || b.whole && len(b.d) == n {
		return n, true
	}
	return n, math.Pow(math.Abs(c), float64(s.first+s.step*n)) <= seriesError
}

// seriesLimit is the largest number of terms of an expansion.
const seriesLimit = 2048

// reciprocals are 1/(n+1) for n = 0, 2, 4, …, for 1, 3, 5, … and for 0, 1, 2, ….
var reciprocals = func() []float64 {
	r := make([]float64, 3*seriesLimit)
	for i := range seriesLimit {
		r[i], r[seriesLimit+i], r[2*seriesLimit+i] = 1/float64(2*i+1), 1/float64(2*i+2), 1/float64(i+1)
	}
	return r
}()

// Monomial is xⁿ. It panics if n is not from 0 to 40.
func Monomial(n int) Activation {
	if n < 0 || n > 40 {
		panic(fmt.Sprintf("ntk: monomial of degree %d", n))
	}
	c := make([]float64, n+1)
	c[n] = 1
	a := Polynomial(c...)
	a.name = fmt.Sprintf("monomial(%d)", n)
	return a
}

// Polynomial is c[0] + c[1]·x + c[2]·x² + …, of degree 40 at most. Its duals are
// finite series.
func Polynomial(c ...float64) Activation {
	if len(c) > 41 {
		panic(fmt.Sprintf("ntk: polynomial of degree %d", len(c)-1))
	}
	c = append([]float64(nil), c...)
	at := func(c []float64, x float64) float64 {
		sum := 0.0
		for i := len(c) - 1; i >= 0; i-- {
			sum = sum*x + c[i]
		}
		return sum
	}
	slope := derivative(c)
	return Activation{
		name:  "polynomial" + strings.Join(strings.Fields(strings.NewReplacer("[", "(", "]", ")").Replace(fmt.Sprint(c))), ", "),
		f:     func(x float64) float64 { return at(c, x) },
		slope: func(x float64) float64 { return at(slope, x) },
		dual:  &series{step: 1, expand: func(k float64) expansion { return expandPolynomial(c, k) }},
	}
}

// derivative returns the coefficients of the derivative of a polynomial.
func derivative(c []float64) []float64 {
	var d []float64
	for i := 1; i < len(c); i++ {
		d = append(d, float64(i)*c[i])
	}
	return d
}

// expandPolynomial: d(n) = σⁿ E[φ⁽ⁿ⁺¹⁾(σs)]/√n!.
func expandPolynomial(c []float64, k float64) expansion {
	e := expansion{mean: normalMean(c, k), whole: true, small: seriesLimit}
	scale := 1.0
	for n := 0; len(c) > 1; n++ {
		c = derivative(c)
		e.d = append(e.d, scale*normalMean(c, k))
		scale *= math.Sqrt(k / float64(n+1))
	}
	return e
}

// normalMean returns the mean of a polynomial of a normal variable of variance k.
func normalMean(c []float64, k float64) float64 {
	sum, moment := 0.0, 1.0
	for i := 0; i < len(c); i += 2 {
		sum += c[i] * moment
		moment *= float64(i+1) * k
	}
	return sum
}
