package hierarchy

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// An Activation is a smooth function σ with its derivatives of every order.
// The zero Activation is none.
type Activation struct {
	Name string
	// Derivatives sets dst[s] to σ^(s)(z) for all s < len(dst). K^(r) reads
	// derivatives up to order r−1.
	Derivatives func(dst []float64, z float64)
}

// The activations of the house. Their derivatives are bounded, as Assumption 2.1
// of the paper wants; Softplus, GELU, Sin and Identity included.
var (
	Tanh     = Activation{"tanh", tanh}
	Erf      = Activation{"erf", erf}
	Softplus = Activation{"softplus", softplus} // ln(1 + e^z)
	Sigmoid  = Activation{"sigmoid", sigmoid}   // 1/(1 + e^−z)
	Sin      = Activation{"sin", sin}
	Identity = Activation{"identity", identity} // a linear network
	GELU     = Activation{"gelu", gelu}         // zΦ(z), with Φ itself and not its approximation by tanh
)

// Activations returns all activations of the house.
func Activations() []Activation {
	return []Activation{Tanh, Erf, Softplus, Sigmoid, Sin, Identity, GELU}
}

// kinked are activations that many networks have and the hierarchy cannot.
var kinked = []string{"relu", "relu6", "leakyrelu", "leaky_relu", "prelu", "elu", "abs", "hardtanh", "sign"}

// ActivationNamed returns the activation of this name. Those that are not
// smooth, such as ReLU, are refused with the reason.
func ActivationNamed(name string) (Activation, error) {
	var names []string
	for _, a := range Activations() {
		if a.Name == name {
			return a, nil
		}
		names = append(names, a.Name)
	}
	list := strings.Join(names, ", ")
	if slices.Contains(kinked, strings.ToLower(name)) {
		return Activation{}, fmt.Errorf("hierarchy: activation %q is not smooth: K^(r) reads derivatives of σ up to order r−1, "+
			"which do not exist at its kink (Assumption 2.1 of the paper); use one of %s", name, list)
	}
	return Activation{}, fmt.Errorf("hierarchy: unknown activation %q: use one of %s", name, list)
}

// fromTaylor turns coefficients of Taylor's series into derivatives.
func fromTaylor(c []float64) {
	factorial := 1.0
	for s := 2; s < len(c); s++ {
		factorial *= float64(s)
		c[s] *= factorial
	}
}

// riccati continues the Taylor coefficients c[0], c[1] of a function with
// y′ = p + qy − y², given b = q − 2c[0]: (k+1) c[k+1] = b c[k] − Σ c[j] c[k−j]
// over 0 < j < k. As c[1] is given apart, the tails lose no digits.
func riccati(c []float64, b float64) {
	for k := 1; k+1 < len(c); k++ {
		sum := b * c[k]
		for j := 1; j < k; j++ {
			sum -= c[j] * c[k-j]
		}
		c[k+1] = sum / float64(k+1)
	}
}

// tanh′ = 1 − tanh².
func tanh(dst []float64, z float64) {
	c := dst
	if len(c) == 0 {
		return
	}
	c[0] = math.Tanh(z)
	if len(c) == 1 {
		return
	}
	e := math.Exp(-2 * math.Abs(z))
	c[1] = 4 * e / ((1 + e) * (1 + e))
	riccati(c, -2*c[0])
	fromTaylor(c)
}

// sigmoid′ = sigmoid − sigmoid².
func sigmoid(dst []float64, z float64) {
	c := dst
	if len(c) == 0 {
		return
	}
	e := math.Exp(-math.Abs(z))
	c[0] = 1 / (1 + e)
	if z < 0 {
		c[0] = e / (1 + e)
	}
	if len(c) == 1 {
		return
	}
	c[1] = e / ((1 + e) * (1 + e))
	riccati(c, -math.Tanh(z/2)) // 1 − 2·sigmoid
	fromTaylor(c)
}

func softplus(dst []float64, z float64) {
	if len(dst) == 0 {
		return
	}
	dst[0] = max(z, 0) + math.Log1p(math.Exp(-math.Abs(z)))
	sigmoid(dst[1:], z)
}

func sin(dst []float64, z float64) {
	s, c := math.Sincos(z)
	for k := range dst {
		dst[k] = [4]float64{s, c, -s, -c}[k%4]
	}
}

func identity(dst []float64, z float64) {
	clear(dst)
	if len(dst) > 0 {
		dst[0] = z
	}
	if len(dst) > 1 {
		dst[1] = 1
	}
}

// gaussian sets g[s] to the s-th derivative of scale·exp(−a z²/2):
// g^(s+1) = −a(z g^(s) + s g^(s−1)).
func gaussian(g []float64, z, a, scale float64) {
	for s := range g {
		switch s {
		case 0:
			g[0] = scale * math.Exp(-a*z*z/2)
		case 1:
			g[1] = -a * z * g[0]
		default:
			g[s] = -a * (z*g[s-1] + float64(s-1)*g[s-2])
		}
	}
}

func erf(dst []float64, z float64) {
	if len(dst) == 0 {
		return
	}
	dst[0] = math.Erf(z)
	gaussian(dst[1:], z, 2, 2/math.SqrtPi)
}

// gelu is zΦ, so its s-th derivative is zΦ^(s) + sΦ^(s−1), where Φ′ = φ is the
// normal density. dst[s] holds Φ^(s) until the last loop, which runs down.
func gelu(dst []float64, z float64) {
	if len(dst) == 0 {
		return
	}
	dst[0] = math.Erfc(-z/math.Sqrt2) / 2
	gaussian(dst[1:], z, 1, 1/math.Sqrt(2*math.Pi))
	for s := len(dst) - 1; s > 0; s-- {
		dst[s] = z*dst[s] + float64(s)*dst[s-1]
	}
	dst[0] *= z
}
