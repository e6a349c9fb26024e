package hierarchy

import (
	"math"
	"testing"
)

// Averages over networks agree with the theory: for one layer at any width, where it is
// exact, and for more at widths where the next order is below the error.
func TestExpected(t *testing.T) {
	const nets = 2000
	x := Points{Train: [][]float64{{.6, 0, -.8}}}
	for _, c := range []struct {
		a            Activation
		width, depth int
	}{{Tanh, 3, 1}, {Erf, 2, 1}, {Sin, 8, 1}, {GELU, 4, 1}, {Tanh, 48, 2}, {Tanh, 64, 3}, {Softplus, 64, 2}} {
		want, err := Expected(c.a, c.depth)
		if err != nil {
			t.Fatal(err)
		}
		var sums [2]struct{ x, xx float64 }
		for seed := range uint64(nets) {
			net := drawNet(t, Shape{3, c.width, c.depth, c.a}, Init{Seed: seed})
			k := kernels(t, net, x, 4, Auto)
			for i, v := range []float64{k[0].Data[0] * k[2].Data[0], k[3].Data[0]} {
				v *= float64(c.width)
				sums[i].x += v / nets
				sums[i].xx += v * v / nets
			}
		}
		for i, theory := range []float64{want.FK3, want.K4} {
			mean, err := sums[i].x, math.Sqrt((sums[i].xx-sums[i].x*sums[i].x)/nets)
			allowed := 4 * err
			if c.depth > 1 {
				allowed += math.Abs(theory) * 4 / float64(c.width)
			}
			t.Logf("%s, width %d, depth %d: m E[%s] %.4f ± %.4f, theory %.4f", c.a.Name, c.width, c.depth, []string{"f K3", "K4"}[i], mean, err, theory)
			if math.Abs(mean-theory) > allowed {
				t.Errorf("%s, width %d, depth %d: %.4f ± %.4f, theory %.4f", c.a.Name, c.width, c.depth, mean, err, theory)
			}
		}
	}
	for _, bad := range []struct {
		a Activation
		h int
	}{{Tanh, 0}, {Activation{}, 1}} {
		if _, err := Expected(bad.a, bad.h); err == nil {
			t.Error("no error")
		}
	}
}
