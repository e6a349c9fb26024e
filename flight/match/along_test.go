package match

import (
	"math"
	"testing"

	"breakeven/flight"
)

func TestAlong(t *testing.T) {
	points := Along([]flight.Fix{{Point: flight.Point{Lat: 0, Lon: 179.5}}, {Point: flight.Point{Lat: 0, Lon: -179.5}}, {Point: flight.Point{Lat: -1, Lon: -179.5}}})
	for i, want := range []float64{1e-6, 90, 180} {
		if math.Abs(points[i].Azimuth-want) > 1e-9 {
			t.Errorf("point %d looks to %v, want %v", i, points[i].Azimuth, want)
		}
	}
}
