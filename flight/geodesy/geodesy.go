// Package geodesy measures distances and directions on the WGS84 ellipsoid: the inverse and the
// direct problem of geodesics, and the parts of a displacement along and across a course.
//
// Distances are nautical miles, azimuths degrees clockwise from north in (−180, 180].
//
// The series are those of T. Vincenty, "Direct and Inverse Solutions of Geodesics on the Ellipsoid
// with Application of Nested Equations", Survey Review 23 (1975), exact to less than a millimetre.
// Vincenty's iteration fails between points that are nearly antipodal. There the azimuth at the
// first point is found by bisection, as in C. F. F. Karney, "Algorithms for geodesics", Journal of
// Geodesy 87 (2013), section 4.
//
// Laws:
//
//   - Inverse and Direct agree with GeographicLib to a millimetre, for all pairs of points.
//   - All longitudes are accepted. Returned ones are in [−180, 180).
package geodesy

import (
	"math"

	"breakeven/flight"
)

// Units in metres and seconds.
const (
	NauticalMile = 1852.0
	Foot         = 0.3048
	Knot         = NauticalMile / 3600
)

const degree = math.Pi / 180

// Wrap returns a longitude in [−180, 180).
func Wrap(lon float64) float64 {
	if lon >= -180 && lon < 180 {
		return lon
	}
	lon = math.Mod(lon+180, 360)
	if lon < 0 {
		lon += 360
	}
	return lon - 180
}

// Near returns the longitude of lon that is nearest to a reference, so that a line which crosses
// the antimeridian goes on without a jump. It may lie outside of [−180, 180).
func Near(lon, reference float64) float64 { return reference + Wrap(lon-reference) }

// Distance returns the length of the shortest geodesic in nautical miles.
func Distance(a, b flight.Point) float64 {
	d, _, _ := Inverse(a, b)
	return d
}

// Azimuth returns the direction at a of the shortest geodesic from a to b, in degrees. For one and
// the same point it is 0.
func Azimuth(a, b flight.Point) float64 {
	_, azimuth, _ := Inverse(a, b)
	return azimuth
}

// Between returns the point at a fraction of the shortest geodesic from a to b; a fraction below
// 0 or above 1 lies beyond a or b.
func Between(a, b flight.Point, fraction float64) flight.Point {
	switch fraction {
	case 0:
		return a
	case 1:
		return b
	}
	d, azimuth, _ := Inverse(a, b)
	p, _ := Direct(a, azimuth, d*fraction)
	return p
}

// Along splits the displacement from a to b into its parts along a course at a, in degrees, and
// across it, positive to the right. Both are nautical miles.
func Along(a, b flight.Point, course float64) (along, across float64) {
	d, azimuth, _ := Inverse(a, b)
	sin, cos := math.Sincos((azimuth - course) * degree)
	return d * cos, d * sin
}
