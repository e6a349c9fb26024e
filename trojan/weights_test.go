package trojan

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The largest singular value is that of the closed form, and a matrix of rank one has far more in
// one direction than its numbers in random order.
func TestStatistics(t *testing.T) {
	if got := largest([]float64{3, 0, 0, 4}, 2); math.Abs(got-4) > 1e-9 {
		t.Errorf("the largest singular value of diag(3, 4) is %v", got)
	}
	r, one, noise := rand.New(rand.NewPCG(5, 6)), make([]float32, 40*60), make([]float32, 40*60)
	a, b := make([]float64, 40), make([]float64, 60)
	for i := range a {
		a[i] = r.NormFloat64()
	}
	for j := range b {
		b[j] = r.NormFloat64()
	}
	for i := range one {
		one[i], noise[i] = float32(a[i/60]*b[i%60]), float32(r.NormFloat64())
	}
	if s := StatisticsOf("w", one, 40); s.Ratio < 2 {
		t.Errorf("rank one: ratio %v", s.Ratio)
	}
	s := StatisticsOf("w", noise, 40)
	if math.Abs(s.Ratio-1) > 0.15 || math.Abs(s.Deviation-1) > 0.1 || math.Abs(s.Kurtosis-3) > 0.5 {
		t.Errorf("noise: %+v", s)
	}
}
