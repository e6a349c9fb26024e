package study

import (
	"encoding/json"
	"math"
	"slices"

	"breakeven/internal/digits"
)

// A Sample is the mean and the deviation of single values, such as those of the seeds of one
// setting. Both are NaN if there is no value.
type Sample struct {
	Mean, Deviation float64 // the deviation with N − 1; 0 of one value
	N               int
}

// SampleOf returns the sample of values, of which it leaves out what is not finite.
func SampleOf(x []float64) Sample {
	x = slices.DeleteFunc(slices.Clone(x), func(v float64) bool { return !finite(v) })
	s := Sample{math.NaN(), math.NaN(), len(x)}
	if len(x) == 0 {
		return s
	}
	s.Mean, s.Deviation = 0, 0
	for _, v := range x {
		s.Mean += v / float64(len(x))
	}
	for _, v := range x {
		s.Deviation += (v - s.Mean) * (v - s.Mean)
	}
	s.Deviation = math.Sqrt(s.Deviation / float64(max(1, len(x)-1)))
	return s
}

// Known reports whether there is a value.
func (s Sample) Known() bool { return s.N > 0 }

// Above reports whether the mean is above that of another sample by more than twice the standard
// error of their difference, of two values each at least.
func (s Sample) Above(other Sample) bool {
	if s.N < 2 || other.N < 2 {
		return false
	}
	e := math.Sqrt(s.Deviation*s.Deviation/float64(s.N) + other.Deviation*other.Deviation/float64(other.N))
	return s.Mean-other.Mean > 2*e
}

// String returns "82.5 ± 0.4", the mean alone of one value, and a dash of none.
func (s Sample) String() string {
	switch s.N {
	case 0:
		return Empty
	case 1:
		return digits.Significant(s.Mean, 3)
	}
	return digits.Measured(s.Mean, s.Deviation)
}

// MarshalJSON writes mean, deviation and number, or null.
func (s Sample) MarshalJSON() ([]byte, error) {
	if !s.Known() {
		return []byte("null"), nil
	}
	return json.Marshal(map[string]any{"mean": s.Mean, "deviation": s.Deviation, "n": s.N})
}
