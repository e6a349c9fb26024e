package learn_test

import (
	"math"
	"testing"

	"breakeven/flight/features"
	"breakeven/flight/learn"
	"breakeven/flight/sample"
	"breakeven/rng"
)

// What a drift does to positions and rates, with the scale taken off again: targets lead back to
// the track by the same law for states and for changes.
func TestDrift(t *testing.T) {
	for _, change := range []bool{false, true} {
		s := open(t, sample.Flights(), learn.Options{Step: 120, Features: features.Options{Change: change}})
		c, still := coded(t, s, 2, 5, 8)
		_, moved := coded(t, s, 2, 5, 8)
		d := learn.Drift{Step: 3, Memory: 0.9}
		d.Apply(moved, c, rng.New(1, "drift"))
		states := len(still.In[0].F) / still.N / features.Inputs
		sum, n := 0.0, 0.0
		for i := range still.N {
			for axis := range 2 {
				offset := func(t int) float64 {
					k := (i*states+t)*features.Inputs + axis
					return float64(moved.In[0].F[k]-still.In[0].F[k]) * c.Scale.Std[axis]
				}
				target := func(t, number int) float64 {
					k := (i*states+t)*features.Targets + number
					_, std := c.Scale.OfTarget(number)
					return float64(moved.Target[0].Vector[k]-still.Target[0].Vector[k]) * std
				}
				rate := func(t int) float64 {
					k := (i*states+t)*features.Inputs + 4 + axis
					return float64(moved.In[0].F[k]-still.In[0].F[k]) * c.Scale.Std[4+axis]
				}
				last := int(still.In[0].Steps[i]) - 1
				for t1 := range last {
					x := offset(t1)
					want := 0.9 * x
					if change {
						want -= x
					}
					if math.Abs(target(t1, axis)-want) > 1e-4 || math.Abs(target(t1, 3+axis)+0.1*x/120) > 1e-6 {
						t.Fatalf("change %v, flight %d, axis %d, state %d is off by %v, its target by %v and %v", change, i, axis, t1, x, target(t1, axis), target(t1, 3+axis))
					}
					if t1 > 0 && math.Abs(rate(t1)-(x-offset(t1-1))/120) > 1e-6 {
						t.Fatalf("change %v, flight %d, axis %d, state %d: a rate is off by %v", change, i, axis, t1, rate(t1))
					}
					if shrink := []float64{1, math.Cos(c.Latitude * math.Pi / 180)}[axis]; t1 > 0 {
						step := (x - 0.9*offset(t1-1)) * 60 * shrink
						sum, n = sum+step*step, n+1
					}
				}
				if target(last, axis) != 0 || target(last-1, 2) != 0 {
					t.Errorf("change %v: the airport or an altitude has moved", change)
				}
			}
		}
		if deviation := math.Sqrt(sum / n); math.Abs(deviation-3) > 0.3 {
			t.Errorf("change %v: steps of %v nmi, want 3", change, deviation)
		}
	}
}
