package geodesy

import (
	"math"

	"breakeven/flight"
)

// The ellipsoid of WGS84.
const (
	major      = 6378137.0 // m
	flattening = 1 / 298.257223563
	minor      = major * (1 - flattening)
)

// Direct returns the point at a distance from p on the geodesic that leaves p at an azimuth, and
// the geodesic's azimuth there.
func Direct(p flight.Point, azimuth, distance float64) (q flight.Point, azimuth2 float64) {
	sin1, cos1 := reduced(p.Lat)
	sinAz, cosAz := math.Sincos(azimuth * degree)
	g := leaving(sin1, cos1, sinAz, cosAz)
	s := distance * NauticalMile / (minor * g.a)
	sigma := s
	for range 20 {
		before := sigma
		if sigma = s + g.delta(g.sigma1, sigma); math.Abs(sigma-before) < 1e-15*max(1, math.Abs(sigma)) {
			break
		}
	}
	sin, cos := math.Sincos(sigma)
	east := cos1*cos - sin1*sin*cosAz
	north := sin1*cos + cos1*sin*cosAz
	q.Lat = math.Atan2(north, (1-flattening)*math.Hypot(g.sinAz0, sin1*sin-cos1*cos*cosAz)) / degree
	lambda := math.Atan2(sin*sinAz, east)
	q.Lon = Wrap(p.Lon + (lambda-g.lag(g.sigma1, sigma))/degree)
	return q, math.Atan2(g.sinAz0, cos1*cos*cosAz-sin1*sin) / degree
}

// Inverse returns the length of the shortest geodesic from a to b, and its azimuths at a and at b.
// Where several are shortest, as from pole to pole, it returns one of them. Between equal points
// the azimuths are 0.
func Inverse(a, b flight.Point) (distance, azimuth1, azimuth2 float64) {
	lon := Wrap(b.Lon-a.Lon) * degree
	sin1, cos1 := reduced(a.Lat)
	sin2, cos2 := reduced(b.Lat)
	if a.Lat == b.Lat && (lon == 0 || cos1 < 1e-15) {
		return 0, 0, 0
	}
	s := solve(sin1, cos1, sin2, cos2, lon)
	return s.metres / NauticalMile, s.azimuth1 / degree, s.azimuth2 / degree
}

// reduced returns sine and cosine of the reduced latitude.
func reduced(lat float64) (sin, cos float64) {
	if math.Abs(lat) == 90 {
		return math.Copysign(1, lat), 0
	}
	sin, cos = math.Sincos(lat * degree)
	sin *= 1 - flattening
	h := math.Hypot(sin, cos)
	return sin / h, cos / h
}

// A line is a geodesic in the terms of Vincenty's series, on the auxiliary sphere.
type line struct {
	sinAz0    float64 // of the azimuth where the line crosses the equator to the north
	sigma1    float64 // arc from there to the first point
	a, b, c   float64 // Vincenty's A, B and C
	cosSquare float64 // of the azimuth at the equator
}

// leaving returns the line that leaves a point at an azimuth.
func leaving(sin1, cos1, sinAz, cosAz float64) line {
	g := line{sinAz0: cos1 * sinAz, sigma1: math.Atan2(sin1, cosAz*cos1)}
	g.series()
	return g
}

func (g *line) series() {
	g.cosSquare = max(0, 1-g.sinAz0*g.sinAz0)
	u := g.cosSquare * (major*major - minor*minor) / (minor * minor)
	g.a = 1 + u/16384*(4096+u*(-768+u*(320-175*u)))
	g.b = u / 1024 * (256 + u*(-128+u*(74-47*u)))
	g.c = flattening / 16 * g.cosSquare * (4 + flattening*(4-3*g.cosSquare))
}

// delta returns Vincenty's Δσ for an arc sigma that begins at the arc from.
func (g *line) delta(from, sigma float64) float64 {
	m, sin := math.Cos(2*from+sigma), math.Sin(sigma)
	return g.b * sin * (m + g.b/4*(math.Cos(sigma)*(2*m*m-1)-g.b/6*m*(4*sin*sin-3)*(4*m*m-3)))
}

// lag returns by how much the longitude on the ellipsoid is less than that on the sphere.
func (g *line) lag(from, sigma float64) float64 {
	m := math.Cos(2*from + sigma)
	return (1 - g.c) * flattening * g.sinAz0 *
		(sigma + g.c*math.Sin(sigma)*(m+g.c*math.Cos(sigma)*(2*m*m-1)))
}

// metres returns the length of an arc.
func (g *line) metres(from, sigma float64) float64 {
	return minor * g.a * (sigma - g.delta(from, sigma))
}
