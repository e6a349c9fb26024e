package flight_test

import (
	"fmt"

	"breakeven/flight"
)

// A flight is a track with the plan that was filed for it.
func ExampleFlight() {
	f := flight.Flight{
		Track: flight.Track{ID: "N1", Fixes: []flight.Fix{
			{Time: 0, Point: flight.Point{Lat: 30, Lon: -95.3}, Alt: 0},
			{Time: 120, Point: flight.Point{Lat: 30.1, Lon: -95.1}, Alt: 5000},
		}},
		Plan: flight.Plan{{Lat: 30, Lon: -95.3}, {Lat: 42.4, Lon: -71}},
	}
	fmt.Println(len(f.Fixes), len(f.Plan))
	// Output: 2 2
}
