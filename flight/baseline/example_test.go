package baseline_test

import (
	"fmt"

	"breakeven/flight"
	"breakeven/flight/baseline"
)

// A flight of which ten minutes are known, and its destination.
func ExampleMethod() {
	f := flight.Flight{Plan: flight.Plan{{Lat: 0, Lon: 0}, {Lat: 0, Lon: 3}}}
	for i := range 6 {
		f.Fixes = append(f.Fixes, flight.Fix{Time: 120 * float64(i), Point: flight.Point{Lon: 0.25 * float64(i)}})
	}
	p := baseline.Direct.Fit(nil, baseline.Options{Known: 6, Steps: 8}).Predict(f)
	for _, s := range p.Alternatives[0].States[4:] {
		fmt.Printf("%.0f s: %.2f\n", s.Time, s.Mean[1])
	}
	// Output:
	// 1200 s: 2.50
	// 1320 s: 2.75
	// 1440 s: 3.00
	// 1560 s: 3.00
}
