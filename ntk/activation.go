package ntk

import (
	"fmt"
	"math"
)

// An Activation is a function φ that a network applies to each preactivation. It
// is a layer. The zero Activation is none.
type Activation struct {
	name     string
	f, slope func(float64) float64
	curve    func(float64) float64 // φ″; nil: differences of φ′
	dual     dual
	native   string // the operation of nn that it is; "": none
}

// native marks an activation as an operation of nn.
func native(op string, a Activation) Activation {
	a.native = op
	return a
}

// String returns the name that the activation was made with.
func (a Activation) String() string { return a.name }

// At returns φ(x).
func (a Activation) At(x float64) float64 { return a.f(x) }

// Slope returns φ′(x). Where φ has a kink it is the mean of the slopes on either
// side; jumps are left out.
func (a Activation) Slope(x float64) float64 { return a.slope(x) }

// Dual returns E[φ(u)φ(v)] and E[φ′(u)φ′(v)] for normal u and v of mean 0,
// variances k11 and k22 and covariance k12. It panics where that is no
// covariance, beyond rounding.
func (a Activation) Dual(k11, k12, k22 float64) (value, slope float64) {
	if !(k11 >= 0 && k22 >= 0) || k12*k12 > k11*k22*(1+1e-12) {
		panic(fmt.Sprintf("ntk: [[%v %v] [%v %v]] is not a covariance", k11, k12, k12, k22))
	}
	v, d := []float64{k12}, []float64{0}
	one, two := variances(a.dual, []float64{k11}), variances(a.dual, []float64{k22})
	a.dual.pairs(v, d, one, two)
	return v[0], d[0]
}

// A dual computes the two expectations of an activation for many pairs at once.
type dual interface {
	// prepare returns what pairs needs of normal variables beside their
	// variances k, or nil.
	prepare(k []float64) []expansion
	// pairs replaces the covariances v of pairs by E[φ(u)φ(v)] and writes
	// E[φ′(u)φ′(v)] to d, unless that is nil. Equal arguments give equal bits,
	// wherever they stand, and if the two sides are exchanged.
	pairs(v, d []float64, one, two normals)
}

// normals are one side of pairs: variances, and what a dual has made of them.
type normals struct {
	k      []float64
	series []expansion
}

// variances prepares normal variables with these variances.
func variances(d dual, k []float64) normals { return normals{k, d.prepare(k)} }

// pointwise is a dual that needs nothing but variances.
type pointwise func(v, d, k11, k22 []float64)

func (pointwise) prepare([]float64) []expansion { return nil }

func (p pointwise) pairs(v, d []float64, one, two normals) { p(v, d, one.k, two.k) }

// each makes a dual of a formula for one pair.
func each(formula func(k11, k12, k22 float64) (value, slope float64)) dual {
	return pointwise(func(v, d, k11, k22 []float64) {
		for i, k12 := range v {
			value, slope := formula(k11[i], k12, k22[i])
			v[i] = value
			if d != nil {
				d[i] = slope
			}
		}
	})
}

// determinant returns k11·k22 − k12² to a rounding or two, also where the two
// nearly cancel (Kahan; see Jeannerod, Louvet and Muller 2013). Below flat it
// cannot be told from what rounding of the arguments leaves of a correlation of
// ±1, and is 0.
func determinant(k11, k12, k22 float64) float64 {
	p, q := float64(k11*k22), float64(k12*k12)
	d := (p - q) + (math.FMA(k11, k22, -p) - math.FMA(k12, k12, -q))
	if d < flat*p {
		return 0
	}
	return d
}

const (
	flat = 0x1p-48  // thirty-two roundings
	tiny = 0x1p-900 // products of variances below are made of scaled ones
)

// scaled returns a covariance with both variances between ½ and 2, and how much
// smaller its elements would have been on a geometric mean.
func scaled(k11, k12, k22 float64) (s11, s12, s22, scale float64) {
	one, two := math.Ilogb(k11), math.Ilogb(k22)
	if (one+two)%2 != 0 {
		one--
	}
	half := (one + two) / 2
	return math.Ldexp(k11, -one), math.Ldexp(k12, -half), math.Ldexp(k22, -two), math.Ldexp(1, half)
}

// area returns the root of the determinant, of small variances too.
func area(k11, k12, k22 float64) float64 {
	if k11*k22 < tiny && k11 > 0 && k22 > 0 {
		s11, s12, s22, scale := scaled(k11, k12, k22)
		return scale * math.Sqrt(determinant(s11, s12, s22))
	}
	return math.Sqrt(determinant(k11, k12, k22))
}

// correlation returns k12/√(k11·k22) within [−1, 1], of small variances too, and 0
// where one is 0.
func correlation(k11, k12, k22 float64) float64 {
	if k12 == 0 || k11 == 0 || k22 == 0 {
		return 0
	}
	if k11*k22 < tiny {
		k11, k12, k22, _ = scaled(k11, k12, k22)
	}
	return max(-1, min(1, k12/math.Sqrt(k11*k22)))
}

// named formats the name of an activation with parameters.
func named(name string, parameters ...float64) string {
	for i, p := range parameters {
		sep := ", "
		if i == 0 {
			sep = "("
		}
		name += sep + fmt.Sprint(p)
	}
	if len(parameters) > 0 {
		name += ")"
	}
	return name
}
