package filter_test

import (
	"fmt"

	"breakeven/flight/filter"
)

// An aircraft that flew north was seen a little to the east of where it should be.
func ExampleFilter_Advance() {
	f := filter.Default()
	start := filter.Known(filter.Vector{30, -95, 33000, 1e-3, 0})
	seen := filter.Known(filter.Vector{30.12, -94.95, 33000, 1e-3, 0})
	var s filter.Step
	f.Advance(&s, &start, &seen)
	fmt.Printf("%.2f, %.2f\n", s.Filtered.Mean[0], s.Filtered.Mean[1])
	// Output: 30.12, -94.95
}
