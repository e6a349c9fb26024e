package kernel

import (
	"math"
	"testing"

	"breakeven/internal/testenv"
)

// functions are the kernels of exp.go and slope.go with their errors in ulp, and
// the exponent of the results below which an ulp is as small as it gets.
var functions = []struct {
	name string
	run  func(dst, x []float32)
	want func(float64) float64
	ulp  float64
	low  int
}{
	{"Exp", Exp, math.Exp, 1, normal},
	{"ELU", ELU, eluOf, 1, normal},
	{"ELUDeriv", ELUDeriv, func(y float64) float64 { return min(y, 0) + 1 }, 1, normal},
	{"ELUDeriv2", ELUDeriv2, func(y float64) float64 {
		if y > 0 {
			return 0
		}
		return y + 1
	}, 1, normal},
	{"Tanh", Tanh, math.Tanh, 2, normal},
	{"Erf", Erf, math.Erf, 2, normal},
	{"Sigmoid", Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 3, normal},
	{"SigmoidDeriv", SigmoidDeriv, func(y float64) float64 { return y * (1 - y) }, 2, normal},
	{"SigmoidDeriv2", SigmoidDeriv2, func(y float64) float64 { return y * (1 - y) * (1 - 2*y) }, 3, normal},
	{"TanhDeriv", TanhDeriv, func(y float64) float64 { return 1 - y*y }, 1, normal},
	{"TanhDeriv2", TanhDeriv2, func(y float64) float64 { return -2 * y * (1 - y*y) }, 2, normal},
	{"ErfDeriv", ErfDeriv, erfDerivOf, 3, normal},
	{"ErfDeriv2", ErfDeriv2, erfDeriv2Of, 4, normal + 5},
}

// eluOf is ELU.
func eluOf(x float64) float64 {
	if x > 0 {
		return x
	}
	return math.Expm1(x)
}

// normal is the exponent of the smallest normal number.
const normal = -126

// ulps returns the distance of got from want in units of the last place of
// want, or of 2 to the power low if want is smaller.
func ulps(got float32, want float64, low int) float64 {
	w := float32(want)
	if got == w || got != got && w != w {
		return 0
	}
	e := max(math.Ilogb(want), low)
	return math.Abs(float64(got)-want) / math.Ldexp(1, e-23)
}

// TestFunctions walks over all float32 values in steps of some thousands of
// the last place.
func TestFunctions(t *testing.T) {
	step := uint64(4001)
	if !testenv.Whole() {
		step = 40009
	}
	forEach(t, func(t *testing.T) {
		for _, f := range functions {
			worst, at := 0.0, float32(0)
			x, y := make([]float32, 1000), make([]float32, 1000)
			for bits := uint64(0); bits < 1<<32; {
				for i := range x {
					x[i] = math.Float32frombits(uint32(bits))
					bits += step
				}
				f.run(y, x)
				for i, v := range y {
					if u := ulps(v, f.want(float64(x[i])), f.low); !(u <= worst) {
						worst, at = u, x[i]
					}
				}
			}
			t.Logf("%s: %.3f ulp at %v", f.name, worst, at)
			if !(worst <= f.ulp) {
				t.Errorf("%s(%v) is off by %v ulp", f.name, at, worst)
			}
		}
	})
}

// TestFunctionBits holds AVX-512 and AVX2 to the same bits, and every set to
// the special values with their signs.
func TestFunctionBits(t *testing.T) {
	x := append([]float32(nil), special...)
	rnd := source()
	for _, scale := range []float32{1e-30, 1e-3, 0.5, 1, 4, 30, 150} {
		for range 501 {
			x = append(x, scale*float32(rnd.NormFloat64()))
		}
	}
	for _, f := range functions {
		results := map[level][]float32{}
		forEach(t, func(t *testing.T) {
			y := make([]float32, len(x))
			f.run(y, x)
			results[active] = y
			for i, v := range special {
				want := f.want(float64(v))
				if ulps(y[i], want, f.low) > f.ulp || want == want && math.Signbit(want) != math.Signbit(float64(y[i])) {
					t.Errorf("%s(%v) = %v, want %v", f.name, v, y[i], want)
				}
			}
		})
		if wide, ok := results[avx512]; ok {
			if i := sameBits(wide, results[avx2]); i >= 0 {
				t.Errorf("%s(%v): AVX-512 %v, AVX2 %v", f.name, x[i], wide[i], results[avx2][i])
			}
		}
	}
}

func TestFunctionTails(t *testing.T) {
	forEach(t, func(t *testing.T) {
		x := normals(source(), 80)
		for _, f := range functions {
			for n := range x {
				dst, intact := guarded(x[:n])
				f.run(dst, dst)
				for i, v := range dst {
					if u := ulps(v, f.want(float64(x[i])), f.low); u > f.ulp {
						t.Fatalf("%s of length %d, in place: f(%v) = %v", f.name, n, x[i], v)
					}
				}
				if !intact() {
					t.Fatalf("%s of length %d wrote outside of dst", f.name, n)
				}
			}
			wantPanic(t, f.name, "kernel: "+f.name, func() { f.run(x[:3], x[:2]) })
		}
	})
}
