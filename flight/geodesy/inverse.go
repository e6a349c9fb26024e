package geodesy

import "math"

// A solution is a geodesic between two points; azimuths in radians.
type solution struct{ metres, azimuth1, azimuth2 float64 }

// solve returns the shortest geodesic between reduced latitudes, lon radians to the east.
func solve(sin1, cos1, sin2, cos2, lon float64) solution {
	if s, ok := vincenty(sin1, cos1, sin2, cos2, lon); ok {
		return s
	}
	return antipodal(sin1, cos1, sin2, cos2, lon)
}

// vincenty iterates the difference of longitudes on the sphere. Near the antipode this does not
// converge.
func vincenty(sin1, cos1, sin2, cos2, lon float64) (s solution, ok bool) {
	lambda := lon
	for range 50 {
		sinL, cosL := math.Sincos(lambda)
		x, y := cos2*sinL, cos1*sin2-sin1*cos2*cosL
		sin, cos := math.Hypot(x, y), sin1*sin2+cos1*cos2*cosL
		if sin == 0 {
			return s, cos > 0
		}
		sigma := math.Atan2(sin, cos)
		g := leaving(sin1, cos1, x/sin, y/sin)
		before := lambda
		lambda = lon + g.lag(g.sigma1, sigma)
		if math.Abs(lambda) > math.Pi {
			return s, false
		}
		if math.Abs(lambda-before) < 1e-14 {
			return solution{g.metres(g.sigma1, sigma), math.Atan2(x, y), math.Atan2(cos1*sinL, cos1*sin2*cosL-sin1*cos2)}, true
		}
	}
	return s, false
}

// antipodal finds the azimuth at the first point at which the geodesic meets the second latitude
// at the wanted longitude. The points are arranged as in Karney's equation 44: the first is in
// the south, at least as far from the equator as the second, and the second lies to the east.
// Then the longitude at which the second latitude is met rises with the azimuth.
func antipodal(sin1, cos1, sin2, cos2, lon float64) solution {
	west := lon < 0
	swapped := math.Abs(sin1) < math.Abs(sin2)
	if swapped {
		sin1, cos1, sin2, cos2 = sin2, cos2, sin1, cos1
	}
	north := !math.Signbit(sin1) // 0 becomes −0: a point of the equator lies south of it
	if north {
		sin1, sin2 = -sin1, -sin2
	}
	s := bisect(sin1, cos1, sin2, cos2, math.Abs(lon))
	if north {
		s.azimuth1, s.azimuth2 = math.Pi-s.azimuth1, math.Pi-s.azimuth2
	}
	if swapped {
		s.azimuth1, s.azimuth2 = math.Pi-s.azimuth2, math.Pi-s.azimuth1
	}
	if west {
		s.azimuth1, s.azimuth2 = -s.azimuth1, -s.azimuth2
	}
	return s
}

// bisect solves the arranged problem of antipodal.
func bisect(sin1, cos1, sin2, cos2, lon float64) (s solution) {
	low, high := 0.0, math.Pi
	for range 60 {
		azimuth := (low + high) / 2
		var met float64
		if s, met = meet(sin1, cos1, sin2, cos2, azimuth); met < lon {
			low = azimuth
		} else {
			high = azimuth
		}
	}
	return s
}

// meet follows the geodesic that leaves the first point at an azimuth to the second latitude,
// and returns the longitude there.
func meet(sin1, cos1, sin2, cos2, azimuth float64) (s solution, lon float64) {
	sinAz, cosAz := math.Sincos(azimuth)
	g := leaving(sin1, cos1, sinAz, cosAz)
	north := math.Sqrt(max(0, cosAz*cosAz*cos1*cos1+(cos2-cos1)*(cos2+cos1))) // cos2 times the cosine of the azimuth there
	sigma2 := math.Atan2(sin2, north)
	sigma := sigma2 - g.sigma1
	omega := math.Atan2(g.sinAz0*math.Sin(sigma2), math.Cos(sigma2)) - math.Atan2(g.sinAz0*math.Sin(g.sigma1), math.Cos(g.sigma1))
	return solution{g.metres(g.sigma1, sigma), azimuth, math.Atan2(g.sinAz0, north)}, omega - g.lag(g.sigma1, sigma)
}
