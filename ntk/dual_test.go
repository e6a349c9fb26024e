package ntk_test

import (
	"fmt"
	"math"
	"testing"

	"breakeven/ntk"
	"breakeven/rng"

	"pgregory.net/rapid"
)

// smooth are activations without kinks, and homogeneous such that φ(ax) = aⁿφ(x)
// for a > 0, with n.
var (
	smooth = []ntk.Activation{
		ntk.Identity, ntk.Erf, ntk.AffineErf(0.5, 2, 0.3), ntk.GELU, ntk.Sin(1.1, 0.9, 0.3), ntk.Cos(1.2, 0.7, 0.1), ntk.RBF(0.6),
		ntk.Exp(0.7, 0.4), ntk.GaussianBump(1.3, 0.7), ntk.Monomial(0), ntk.Monomial(4), ntk.Polynomial(0.2, 1, -0.3, 0.1), ntk.Tanh,
		ntk.Function("softplus", func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) },
			func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }),
		ntk.Function("swish", func(x float64) float64 { return x / (1 + math.Exp(-x)) }, nil),
	}
	homogeneous = map[int][]ntk.Activation{
		0: {ntk.Sign, ntk.RectifiedMonomial(0)},
		1: {ntk.ReLU, ntk.Abs, ntk.LeakyReLU(0.2), ntk.ABReLU(-0.4, 1.3)},
		2: {ntk.RectifiedMonomial(2)},
		3: {ntk.RectifiedMonomial(3)},
		7: {ntk.RectifiedMonomial(7)},
	}
)

// covariances are k11, k12 and k22.
var covariances = [][3]float64{{1, 0.5, 1}, {1, -0.3, 0.5}, {0.3, 0, 0.8}, {2, 1.9, 2.1}, {4.6, -0.5, 0.2}, {1, 0.9999, 1.0001}, {0.02, 0.01, 1.7}}

// plane integrates f(u)·f(v) over the normal law by the trapezoid rule, which for
// smooth functions converges faster than any power.
func plane(f func(float64) float64, k [3]float64) float64 {
	const n, reach = 260, 10.0
	one, two := math.Sqrt(k[0]), math.Sqrt(k[2])
	c := k[1] / (one * two)
	sum, h := 0.0, 2*reach/n
	for i := range n + 1 {
		s := -reach + h*float64(i)
		inner := 0.0
		for j := range n + 1 {
			t := -reach + h*float64(j)
			inner += f(two*(c*s+math.Sqrt(1-c*c)*t)) * math.Exp(-t*t/2)
		}
		sum += f(one*s) * inner * math.Exp(-s*s/2)
	}
	return sum * h * h / (2 * math.Pi)
}

// circle integrates homogeneous functions: ρ^2n has the mean 2ⁿn!, and over the
// angle the integrand is smooth between changes of sign.
func circle(f func(float64) float64, degree int, k [3]float64) float64 {
	one, two := math.Sqrt(k[0]), math.Sqrt(k[2])
	c := k[1] / (one * two)
	at := func(a float64) float64 { // u = σ cos a, v = σ′ cos(a − θ), cos θ = c
		return f(one*math.Cos(a)) * f(two*(c*math.Cos(a)+math.Sqrt(1-c*c)*math.Sin(a)))
	}
	theta := math.Acos(c)
	sum := 0.0
	breaks := []float64{-math.Pi / 2, theta - math.Pi/2, math.Pi / 2, theta + math.Pi/2, 3 * math.Pi / 2}
	for i := range 4 {
		a, b := breaks[i], breaks[i+1]
		const n = 400 // intervals of Gauss's rule of two nodes
		for j := range n {
			for _, x := range []float64{-1 / math.Sqrt(3), 1 / math.Sqrt(3)} {
				sum += at(a+(b-a)*(float64(j)+(1+x)/2)/n) * (b - a) / (2 * n)
			}
		}
	}
	for i := range degree {
		sum *= 2 * float64(i+1)
	}
	return sum / (2 * math.Pi)
}

// near11 fails unless got is want to 1e-11 of a scale.
func near11(t *testing.T, what string, got, want, scale float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-11*scale) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// Every dual is its integral.
func TestDualsAreIntegrals(t *testing.T) {
	check := func(a ntk.Activation, k [3]float64, integral func(f func(float64) float64) float64, slopes func(f func(float64) float64) float64) {
		value, slope := a.Dual(k[0], k[1], k[2])
		one, oneSlope := a.Dual(k[0], k[0], k[0])
		two, twoSlope := a.Dual(k[2], k[2], k[2])
		near11(t, fmt.Sprintf("E[φφ] of %v at %v", a, k), value, integral(a.At), math.Sqrt(one*two))
		near11(t, fmt.Sprintf("E[φ′φ′] of %v at %v", a, k), slope, slopes(a.Slope), math.Sqrt(oneSlope*twoSlope))
	}
	for _, k := range covariances {
		on := func(f func(float64) float64) float64 { return plane(f, k) }
		for _, a := range smooth {
			check(a, k, on, on)
		}
		for degree, list := range homogeneous {
			for _, a := range list {
				check(a, k, func(f func(float64) float64) float64 { return circle(f, degree, k) },
					func(f func(float64) float64) float64 { return circle(f, max(0, degree-1), k) })
			}
		}
	}
}

// And it is the mean over samples, within 4 standard errors.
func TestDualsByMonteCarlo(t *testing.T) {
	const samples = 20000
	list := append(everything(), shifted)
	for _, k := range [][3]float64{{1, 0.5, 1}, {0.6, -0.5, 0.7}, {1.3, 1.2, 1.2}} {
		for _, a := range list {
			s := rng.New(1, "ntk/dual/"+a.String())
			var sum, squares [2]float64
			for range samples {
				x, y := s.NormFloat64(), s.NormFloat64()
				u := math.Sqrt(k[0]) * x
				v := k[1]/math.Sqrt(k[0])*x + math.Sqrt(k[2]-k[1]*k[1]/k[0])*y
				for i, z := range []float64{a.At(u) * a.At(v), a.Slope(u) * a.Slope(v)} {
					sum[i] += z / samples
					squares[i] += z * z / samples
				}
			}
			value, slope := a.Dual(k[0], k[1], k[2])
			for i, want := range []float64{value, slope} {
				e := math.Sqrt(max(0, squares[i]-sum[i]*sum[i])/samples) + 1e-12*math.Abs(want)
				if math.Abs(sum[i]-want) > 4*e {
					t.Errorf("%v at %v, %d: mean %v ± %v, want %v", a, k, i, sum[i], e, want)
				}
			}
		}
	}
}

// shifted has a kink at 0.3, which no grid of integration hits.
var shifted = ntk.Function("shifted relu", func(x float64) float64 { return max(0, x-0.3) }, func(x float64) float64 {
	if x < 0.3 {
		return 0
	}
	return 1
})

// shiftedDual integrates over u what is closed in v: for v of mean m and deviation
// d, E[(v−b)₊] = d·p(z) + (m−b)·Φ(z) with z = (m−b)/d, and P(v > b) = Φ(z).
func shiftedDual(k [3]float64) (value, slope float64) {
	const b, n, reach = 0.3, 400000, 12.0
	d := math.Sqrt(k[2] - k[1]*k[1]/k[0])
	one := math.Sqrt(k[0])
	h := (reach*one - b) / n
	for i := range n {
		u := b + h*(float64(i)+0.5)
		z := (k[1]/k[0]*u - b) / d
		cdf := math.Erfc(-z/math.Sqrt2) / 2
		w := h * math.Exp(-u*u/(2*k[0])) / math.Sqrt(2*math.Pi*k[0])
		value += w * (u - b) * (d*math.Exp(-z*z/2)/math.Sqrt(2*math.Pi) + d*z*cdf)
		slope += w * cdf
	}
	return value, slope
}

// Functions with kinks, by series and by integration, at correlations up to 1.
func TestFunctionsWithKinks(t *testing.T) {
	for _, c := range []float64{0, 0.5, 0.95, 0.99, 0.9999, 1 - 1e-6, -0.5, -0.999} {
		k := [3]float64{1.3, c * math.Sqrt(1.3*0.7), 0.7}
		value, slope := shifted.Dual(k[0], k[1], k[2])
		wantValue, wantSlope := shiftedDual(k)
		if math.Abs(value-wantValue) > 1e-10 || math.Abs(slope-wantSlope) > 1e-10 {
			t.Errorf("at %v: %v and %v, want %v and %v", k, value, slope, wantValue, wantSlope)
		}
	}
	relu := ntk.Function("relu", ntk.ReLU.At, ntk.ReLU.Slope)
	abs := ntk.Function("abs", ntk.Abs.At, ntk.Abs.Slope)
	for _, c := range []float64{0.3, 0.9, 0.999, 1 - 1e-9, 1, -0.7, -0.9999, -1} {
		for _, k := range [][3]float64{{1, c, 1}, {1, 2 * c, 4}, {2.25, 0.75 * c, 0.25}} {
			for _, a := range [][2]ntk.Activation{{relu, ntk.ReLU}, {abs, ntk.Abs}} {
				value, slope := a[0].Dual(k[0], k[1], k[2])
				wantValue, wantSlope := a[1].Dual(k[0], k[1], k[2])
				near11(t, fmt.Sprintf("E[φφ] of %v at %v", a[0], k), value, wantValue, math.Sqrt(k[0]*k[2]))
				near11(t, fmt.Sprintf("E[φ′φ′] of %v at %v", a[0], k), slope, wantSlope, 1)
			}
		}
	}
}

// A function that oscillates many times within a deviation: its first terms vanish, and
// the series must not end there.
func TestFastFunctions(t *testing.T) {
	for _, b := range []float64{5, 20, 30} {
		fast := ntk.Function("fast", func(x float64) float64 { return math.Cos(b * x) }, func(x float64) float64 { return -b * math.Sin(b*x) })
		for _, k := range [][3]float64{{1, 1, 1}, {1, 0.9999, 1}, {1, 0.99, 1.01}, {0.5, -0.4999, 0.5}, {0.01, 0.005, 0.02}} {
			value, slope := fast.Dual(k[0], k[1], k[2])
			wantValue, wantSlope := ntk.Cos(1, b, 0).Dual(k[0], k[1], k[2])
			near11(t, fmt.Sprintf("E[φφ] of cos(%vx) at %v", b, k), value, wantValue, 1)
			near11(t, fmt.Sprintf("E[φ′φ′] of cos(%vx) at %v", b, k), slope, wantSlope, b*b)
		}
	}
}

// Variances so large that a series would need more terms than it may have.
func TestLargeVariances(t *testing.T) {
	for _, k := range [][3]float64{{900, 450, 400}, {900, 899.9, 900}, {2500, 2500, 2500}, {1e4, -3, 0.01}} {
		value, slope := ntk.Tanh.Dual(k[0], k[1], k[2])
		// tanh is computed as a mixture of erf; here it is compared with sums over a
		// fine grid.
		near11(t, fmt.Sprintf("E[φφ] of tanh at %v", k), value, fine(math.Tanh, k), 1)
		slopes := func(x float64) float64 { return 1 / (math.Cosh(x) * math.Cosh(x)) }
		near11(t, fmt.Sprintf("E[φ′φ′] of tanh at %v", k), slope, fine(slopes, k), 1)
	}
}

// fine integrates over u and v in steps that resolve functions that vary over 1.
func fine(f func(float64) float64, k [3]float64) float64 {
	one := math.Sqrt(k[0])
	deviation := math.Sqrt(max(0, k[2]-k[1]*k[1]/k[0]))
	grid := func(mean, deviation float64, g func(float64) float64) float64 {
		if deviation == 0 {
			return g(mean)
		}
		h := min(0.14, deviation/8)
		sum := 0.0
		for i := -int(8.5*deviation/h) - 1; float64(i)*h < 8.5*deviation; i++ {
			x := float64(i) * h
			sum += g(mean+x) * math.Exp(-x*x/(2*deviation*deviation))
		}
		return sum * h / (deviation * math.Sqrt(2*math.Pi))
	}
	return grid(0, one, func(u float64) float64 {
		return f(u) * grid(k[1]/k[0]*u, deviation, f)
	})
}

// The two sides can be exchanged without changing a bit, so that kernels are symmetric.
func TestDualsAreSymmetric(t *testing.T) {
	s := rng.New(1, "ntk/symmetric")
	for _, a := range everything() {
		for range 100 {
			k11, k22 := 2*s.Float64(), 2*s.Float64()
			k12 := (2*s.Float64() - 1) * math.Sqrt(k11*k22)
			value, slope := a.Dual(k11, k12, k22)
			if v, s := a.Dual(k22, k12, k11); v != value || s != slope {
				t.Fatalf("%v: %v and %v with the sides exchanged, want %v and %v", a, v, s, value, slope)
			}
		}
	}
}

// everything lists all activations except slow ones.
func everything() []ntk.Activation {
	list := append([]ntk.Activation{}, smooth...)
	for _, l := range homogeneous {
		list = append(list, l...)
	}
	return list
}

// Whatever the covariance: the Cauchy-Schwarz inequality holds, and the slope is
// the derivative in the covariance (Price 1958).
func TestDualProperties(t *testing.T) {
	list := everything()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SampledFrom(list).Draw(t, "activation")
		k11, k22 := rapid.Float64Range(0.01, 2).Draw(t, "k11"), rapid.Float64Range(0.01, 2).Draw(t, "k22")
		c := rapid.Float64Range(-0.99, 0.99).Draw(t, "c")
		k12 := c * math.Sqrt(k11*k22)
		value, slope := a.Dual(k11, k12, k22)
		one, oneSlope := a.Dual(k11, k11, k11)
		two, twoSlope := a.Dual(k22, k22, k22)
		if value*value > one*two*(1+1e-12) || slope*slope > oneSlope*twoSlope*(1+1e-12) {
			t.Errorf("%v at %v, %v, %v: %v and %v are larger than the variances allow", a, k11, k12, k22, value, slope)
		}
		if a.String() == "sign" || a.String() == "rectified monomial(0)" {
			return // a jump, which the slope does not include
		}
		h := 1e-4 * math.Sqrt(k11*k22) * (1 - math.Abs(c))
		up, _ := a.Dual(k11, k12+h, k22)
		down, _ := a.Dual(k11, k12-h, k22)
		if d := (up - down) / (2 * h); math.Abs(d-slope) > 1e-5*math.Sqrt(oneSlope*twoSlope) {
			t.Errorf("%v at %v, %v, %v: slope %v, but the value's is %v", a, k11, k12, k22, slope, d)
		}
	})
}

// A correlation of exactly ±1, a variance of 0, and arguments near the ends of
// float64.
func TestDualLimits(t *testing.T) {
	for _, c := range []struct {
		ntk.Activation
		k11, k12, k22, value, slope float64
	}{
		{ntk.ReLU, 2, 2, 2, 1, 0.5},
		{ntk.ReLU, 2, -2, 2, 0, 0},
		{ntk.ReLU, 1, 3, 9, 1.5, 0.5},
		{ntk.ReLU, 0.7, 2.1, 6.3, 1.05, 0.5},
		{ntk.ReLU, 0.7, -2.1, 6.3, 0, 0},
		{ntk.ReLU, 0, 0, 0, 0, 0.25},
		{ntk.ReLU, 0, 0, 3, 0, 0.25},
		{ntk.ReLU, 1e-200, 0.5e-200, 1e-200, 0.3044988905221146e-200, 1.0 / 3},
		{ntk.ReLU, 1e-300, 0.5e-200, 1e-100, 0.3044988905221146e-200, 1.0 / 3},
		{ntk.ReLU, 1e150, 0.5e150, 1e150, 0.3044988905221146e150, 1.0 / 3},
		{ntk.Abs, 2, -2, 2, 2, -1},
		{ntk.Identity, 2, -1, 3, -1, 1},
		{ntk.Sign, 2, 2, 2, 1, 0},
		{ntk.Sign, 0, 0, 2, 0, 0},
		{ntk.RectifiedMonomial(2), 2, 2, 2, 6, 4},
		{ntk.RectifiedMonomial(2), 0, 0, 2, 0, 0},
		{ntk.RectifiedMonomial(0), 0, 0, 0, 0.25, 0},
		{ntk.Erf, 0, 0, 0, 0, 4 / math.Pi},
		{ntk.GELU, 0, 0, 0, 0, 0.25},
		{ntk.Tanh, 0, 0, 0, 0, 1},
		{ntk.Tanh, 0, 0, 0.5, 0, ntkSlope(0.5)},
		{ntk.Tanh, 1e-200, 1e-200, 1e-200, 1e-200, 1},
		{ntk.Monomial(3), 0, 0, 0, 0, 0},
		{ntk.Monomial(0), 0, 0, 1, 1, 0},
		{ntk.Polynomial(), 1, 0.5, 1, 0, 0},
	} {
		value, slope := c.Dual(c.k11, c.k12, c.k22)
		near(t, fmt.Sprintf("E[φφ] of %v at %v, %v, %v", c, c.k11, c.k12, c.k22), value, c.value, 1e-14)
		near(t, fmt.Sprintf("E[φ′φ′] of %v at %v, %v, %v", c, c.k11, c.k12, c.k22), slope, c.slope, 1e-14)
	}
}

// ntkSlope is E[tanh′(v)] for a variance.
func ntkSlope(k float64) float64 {
	return plane(func(x float64) float64 { return math.Sqrt(1 / (math.Cosh(x) * math.Cosh(x))) }, [3]float64{k, k * (1 - 1e-15), k})
}

// Near ±1 a dual is right for the arguments as they are in float64.
func TestDualNearOne(t *testing.T) {
	for _, e := range []float64{1e-3, 1e-6, 1e-9, 1e-12, 1e-14} {
		// With k12 = 1 − e exactly, cos θ = 1 − e: θ = 2 asin √(e/2).
		k12 := 1 - e
		theta := 2 * math.Asin(math.Sqrt((1-k12)/2))
		for _, sign := range []float64{1, -1} {
			_, slope := ntk.ReLU.Dual(1, sign*k12, 1)
			want := (math.Pi - theta) / (2 * math.Pi)
			if sign < 0 {
				want = theta / (2 * math.Pi)
			}
			near(t, fmt.Sprintf("E[φ′φ′] of relu at %v", sign*k12), slope, want, 1e-14)
		}
	}
}

// Arguments that are no covariance, or no function, are refused.
func TestDualPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"correlation above 1": func() { ntk.ReLU.Dual(1, 1.1, 1) },
		"negative variance":   func() { ntk.ReLU.Dual(-1, 0, 1) },
		"NaN":                 func() { ntk.ReLU.Dual(math.NaN(), 0, 1) },
		"jump at 0":           func() { ntk.Function("step", func(x float64) float64 { return math.Ceil(min(1, max(0, x))) }, nil) },
		"jump at 1/3":         func() { ntk.Function("jump", func(x float64) float64 { return x + math.Floor(x+2.0/3) }, nil) },
		"monomial":            func() { ntk.Monomial(41) },
		"polynomial":          func() { ntk.Polynomial(make([]float64, 42)...) },
		"rectified monomial":  func() { ntk.RectifiedMonomial(21) },
		"growing bump":        func() { ntk.GaussianBump(1, -1) },
	} {
		mustPanic(t, name, f)
	}
}

func mustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if text, ok := recover().(string); !ok || len(text) < 5 || text[:5] != "ntk: " {
			t.Errorf("%s panics with %q, not with ntk: …", what, text)
		}
	}()
	f()
}
