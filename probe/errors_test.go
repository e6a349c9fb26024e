package probe

import (
	"math"
	"testing"

	"breakeven/curvature"
	"breakeven/rng"
	"breakeven/spectrum"
)

// Under batch norm s² is the same from minibatches of any size, on average: here over
// all minibatches of one population.
func TestVarianceFromMinibatches(t *testing.T) {
	x := make([]float64, 12)
	r := rng.New(4, "population")
	for i := range x {
		x[i] = r.NormFloat64()
	}
	want, _ := variance(x)
	for _, m := range []int{1, 2, 3, 4, 6} {
		const draws = 40000
		mean, order := 0.0, make([]int, len(x))
		for range draws {
			r.Perm(order)
			l := len(x) / m
			if m == 1 {
				l = 5 // fewer than the population has
			}
			b := make([]float64, l)
			for i := range b {
				for _, k := range order[i*m : (i+1)*m] {
					b[i] += x[k] / float64(m)
				}
			}
			v, _ := variance(b)
			n, lf := float64(len(x)), float64(l)
			mean += float64(m) * (n - 1) / n * lf / (lf - 1) * v / draws
		}
		if math.Abs(mean-want) > 0.03*want {
			t.Errorf("batches of %d: s² is %.4f, want %.4f", m, mean, want)
		}
	}
}

// The jackknife error of the trace is the spread of the trace over repetitions.
func TestJackknife(t *testing.T) {
	for _, l := range []int{12, 48} { // delete one, and delete a group
		const dim, repetitions = 20, 200
		r := rng.New(8, "gradients")
		var mean, square, predicted float64
		for range repetitions {
			g := make([]float64, l*dim)
			for i := range g {
				g[i] = r.NormFloat64() / float64(1+i%dim)
			}
			k := &curvature.Covariance{L: l, Inner: make([]float64, l*l)}
			for i := range l {
				for j := range l {
					for d := range dim {
						k.Inner[i*l+j] += g[i*dim+d] * g[j*dim+d]
					}
				}
			}
			trace := func(g *spectrum.Gram, _ []int) ([]float64, error) { return []float64{g.Trace()}, nil }
			dev, err := jackknife(k, trace, nil)
			if err != nil {
				t.Fatal(err)
			}
			predicted += dev[0] / repetitions
			c := centredTrace(k)
			mean += c / repetitions
			square += c * c / repetitions
		}
		spread := math.Sqrt(square - mean*mean)
		if predicted < 0.8*spread || predicted > 1.25*spread {
			t.Errorf("%d gradients: the jackknife says %.4f, the trace spreads by %.4f", l, predicted, spread)
		}
	}
}

// centredTrace is (1/L) Σ ‖g_i − ḡ‖².
func centredTrace(k *curvature.Covariance) float64 {
	sum, all := 0.0, 0.0
	for i := range k.L {
		sum += k.Inner[i*k.L+i] / float64(k.L)
	}
	for _, v := range k.Inner {
		all += v / float64(k.L*k.L)
	}
	return sum - all
}
