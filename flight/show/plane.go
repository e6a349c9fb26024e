package show

import (
	"math"

	"breakeven/flight"
)

const (
	degree = math.Pi / 180
	radius = 3440.065 // nmi
)

// A plane is the stereographic projection of the sphere around a centre: it keeps angles, so that every
// small piece of the map is true to shape, wherever it lies, at the poles and across the antimeridian.
// Coordinates are nautical miles at the centre, x to the right and y down, as on a screen.
type plane struct{ lon, sin, cos float64 }

// around returns the projection around the middle of some points.
func around(points []flight.Point) plane {
	var x, y, z float64
	for _, p := range points {
		sin, cos := math.Sincos(p.Lat * degree)
		east, north := math.Sincos(p.Lon * degree)
		x, y, z = x+cos*north, y+cos*east, z+sin
	}
	if h := math.Sqrt(x*x + y*y + z*z); h < 1e-6 { // no middle
		x, y, z = 1, 0, 0
	}
	lat := math.Atan2(z, math.Hypot(x, y))
	sin, cos := math.Sincos(lat)
	return plane{math.Atan2(y, x), sin, cos}
}

// at projects a point. Those within five degrees of the point opposite to the centre are moved away
// from it.
func (p plane) at(q flight.Point) xy {
	sin, cos := math.Sincos(q.Lat * degree)
	east, north := math.Sincos(q.Lon*degree - p.lon)
	x, y, z := cos*east, p.cos*sin-p.sin*cos*north, p.sin*sin+p.cos*cos*north
	if z < edge {
		z = edge
		if h := math.Hypot(x, y); h > 0 {
			scale := math.Sqrt(1-z*z) / h
			x, y = x*scale, y*scale
		}
	}
	k := 2 * radius / (1 + z)
	return xy{k * x, -k * y}
}

// edge is the cosine of 175 °: points farther from the centre are moved to there.
const edge = -0.9962

// height returns the cosine of the angle between a point and the centre.
func (p plane) height(q flight.Point) float64 {
	sin, cos := math.Sincos(q.Lat * degree)
	return p.sin*sin + p.cos*cos*math.Cos(q.Lon*degree-p.lon)
}

// directions returns how far the map moves for a degree to the north and one to the east.
func (p plane) directions(q flight.Point) (north, east xy) {
	const h = 1e-4
	slope := func(dlat, dlon float64) xy {
		a := p.at(flight.Point{Lat: q.Lat - dlat, Lon: q.Lon - dlon})
		b := p.at(flight.Point{Lat: q.Lat + dlat, Lon: q.Lon + dlon})
		return xy{(b[0] - a[0]) / (2 * h), (b[1] - a[1]) / (2 * h)}
	}
	return slope(h, 0), slope(0, h)
}
