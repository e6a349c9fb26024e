package learn_test

import (
	"math"
	"testing"

	"breakeven/flight/features"
	"breakeven/flight/learn"
	"breakeven/flight/sample"
	"breakeven/rng"
)

// Altitudes move by half a step at most, the target of a state as the next state does, and nothing
// else moves. An unknown altitude stays unknown.
func TestDither(t *testing.T) {
	const altitude = 2
	for _, change := range []bool{false, true} {
		s := open(t, sample.Flights(), learn.Options{Step: 120, Features: features.Options{Change: change}})
		c, still := coded(t, s, 2, 5, 8)
		_, moved := coded(t, s, 2, 5, 8)
		still.In[0].F[3*features.Inputs+altitude], moved.In[0].F[3*features.Inputs+altitude] = 0, 0
		learn.Dither{Step: 100}.Apply(moved, c, rng.New(1, "dither"))
		states := len(still.In[0].F) / still.N / features.Inputs
		_, std := c.Scale.OfTarget(altitude)
		square, n := 0.0, 0.0
		for i := range still.N {
			feet := func(t int) float64 {
				k := (i*states+t)*features.Inputs + altitude
				return 100 * float64(moved.In[0].F[k]-still.In[0].F[k]) * c.Scale.Std[altitude]
			}
			target := func(t int) float64 {
				k := (i*states+t)*features.Targets + altitude
				return 100 * float64(moved.Target[0].Vector[k]-still.Target[0].Vector[k]) * std
			}
			last := int(still.In[0].Steps[i]) - 1
			for k := range last + 1 {
				want := 0.0
				if k < last {
					want = feet(k + 1)
				}
				if change {
					want -= feet(k)
				}
				if math.Abs(target(k)-want) > 0.02 || math.Abs(feet(k)) > 50.01 {
					t.Fatalf("change %v, flight %d: state %d is moved by %v ft, its target by %v, not %v", change, i, k, feet(k), target(k), want)
				}
				square, n = square+feet(k)*feet(k), n+1
			}
			for k := last + 1; k < states; k++ {
				if feet(k) != 0 || target(k) != 0 {
					t.Errorf("padding moves")
				}
			}
		}
		if moved.In[0].F[3*features.Inputs+altitude] != 0 {
			t.Error("an unknown altitude has become known")
		}
		if rms := math.Sqrt(square / n); math.Abs(rms-100/math.Sqrt(12)) > 3 {
			t.Errorf("altitudes move by %v ft (root mean square), want %v", rms, 100/math.Sqrt(12))
		}
		for k := range still.In[0].F {
			if k%features.Inputs != altitude && still.In[0].F[k] != moved.In[0].F[k] {
				t.Fatalf("number %d of a state moves", k%features.Inputs)
			}
		}
		for k := range still.Target[0].Vector {
			if k%features.Targets != altitude && still.Target[0].Vector[k] != moved.Target[0].Vector[k] {
				t.Fatalf("number %d of a target moves", k%features.Targets)
			}
		}
	}
}
