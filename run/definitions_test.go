package run

import (
	"math"
	"testing"
)

// Every key has a definition, and error bands stay within the range of their quantity.
func TestDefinitions(t *testing.T) {
	for _, k := range Keys {
		if k.Definition == "" || k.Meaning == "" {
			t.Errorf("%s is not defined", k.Name)
		}
		if k.Min > k.Max || math.IsInf(k.Min, 0) {
			t.Errorf("%s ranges from %g to %g", k.Name, k.Min, k.Max)
		}
	}
	for _, c := range []struct {
		key                string
		value, err, lo, hi float64
	}{
		{"alignment", 0.5, 0.9, 0, 1},
		{"alignment", 0.5, 0.1, 0.4, 0.6},
		{"k_max", 1, 3, 0, 4},
		{"h_min", -1, 3, -4, 2},
		{"alignment", 1.0000001, 0.5, 0.5, 1.0000001}, // by rounding
		{"unheard_of", 1, 3, -2, 4},
	} {
		k, _ := LookupKey(c.key)
		if lo, hi := k.Band(c.value, c.err); math.Abs(lo-c.lo) > 1e-6 || math.Abs(hi-c.hi) > 1e-6 {
			t.Errorf("%s = %g ± %g: from %g to %g, want %g to %g", c.key, c.value, c.err, lo, hi, c.lo, c.hi)
		}
	}
}
