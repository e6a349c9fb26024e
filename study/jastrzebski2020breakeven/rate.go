package jastrzebski2020breakeven

import (
	"fmt"

	"breakeven/internal/digits"
	"breakeven/study"
)

// rated returns the run with the learning rate of its records in place of that of its
// spec, and a warning if it varies: bounds then are those of the first.
func rated(r study.Run) (study.Run, string) {
	first, low, high := 0.0, 0.0, 0.0
	for _, rec := range r.Records {
		v, ok := rec.Get("lr")
		switch {
		case !ok:
		case first == 0:
			first, low, high = v.Value, v.Value, v.Value
		default:
			low, high = min(low, v.Value), max(high, v.Value)
		}
	}
	if first == 0 {
		return r, ""
	}
	if low == high {
		r.Spec.LR = first
		return r, ""
	}
	if r.Spec.Kind == "descent" { // what the schedule starts from stands in the spec
		first = r.Spec.LR
	}
	r.Spec.LR = first
	return r, fmt.Sprintf("The learning rate lies between %s and %s. The left side of Eq. 1 is that of each record's own; 2/η and what is derived from it are those of η = %s.",
		digits.Significant(low, 6), digits.Significant(high, 6), digits.Significant(first, 6))
}
