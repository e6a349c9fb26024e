package grib2

import (
	"fmt"
	"math"
)

// A Lambert is a grid of equal steps on Lambert's conformal projection of a sphere (Snyder, Map
// Projections: A Working Manual, USGS Professional Paper 1395, 1987, pages 106–109). Angles are
// degrees, lengths metres.
type Lambert struct {
	Radius    float64    // of the sphere
	Lat, Lon  float64    // of the first point
	Central   float64    // the meridian that is parallel to y
	Dx, Dy    float64    // steps, where the projection is true
	Parallels [2]float64 // where it is true; they may be one

	n, f, x, y float64 // the cone; radius·F; the first point, from the pole
}

// NewLambert returns the projection with the given fields, ready for use.
func NewLambert(l Lambert) (Lambert, error) {
	const degree = math.Pi / 180
	p0, p1 := l.Parallels[0]*degree, l.Parallels[1]*degree
	l.n = math.Sin(p0)
	if math.Abs(p0-p1) > 1e-9 {
		l.n = math.Log(math.Cos(p0)/math.Cos(p1)) / math.Log(half(p1)/half(p0))
	}
	sound := l.Radius > 0 && l.Dx > 0 && l.Dy > 0 && math.Abs(l.Lat) < 90 && math.Abs(l.Lon) <= 180 && math.Abs(l.Central) <= 180 &&
		math.Abs(l.Parallels[0]) < 90 && math.Abs(l.Parallels[1]) < 90 && math.Abs(l.n) > 1e-3 && math.Abs(l.n) <= 1
	if !sound {
		return Lambert{}, fmt.Errorf("a Lambert grid that begins at %g, %g degrees, with parallels %g and %g, central meridian %g and steps of %g by %g m, which no projection has",
			l.Lat, l.Lon, l.Parallels[0], l.Parallels[1], l.Central, l.Dx, l.Dy)
	}
	l.f = l.Radius * math.Cos(p0) * math.Pow(half(p0), l.n) / l.n
	rho, theta := l.f/math.Pow(half(l.Lat*degree), l.n), l.n*wrap(l.Lon-l.Central)*degree
	l.x, l.y = rho*math.Sin(theta), -rho*math.Cos(theta)
	return l, nil
}

// half returns tan(π/4 + φ/2).
func half(phi float64) float64 { return math.Tan(math.Pi/4 + phi/2) }

// Point returns the latitude and longitude i steps to the right of the first point and j above it.
func (l *Lambert) Point(i, j float64) (lat, lon float64) {
	x, y := l.x+i*l.Dx, l.y+j*l.Dy
	if l.n < 0 {
		x, y = -x, -y
	}
	rho, theta := math.Copysign(math.Hypot(x, y), l.n), math.Atan2(x, -y)
	phi := 2*math.Atan(math.Pow(l.f/rho, 1/l.n)) - math.Pi/2
	return phi * 180 / math.Pi, wrap(l.Central + theta/l.n*180/math.Pi)
}

// Turn returns the angle in radians from x to the east at a longitude.
func (l *Lambert) Turn(lon float64) float64 { return l.n * wrap(lon-l.Central) * math.Pi / 180 }
