package show

import (
	"math"

	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// An xy is a point of a plane.
type xy [2]float64

// clip returns the part of a ring on one side of a line: where sign·(point[axis] − at) ≥ 0. The
// ring is not closed. This is a step of the algorithm of Sutherland and Hodgman: where a ring leaves the side
// and comes back, the edge between is drawn along the line.
func clip(ring []xy, axis int, at, sign float64) []xy {
	var out []xy
	for i, b := range ring {
		a := ring[(i+len(ring)-1)%len(ring)]
		da, db := sign*(a[axis]-at), sign*(b[axis]-at)
		if da < 0 != (db < 0) {
			w := da / (da - db)
			p := xy{a[0] + w*(b[0]-a[0]), a[1] + w*(b[1]-a[1])}
			p[axis] = at
			out = append(out, p)
		}
		if db >= 0 {
			out = append(out, b)
		}
	}
	return out
}

// clipBox returns the part of a ring in a rectangle.
func clipBox(ring []xy, low, high xy) []xy {
	for axis := range 2 {
		ring = clip(clip(ring, axis, low[axis], 1), axis, high[axis], -1)
	}
	return ring
}

// cutRing cuts a closed ring of longitudes without jumps at the antimeridian, into closed rings with
// longitudes in [−180, 180].
func cutRing(ring []flight.Point) [][]flight.Point {
	if len(ring) == 0 {
		return nil
	}
	var plane []xy
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range ring[:len(ring)-1] {
		plane = append(plane, xy{p.Lon, p.Lat})
		low, high = min(low, p.Lon), max(high, p.Lon)
	}
	var cut [][]flight.Point
	for turn := math.Floor((low + 180) / 360); turn*360-180 < high; turn++ {
		piece := clip(clip(plane, 0, turn*360-180, 1), 0, turn*360+180, -1)
		if len(piece) < 3 {
			continue
		}
		var points []flight.Point
		for _, p := range append(piece, piece[0]) {
			points = append(points, flight.Point{Lat: p[1], Lon: p[0] - turn*360})
		}
		cut = append(cut, points)
	}
	return cut
}

// cutLine cuts a line where it crosses the antimeridian: both pieces have the point there.
func cutLine(line []flight.Fix) [][]flight.Fix {
	var cut [][]flight.Fix
	begin := 0
	var piece []flight.Fix
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		lon := geodesy.Near(b.Lon, a.Lon)
		if lon >= -180 && lon < 180 {
			continue
		}
		edge := math.Copysign(180, lon)
		w := 1.0
		if lon != a.Lon {
			w = (edge - a.Lon) / (lon - a.Lon)
		}
		at := flight.Fix{Time: a.Time + w*(b.Time-a.Time), Alt: a.Alt + w*(b.Alt-a.Alt), Point: flight.Point{Lat: a.Lat + w*(b.Lat-a.Lat), Lon: edge}}
		piece = append(append(piece, line[begin:i]...), at)
		cut = append(cut, piece)
		at.Lon = -edge
		piece, begin = []flight.Fix{at}, i
	}
	return append(cut, append(piece, line[begin:]...))
}
