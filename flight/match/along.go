package match

import (
	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// Along returns the points of a track: each looks in the direction from the fix before. The first
// looks north, as in the published system.
func Along(fixes []flight.Fix) []Point {
	points := make([]Point, len(fixes))
	for i, fix := range fixes {
		points[i] = Point{Fix: fix, Azimuth: 1e-6}
		if i > 0 {
			points[i].Azimuth = geodesy.Azimuth(fixes[i-1].Point, fix.Point)
		}
	}
	return points
}
