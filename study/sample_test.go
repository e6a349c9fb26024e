package study

import (
	"encoding/json"
	"math"
	"testing"
)

// A sample has the mean and the deviation of what is finite, in words and in JSON.
func TestSample(t *testing.T) {
	for _, test := range []struct {
		values     []float64
		text, json string
	}{
		{nil, Empty, "null"},
		{[]float64{math.NaN(), math.Inf(1)}, Empty, "null"},
		{[]float64{2.5}, "2.5", `{"deviation":0,"mean":2.5,"n":1}`},
		{[]float64{1, math.NaN(), 3, 5}, "3.0 ± 2.0", `{"deviation":2,"mean":3,"n":3}`},
	} {
		s := SampleOf(test.values)
		text, err := json.Marshal(s)
		if err != nil || s.String() != test.text || string(text) != test.json || s.Known() != (s.N > 0) {
			t.Errorf("%v: %q and %s, want %q and %s (%v)", test.values, s, text, test.text, test.json, err)
		}
	}
	low, high := SampleOf([]float64{1, 1.1, 0.9}), SampleOf([]float64{2, 2.1, 1.9})
	if !high.Above(low) || low.Above(high) || high.Above(SampleOf([]float64{1})) || high.Above(SampleOf([]float64{2, 1.9, 1.95})) {
		t.Error("above is more than twice the standard error of the difference, of two values each")
	}
}
