package score

import (
	"math"

	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// arrival is how near (nmi) to the plan's last point a flight has arrived. Aircraft circle around
// an airport to its runway, and radar tracks end above it.
const arrival = 10.0

// eta returns by how many seconds the arrival is predicted too late, NaN if it cannot be said. A
// prediction that ends before the arrival goes on straight at its last speed.
func eta(p flight.Prediction) float64 {
	if len(p.Plan) == 0 || len(p.Alternatives) == 0 || p.Known < 1 || p.Known >= len(p.Fixes) {
		return math.NaN()
	}
	goal := p.Plan[len(p.Plan)-1]
	track := make([]moment, 0, len(p.Fixes))
	for _, f := range p.Fixes[p.Known-1:] {
		track = append(track, moment{f.Time, f.Point})
	}
	predicted := track[:1:1]
	for _, s := range p.Alternatives[0].States {
		predicted = append(predicted, moment{s.Time, flight.Point{Lat: s.Mean[0], Lon: s.Mean[1]}})
	}
	was, arrives := reaches(track, goal)
	will, predicts := reaches(predicted, goal)
	if !arrives {
		return math.NaN()
	}
	if !predicts {
		n := len(predicted)
		if n < 2 {
			return math.NaN()
		}
		a, b := predicted[n-2], predicted[n-1]
		speed := geodesy.Distance(a.Point, b.Point) / (b.time - a.time)
		will = b.time + (geodesy.Distance(b.Point, goal)-arrival)/speed
	}
	if d := will - was; !math.IsInf(d, 0) {
		return d
	}
	return math.NaN() // it stands still
}

// A moment is a position at a time.
type moment struct {
	time float64
	flight.Point
}

// reaches returns when a path comes within reach of its goal, to a second.
func reaches(path []moment, goal flight.Point) (time float64, ok bool) {
	inside := func(p flight.Point) bool { return geodesy.Distance(p, goal) <= arrival }
	for i, m := range path {
		switch {
		case !inside(m.Point):
			continue
		case i == 0:
			return m.time, true
		}
		a := path[i-1]
		out, in := 0.0, 1.0
		for (in-out)*(m.time-a.time) > 0.5 {
			if w := (out + in) / 2; inside(geodesy.Between(a.Point, m.Point, w)) {
				in = w
			} else {
				out = w
			}
		}
		return a.time + in*(m.time-a.time), true
	}
	return 0, false
}
