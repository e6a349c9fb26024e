package tensor_test

import (
	"math"
	"testing"

	"breakeven/tensor"
)

// GELU and its derivatives agree with float64, in more than one block and in place.
func TestGELU(t *testing.T) {
	const n = 1300
	x, got := make([]float32, n), make([]float32, n)
	for i := range x {
		x[i] = float32(i-n/2) / 80
	}
	density := func(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }
	distribution := func(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }
	for name, c := range map[string]struct {
		f    func(dst, x []float32)
		want func(x float64) float64
	}{
		"value":  {tensor.GELU, func(x float64) float64 { return x * distribution(x) }},
		"first":  {tensor.GELUDeriv, func(x float64) float64 { return distribution(x) + x*density(x) }},
		"second": {tensor.GELUDeriv2, func(x float64) float64 { return density(x) * (2 - x*x) }},
	} {
		c.f(got, x)
		for i, v := range x {
			want := c.want(float64(v))
			if d := math.Abs(float64(got[i]) - want); d > 4*0x1p-24*max(1, math.Abs(float64(v))) {
				t.Fatalf("%s at %v: %v, want %v", name, v, got[i], want)
			}
		}
		in := append([]float32(nil), x...)
		c.f(in, in)
		for i, v := range got {
			if in[i] != v {
				t.Fatalf("%s in place: number %d is %v, want %v", name, i, in[i], v)
			}
		}
	}
}
