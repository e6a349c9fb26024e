package match

import (
	"math"

	"breakeven/flight"
	"breakeven/flight/weather"
)

const degree = math.Pi / 180

// A square is where the cells of a cube lie, seen from the aircraft.
type square struct {
	official bool
	// Official: degrees ahead and to the left. Else the cell is at c·p + a·f + b·l, where p is the
	// aircraft on the unit sphere and f and l are the directions ahead and to the left.
	a, b, c [Rows * Cols]float64
}

func newSquare(official bool) square {
	s := square{official: official}
	for k := range s.a {
		x, y := 2*float64(k%Cols)/(Cols-1), 2*float64(k/Cols)/(Rows-1)-1
		if official {
			s.a[k], s.b[k] = x, y
			continue
		}
		arc := math.Hypot(x, y)
		sin, cos := math.Sincos(arc * degree)
		s.a[k], s.b[k], s.c[k] = sin*x/max(arc, 1e-300), sin*y/max(arc, 1e-300), cos
	}
	return s
}

// A frame of three vectors: the aircraft, ahead and left.
type heading struct{ p, f, l [3]float64 }

// at returns the heading of a point, in the coordinates of an index.
func (s *square) at(p *Point) heading {
	sin, cos := math.Sincos(p.Azimuth * degree)
	if s.official {
		return heading{[3]float64{p.Lon, p.Lat}, [3]float64{sin, cos}, [3]float64{-cos, sin}}
	}
	sinLat, cosLat := math.Sincos(p.Lat * degree)
	sinLon, cosLon := math.Sincos(p.Lon * degree)
	north, east := [3]float64{-sinLat * cosLon, -sinLat * sinLon, cosLat}, [3]float64{-sinLon, cosLon, 0}
	h := heading{p: [3]float64{cosLat * cosLon, cosLat * sinLon, sinLat}}
	for i := range h.f {
		h.f[i], h.l[i] = cos*north[i]+sin*east[i], sin*north[i]-cos*east[i]
	}
	return h
}

// cell returns the coordinates of cell k. Official positions are rounded as the published system rounds
// them.
func (s *square) cell(h *heading, k int) (q [3]float64) {
	if s.official {
		for i := range 2 {
			q[i] = float64(float32(s.a[k]*h.f[i] + s.b[k]*h.l[i] + h.p[i]))
		}
		return q
	}
	for i := range q {
		q[i] = s.c[k]*h.p[i] + s.a[k]*h.f[i] + s.b[k]*h.l[i]
	}
	return q
}

// An index finds points of a grid.
type index struct {
	tree  *tree
	limit float64 // the square of the distance from which on a place is outside the grid
}

// newIndex makes the tree of a grid: in degrees, or on the unit sphere, where neither the poles nor
// 180 degrees east are special.
func newIndex(g *weather.Grid, official bool) *index {
	if official {
		plane := func(p flight.Point) [3]float64 { return [3]float64{p.Lon, p.Lat} }
		return &index{newTree(g.Points, plane), math.Inf(1)}
	}
	t := newTree(g.Points, onSphere)
	spacing := t.spacing()
	return &index{t, 2 * spacing * spacing}
}

// onSphere returns a point of the unit sphere.
func onSphere(p flight.Point) [3]float64 {
	sinLat, cosLat := math.Sincos(p.Lat * degree)
	sinLon, cosLon := math.Sincos(p.Lon * degree)
	return [3]float64{cosLat * cosLon, cosLat * sinLon, sinLat}
}

// A guess is where the last search ended in the tree of each index, and where that of the last row
// began.
type guess struct{ air, storm, airRow, stormRow int }

// cube makes one cube.
func (m *Matcher) cube(dst []float32, p *Point, j *job, g *guess) {
	h := m.square.at(p)
	for k := range Rows * Cols {
		if k%Cols == 0 { // the row before began nearby
			g.air, g.storm = g.airRow, g.stormRow
		}
		q := m.square.cell(&h, k)
		out := dst[k*Channels:][:Channels]
		unknown := float32(math.NaN())
		out[0], out[1], out[2], out[3] = 0, unknown, unknown, unknown
		at, inside := int32(0), false
		if j.air != nil {
			if at, inside = m.airIndex.find(&q, &g.air); inside {
				copy(out[1:], j.air[3*at:][:3])
			}
		}
		if j.mask != nil && j.tops != 0 {
			if j.air == nil || m.airIndex != m.stormIndex {
				at, inside = m.stormIndex.find(&q, &g.storm)
			}
			if inside && j.mask[at]&j.tops != 0 {
				out[0] = 1
			}
		}
		if k%Cols == 0 {
			g.airRow, g.stormRow = g.air, g.storm
		}
	}
}

// find returns the number of the nearest point of the grid, and whether q is inside the grid.
func (x *index) find(q *[3]float64, guess *int) (at int32, ok bool) {
	best, away := x.tree.nearest(q, *guess, x.limit)
	*guess = best
	return x.tree.points[best].index, away < x.limit
}
