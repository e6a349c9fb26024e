package show_test

import (
	"os"

	"breakeven/flight"
	"breakeven/flight/show"
)

// A flight of which two fixes are known, as GeoJSON.
func ExampleGeoJSON() {
	p := flight.Prediction{Known: 2}
	p.ID = "N1"
	p.Fixes = []flight.Fix{
		{Time: 0, Point: flight.Point{Lat: 50, Lon: 179}, Alt: 30000},
		{Time: 120, Point: flight.Point{Lat: 50, Lon: -179}, Alt: 30000},
	}
	if err := show.GeoJSON(os.Stdout, []flight.Prediction{p}); err != nil {
		panic(err)
	}
	// Output:
	// {"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"MultiLineString","coordinates":[[[179,50,9144],[180,50,9144]],[[-180,50,9144],[-179,50,9144]]]},"properties":{"flight":"N1","part":"known","times":[["1970-01-01T00:00:00Z","1970-01-01T00:01:00Z"],["1970-01-01T00:01:00Z","1970-01-01T00:02:00Z"]]}}]}
}
