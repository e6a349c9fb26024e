package features_test

import (
	"fmt"

	"breakeven/flight"
	"breakeven/flight/features"
)

func ExampleOf() {
	e, err := features.Of(flight.Flight{Track: flight.Track{ID: "N1", Fixes: []flight.Fix{
		{Time: 0, Point: flight.Point{Lat: 30, Lon: -95}, Alt: 1000},
		{Time: 100, Point: flight.Point{Lat: 30.5, Lon: -94}, Alt: 5000},
	}}}, features.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("states ", e.Input)
	fmt.Println("targets", e.Target)
	// Output:
	// states  [0 0 10 0 0 0 0.5 1 50 100 0.005 0.01]
	// targets [0.5 1 50 0.005 0.01]
}
