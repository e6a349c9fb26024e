package match

import (
	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// A Point is where and when a cube is wanted.
type Point struct {
	flight.Fix
	Azimuth float64 // the direction of flight, degrees from north to the east
}

// Along appends the points of a flight, each in the direction from the fix before. Before the first
// there is none: that one looks to the plan's end, or north without a plan. The published system
// lets it look north; so does official.
func Along(dst []Point, f *flight.Flight, official bool) []Point {
	azimuth := 1e-6
	if n := len(f.Plan); n > 0 && len(f.Fixes) > 0 && !official {
		azimuth = geodesy.Azimuth(f.Fixes[0].Point, f.Plan[n-1])
	}
	for i, fix := range f.Fixes {
		switch {
		case i == 0:
		case official || fix.Point != f.Fixes[i-1].Point: // who stands still keeps the direction
			azimuth = geodesy.Azimuth(f.Fixes[i-1].Point, fix.Point)
		}
		dst = append(dst, Point{fix, azimuth})
	}
	return dst
}
