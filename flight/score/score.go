// Package score compares predicted flights with what was flown.
//
// Horizontal distances are nautical miles on the WGS84 ellipsoid, vertical ones feet, times
// seconds. Errors are taken at equal time: what is predicted for a time against where the track was
// then, on the geodesic between the fixes before and after. A prediction counts as far as the track
// reaches and at most Options.Steps states.
//
// Where a track or a prediction has no altitude, vertical numbers are NaN.
package score

import (
	"math"

	"breakeven/flight"
	"breakeven/flight/geodesy"
	"breakeven/flight/tracks"
)

// Options say what is compared.
type Options struct {
	// Steps is the largest number of predicted states that count. 0 is 69, as in the paper.
	Steps int

	// Official compares as the paper's program does: state k with the track k steps after the first
	// fix that was not known, whatever the time from the last known fix to that one. Latitude and
	// longitude of the track are interpolated as numbers.
	Official bool
}

// An Error is what one predicted state is off by.
type Error struct {
	Ahead      float64 // s since the last known fix
	Horizontal float64 // nmi
	Along      float64 // nmi along the track's course, positive if ahead of it
	Cross      float64 // nmi across, positive if to the right of it
	Vertical   float64 // ft, positive if above it
	Time       float64 // s from the predicted time to when the track is nearest to the predicted position

	// Axis is the error of latitude, longitude and altitude in standard deviations of the
	// prediction, and Ellipse the probability of the horizontal ellipse that the track lies on. NaN
	// where the prediction has no covariance.
	Axis    [3]float64
	Ellipse float64
}

// A Flight is the errors of a prediction's first alternative.
type Flight struct {
	ID     string
	Errors []Error // of successive states
	ETA    float64 // s by which the arrival is predicted too late; NaN without plan or arrival
}

// Of compares a prediction with the rest of its track. There are no errors if nothing is predicted,
// or the track has no rest.
func Of(p flight.Prediction, o Options) Flight {
	f := Flight{ID: p.ID, ETA: eta(p)}
	if o.Steps == 0 {
		o.Steps = 69
	}
	if len(p.Alternatives) == 0 || p.Known < 1 || p.Known >= len(p.Fixes) {
		return f
	}
	states := p.Alternatives[0].States
	rest := newRest(p.Track, p.Known)
	for k := range min(o.Steps, len(states)) {
		truth, course, ok := rest.at(states, k, o.Official)
		if !ok {
			break
		}
		e := compare(states[k], truth, course)
		e.Ahead = states[k].Time - p.Fixes[p.Known-1].Time
		e.Time = tracks.Nearest(rest.track, flight.Point{Lat: states[k].Mean[0], Lon: states[k].Mean[1]}) - states[k].Time
		f.Errors = append(f.Errors, e)
	}
	return f
}

// compare returns the errors of a state.
func compare(s flight.State, truth flight.Fix, course float64) Error {
	at := flight.Point{Lat: s.Mean[0], Lon: s.Mean[1]}
	e := Error{Horizontal: geodesy.Distance(truth.Point, at), Vertical: s.Mean[2] - truth.Alt}
	e.Along, e.Cross = geodesy.Along(truth.Point, at, course)
	off := [3]float64{s.Mean[0] - truth.Lat, geodesy.Wrap(s.Mean[1] - truth.Lon), e.Vertical}
	for i := range off {
		e.Axis[i] = math.NaN()
		if v := s.Cov[i][i]; v > 0 {
			e.Axis[i] = off[i] / math.Sqrt(v)
		}
	}
	e.Ellipse = math.NaN()
	a, b, c := s.Cov[0][0], s.Cov[0][1], s.Cov[1][1]
	if det := a*c - b*b; a > 0 && det > 0 {
		square := (c*off[0]*off[0] - 2*b*off[0]*off[1] + a*off[1]*off[1]) / det
		e.Ellipse = -math.Expm1(-square / 2)
	}
	return e
}

// A rest is the part of a track that was not known.
type rest struct {
	track flight.Track // from the last known fix on
	first float64      // time of the first fix that was not known
}

func newRest(t flight.Track, known int) rest {
	return rest{flight.Track{ID: t.ID, Fixes: t.Fixes[known-1:]}, t.Fixes[known].Time}
}

// at returns where the track is for state k, and its course there.
func (r rest) at(states []flight.State, k int, official bool) (truth flight.Fix, course float64, ok bool) {
	time := states[k].Time
	if official {
		time = r.first + states[k].Time - states[0].Time
	}
	begin, end := r.track.Fixes[0].Time, r.track.Fixes[len(r.track.Fixes)-1].Time
	if time < begin || time > end {
		return truth, 0, false
	}
	const half = 60 // s to either side, from which the course is taken
	from, to := tracks.At(r.track, max(begin, time-half)), tracks.At(r.track, min(end, time+half))
	course = geodesy.Azimuth(from.Point, to.Point)
	truth = tracks.At(r.track, time)
	if official {
		truth.Point = linear(r.track, time)
	}
	return truth, course, true
}

// linear interpolates latitude and longitude as numbers.
func linear(t flight.Track, time float64) flight.Point {
	i := 1
	for i+1 < len(t.Fixes) && t.Fixes[i].Time < time {
		i++
	}
	a, b := t.Fixes[i-1], t.Fixes[i]
	w := (time - a.Time) / (b.Time - a.Time)
	return flight.Point{Lat: a.Lat + w*(b.Lat-a.Lat), Lon: a.Lon + w*(b.Lon-a.Lon)}
}
