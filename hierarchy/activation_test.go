package hierarchy

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// values computes σ from its formula, a second time.
var values = map[string]func(z float64) float64{
	"tanh":     math.Tanh,
	"erf":      math.Erf,
	"softplus": func(z float64) float64 { return math.Log(1 + math.Exp(z)) },
	"sigmoid":  func(z float64) float64 { return 1 / (1 + math.Exp(-z)) },
	"sin":      math.Sin,
	"identity": func(z float64) float64 { return z },
	"gelu":     func(z float64) float64 { return z * (1 + math.Erf(z/math.Sqrt2)) / 2 },
}

// Each derivative agrees with the difference quotient, of order 6, of the one before.
func TestDerivatives(t *testing.T) {
	for _, a := range Activations() {
		t.Run(a.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				z := rapid.Float64Range(-6, 6).Draw(t, "z")
				const orders, h = 8, 0.01
				at := func(z float64) []float64 {
					d := make([]float64, orders)
					a.Derivatives(d, z)
					return d
				}
				d, near := at(z), map[int][]float64{}
				if want := values[a.Name](z); math.Abs(d[0]-want) > 1e-14*(1+math.Abs(want)) {
					t.Fatalf("σ(%v) = %v, want %v", z, d[0], want)
				}
				for k := -3; k <= 3; k++ {
					near[k] = at(z + float64(k)*h)
				}
				for s := 1; s < orders; s++ {
					v := func(k int) float64 { return near[k][s-1] - near[-k][s-1] }
					want := (45*v(1) - 9*v(2) + v(3)) / (60 * h)
					if math.Abs(d[s]-want) > 1e-8*math.Pow(4, float64(s)) {
						t.Fatalf("σ^(%d)(%v) = %v, difference quotient %v", s, z, d[s], want)
					}
				}
			})
		})
	}
}

// Short lists of derivatives are the beginnings of longer ones.
func TestDerivativesOfFewOrders(t *testing.T) {
	for _, a := range Activations() {
		long := make([]float64, 6)
		a.Derivatives(long, 0.7)
		for n := range long {
			short := make([]float64, n)
			a.Derivatives(short, 0.7)
			for s := range short {
				if short[s] != long[s] {
					t.Errorf("%s: derivative %d of %d is %v, want %v", a.Name, s, n, short[s], long[s])
				}
			}
		}
	}
}

// In the tails no digits are lost, and nothing overflows.
func TestTails(t *testing.T) {
	for _, c := range []struct {
		a    Activation
		z    float64
		s    int
		want float64
	}{
		{Tanh, 20, 1, 4 * math.Exp(-40)}, {Tanh, -20, 1, 4 * math.Exp(-40)}, {Tanh, 20, 2, -8 * math.Exp(-40)},
		{Sigmoid, 40, 1, math.Exp(-40)}, {Sigmoid, -40, 0, math.Exp(-40)}, {Sigmoid, 40, 3, math.Exp(-40)},
		{Softplus, -40, 0, math.Exp(-40)}, {Softplus, 800, 0, 800}, {Softplus, 800, 1, 1},
		{Erf, 6, 1, 2 / math.SqrtPi * math.Exp(-36)}, {GELU, -10, 0, -10 * math.Erfc(10/math.Sqrt2) / 2},
	} {
		d := make([]float64, 5)
		c.a.Derivatives(d, c.z)
		if math.Abs(d[c.s]-c.want) > 1e-12*math.Abs(c.want) {
			t.Errorf("%s^(%d)(%v) = %v, want %v", c.a.Name, c.s, c.z, d[c.s], c.want)
		}
	}
	for _, a := range Activations() {
		for _, z := range []float64{-1e4, -700, 0, 700, 1e4} {
			d := make([]float64, 10)
			a.Derivatives(d, z)
			for s, v := range d {
				if !finite(v) {
					t.Errorf("%s^(%d)(%v) = %v", a.Name, s, z, v)
				}
			}
		}
	}
}

func TestActivationNamed(t *testing.T) {
	for _, a := range Activations() {
		got, err := ActivationNamed(a.Name)
		if err != nil || got.Name != a.Name {
			t.Errorf("%s: %v, %v", a.Name, got.Name, err)
		}
	}
	for name, want := range map[string]string{"relu": "not smooth", "ReLU": "not smooth", "leaky_relu": "not smooth", "tanhh": "unknown", "": "unknown"} {
		if _, err := ActivationNamed(name); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "softplus") {
			t.Errorf("%q: error %v, want one with %q and the names", name, err, want)
		}
	}
}
