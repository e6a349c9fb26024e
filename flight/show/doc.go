// Package show writes predicted flights for people and for other programs: as CSV, GeoJSON and KML,
// and as a page of HTML with a map, the vertical profile and the errors, that plays along time.
//
// Laws:
//
//   - The page stands alone: it loads nothing, and what stands in a file of flights stays text in it.
//   - The ellipse of n standard deviations is that of latitude and longitude in degrees, the one that
//     package score counts coverage by.
//   - A line or an area that crosses the antimeridian is cut there in GeoJSON and KML, and runs on in the map.
//   - What is not known is left out: altitudes, covariances, plans, the rest of a track.
package show

import (
	"math"

	"breakeven/flight"
	"breakeven/flight/geodesy"
	"breakeven/flight/score"
)

// deviations are the numbers of standard deviations that ellipses are drawn for.
const deviations = 3

// marked returns the states nearest to the usual look-aheads, within half a minute.
func marked(p flight.Prediction, states []flight.State) []flight.State {
	if p.Known < 1 || p.Known > len(p.Fixes) {
		return nil
	}
	var list []flight.State
	last := p.Fixes[p.Known-1].Time
	for _, seconds := range score.LookAheads {
		for _, s := range states {
			if math.Abs(s.Time-last-seconds) <= 30 {
				list = append(list, s)
				break
			}
		}
	}
	return list
}

// rooted returns the lower triangular root of the covariance of latitude and longitude; ok is false
// where they have none.
func rooted(s flight.State) (root [3]float64, ok bool) {
	a, b, c := s.Cov[0][0], s.Cov[0][1], s.Cov[1][1]
	if !(a > 0) || !(c-b*b/a > 0) || math.IsInf(a+c, 0) {
		return root, false
	}
	l := math.Sqrt(a)
	return [3]float64{l, b / l, math.Sqrt(c - b*b/a)}, true
}

// ellipse returns points around a state at n standard deviations, counterclockwise and closed. Their
// longitudes may lie outside of [−180, 180). It is nil without a covariance, and where it would reach
// around the earth.
func ellipse(s flight.State, n float64) []flight.Point {
	root, ok := rooted(s)
	if !ok || n*math.Hypot(root[1], root[2]) >= 180 {
		return nil
	}
	const parts = 48
	points := make([]flight.Point, parts+1)
	for i := range parts {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / parts)
		points[i] = flight.Point{
			Lat: min(90, max(-90, s.Mean[0]+n*root[0]*sin)),
			Lon: s.Mean[1] + n*(root[1]*sin+root[2]*cos),
		}
	}
	points[parts] = points[0]
	return points
}

// where returns the position of a state.
func where(s flight.State) flight.Point {
	return flight.Point{Lat: s.Mean[0], Lon: geodesy.Wrap(s.Mean[1])}
}

// fixesOf returns the states of an alternative as fixes.
func fixesOf(a flight.Alternative) []flight.Fix {
	fixes := make([]flight.Fix, len(a.States))
	for i, s := range a.States {
		fixes[i] = flight.Fix{Time: s.Time, Point: where(s), Alt: s.Mean[2]}
	}
	return fixes
}

// parts returns the known and the later part of a track; both have the last known fix.
func parts(p flight.Prediction) (known, rest []flight.Fix) {
	n := min(max(p.Known, 0), len(p.Fixes))
	return p.Fixes[:n], p.Fixes[max(n-1, 0):]
}
