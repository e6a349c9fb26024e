package kernel

import (
	"math"
	"testing"
)

var inf = float32(math.Inf(1))
var nan = float32(math.NaN())
var negZero = float32(math.Copysign(0, -1))

// special are the values for which comparisons behave differently.
var special = []float32{0, negZero, 1, -1, inf, -inf, nan, math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, math.MaxFloat32}

// values returns n values, every third of them special.
func values(seed, n int) []float32 {
	x := normals(source(), n+seed)[seed:]
	for i := seed % 3; i < n; i += 3 {
		x[i] = special[(i/3+seed)%len(special)]
	}
	return x
}

// passes are the elementwise kernels as functions of dst and two inputs, and
// the loops that define them in float64. A tolerance is relative to size.
var passes = []struct {
	name string
	run  func(dst, x, y []float32)
	want func(dst, x, y float32) float64
}{
	{"ReLU", func(dst, x, _ []float32) { ReLU(dst, x) }, func(_, x, _ float32) float64 {
		if x < 0 {
			return 0
		}
		return float64(x)
	}},
	{"Mask", func(dst, x, y []float32) { Mask(dst, x, y) }, func(_, x, y float32) float64 {
		if x > 0 {
			return float64(y)
		}
		return 0
	}},
	{"Add", func(dst, x, _ []float32) { Add(dst, x) }, func(d, x, _ float32) float64 { return float64(d) + float64(x) }},
	{"Axpy", func(dst, x, _ []float32) { Axpy(dst, -0.3, x) }, func(d, x, _ float32) float64 {
		a := float32(-0.3)
		return float64(d) + float64(a)*float64(x)
	}},
	{"Scale", func(dst, _, _ []float32) { Scale(dst, 1.7) }, func(d, _, _ float32) float64 {
		a := float32(1.7)
		return float64(d) * float64(a)
	}},
	{"Mul", func(dst, x, y []float32) { Mul(dst, x, y) }, func(_, x, y float32) float64 { return float64(x) * float64(y) }},
	{"MulAdd", func(dst, x, y []float32) { MulAdd(dst, x, y) }, func(d, x, y float32) float64 {
		return float64(d) + float64(x)*float64(y)
	}},
}

// finite returns the magnitude of x, or 0 if it has none.
func finite(x float64) float64 {
	if x != x || math.IsInf(x, 0) {
		return 0
	}
	return math.Abs(x)
}

// near reports whether got is want rounded to float32, or as near to it as
// two roundings of numbers of the given size can be.
func near(got float32, want, size float64) bool {
	if w := float32(want); w != w || math.IsInf(float64(w), 0) {
		return got == w || got != got && w != w
	}
	return math.Abs(float64(got)-want) <= 1.2e-7*size+1e-44
}

func TestElementwise(t *testing.T) {
	forEach(t, func(t *testing.T) {
		for n := range 150 {
			for _, p := range passes {
				before, x, y := values(0, n), values(1, n), values(2, n)
				dst, intact := guarded(before)
				p.run(dst, x, y)
				for i, v := range dst {
					want := p.want(before[i], x[i], y[i])
					size := finite(float64(before[i])) + finite(float64(x[i])*float64(y[i])) + finite(want)
					if !near(v, want, size) {
						t.Fatalf("%s of length %d: dst[%d] = %v, want %v (dst %v, x %v, y %v)", p.name, n, i, v, want, before[i], x[i], y[i])
					}
				}
				if !intact() {
					t.Fatalf("%s of length %d wrote outside of dst", p.name, n)
				}
			}
		}
	})
}

// TestReLUSign holds ReLU and Mask to their defining loops in what == cannot
// see.
func TestReLUSign(t *testing.T) {
	forEach(t, func(t *testing.T) {
		x := make([]float32, 21)
		for i := range x {
			x[i] = negZero
		}
		dst := make([]float32, 21)
		ReLU(dst, x)
		if i := sameBits(dst, x); i >= 0 {
			t.Errorf("ReLU(-0) = %v at %d", dst[i], i)
		}
		Mask(dst, x, x)
		if i := sameBits(dst, make([]float32, 21)); i >= 0 {
			t.Errorf("Mask at -0 = %v at %d", dst[i], i)
		}
	})
}

func TestElementwiseInPlace(t *testing.T) {
	forEach(t, func(t *testing.T) {
		for _, n := range []int{1, 15, 64, 83} {
			x, y := values(1, n), values(2, n)
			for name, f := range map[string]func(dst, x []float32){
				"ReLU": ReLU,
				"Mask": func(dst, x []float32) { Mask(dst, x, y) },
				"Mul":  func(dst, x []float32) { Mul(dst, x, y) },
				"Add":  func(dst, x []float32) { copy(dst, x); Add(dst, append([]float32(nil), x...)) },
			} {
				want := make([]float32, n)
				f(want, x)
				got := append([]float32(nil), x...)
				f(got, got)
				if i := sameBits(got, want); i >= 0 {
					t.Errorf("%s of length %d in place: [%d] = %v, want %v", name, n, i, got[i], want[i])
				}
			}
		}
	})
}

func TestAddRow(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rnd := source()
		for cols := range 70 {
			for _, rows := range []int{0, 1, 2, 5} {
				x, b := normals(rnd, rows*cols), normals(rnd, cols)
				dst, intact := guarded(x)
				AddRow(dst, rows, cols, b)
				for i, v := range dst {
					if want := x[i] + b[i%cols]; v != want {
						t.Fatalf("AddRow %d×%d: [%d] = %v, want %v", rows, cols, i, v, want)
					}
				}
				if !intact() {
					t.Fatalf("AddRow %d×%d wrote outside of dst", rows, cols)
				}
			}
		}
	})
}

func TestLengthPanics(t *testing.T) {
	x, y, z := make([]float32, 4), make([]float32, 5), make([]float64, 2)
	for name, f := range map[string]func(){
		"ReLU":       func() { ReLU(x, y) },
		"Mask":       func() { Mask(x, x, y) },
		"Add":        func() { Add(x, y) },
		"Axpy":       func() { Axpy(x, 1, y) },
		"Mul":        func() { Mul(x, y, x) },
		"MulAdd":     func() { MulAdd(x, x, y) },
		"AddRow":     func() { AddRow(x, 2, 2, y) },
		"Dot":        func() { Dot(x, y) },
		"ColSum":     func() { ColSum(z, y, 2, 2) },
		"ColMoments": func() { ColMoments(z, z, x, y, 2, 2) },
		"ColSquares": func() { ColSquares(z, z, y, 2, 2) },
		"negative":   func() { ColSum(z, x, -2, -2) },
		"short sum":  func() { ColSum(z[:1], x, 2, 2) },
	} {
		wantPanic(t, name, "kernel: ", f)
	}
}
