package score

import (
	"math"
	"testing"

	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// east is a flight due east on the equator, at a degree in ten minutes, with a fix every two.
func east(n int) flight.Flight {
	f := flight.Flight{Track: flight.Track{ID: "east"}}
	for i := range n {
		f.Fixes = append(f.Fixes, flight.Fix{Time: 120 * float64(i), Point: flight.Point{Lon: 0.2 * float64(i)}, Alt: 30000})
	}
	f.Plan = flight.Plan{{}, f.Fixes[n-1].Point}
	return f
}

// moved predicts a flight after the given number of fixes, each state moved by degrees and feet.
func moved(f flight.Flight, known int, lat, lon, alt float64) flight.Prediction {
	var a flight.Alternative
	for _, x := range f.Fixes[known:] {
		s := flight.State{Time: x.Time, Mean: [5]float64{x.Lat + lat, x.Lon + lon, x.Alt + alt}}
		s.Cov[0][0], s.Cov[1][1], s.Cov[2][2] = 0.01, 0.04, 250000
		a.States = append(a.States, s)
	}
	return flight.Prediction{Flight: f, Known: known, Alternatives: []flight.Alternative{a}}
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// Where everything is known in closed form: a degree on the equator is 60.1077 nmi.
func TestErrorsOnTheEquator(t *testing.T) {
	const degree = 60.10769
	f := Of(moved(east(40), 10, -0.05, 0.1, 800), Options{})
	if len(f.Errors) != 30 {
		t.Fatalf("%d states are compared", len(f.Errors))
	}
	e := f.Errors[10]
	near(t, "Ahead", e.Ahead, 11*120, 0)
	near(t, "Along", e.Along, 0.1*degree, 1e-3)
	near(t, "Cross", e.Cross, 0.05*59.7053, 1e-3) // a degree of latitude there
	near(t, "Horizontal", e.Horizontal, math.Hypot(e.Along, e.Cross), 1e-9)
	near(t, "Vertical", e.Vertical, 800, 0)
	near(t, "Time", e.Time, 60, 1e-6) // a tenth of a degree is a minute
	near(t, "latitude in σ", e.Axis[0], -0.5, 1e-12)
	near(t, "longitude in σ", e.Axis[1], 0.5, 1e-12)
	near(t, "altitude in σ", e.Axis[2], 1.6, 1e-12)
	near(t, "Ellipse", e.Ellipse, 1-math.Exp(-0.25), 1e-12)
	near(t, "ETA", f.ETA, -55.4, 1) // it is ahead by a minute, and 3 nmi to the side when it enters the circle of 10
}

func TestSummary(t *testing.T) {
	s := Summarise([]Flight{Of(moved(east(40), 10, 0, 0.1, 800), Options{}), Of(moved(east(20), 10, 0, 0.18, -400), Options{}), {ID: "nothing"}})
	const mile = 6.010769
	near(t, "PHE", s.PHE, mile*(30+1.8*10)/40, 1e-3)
	near(t, "THE", s.THE, mile*1.4, 1e-3)
	near(t, "PVE", s.PVE, (800*30+400*10)/40.0, 1e-9)
	near(t, "TVE", s.TVE, 600, 1e-9)
	if s.Flights != 2 || s.Points != 40 || s.Arrivals != 2 {
		t.Errorf("%d flights, %d points, %d arrivals", s.Flights, s.Points, s.Arrivals)
	}
	if got := s.Coverage; got[0] != [3]float64{1, 1, 0.25} || got[1] != [3]float64{1, 1, 1} {
		t.Errorf("coverage %v", got)
	}
	a := s.Ahead[1]
	if a.Seconds != 600 || a.Flights != 2 {
		t.Fatalf("look-ahead %v of %d flights", a.Seconds, a.Flights)
	}
	near(t, "mean", a.Along.Mean, 1.4*mile, 1e-3)
	near(t, "median", a.Along.Median, 1.0*mile, 1e-3) // of two, the one at which the distribution function reaches a half
	near(t, "vertical bias", a.VerticalBias, 200, 1e-9)
	if last := s.Ahead[len(s.Ahead)-1]; last.Seconds != 3600 || last.Flights != 1 {
		t.Errorf("the last look-ahead is %v of %d flights", last.Seconds, last.Flights)
	}
}

// Without altitudes and covariances the numbers that need them are NaN, and the others as before.
func TestUnknown(t *testing.T) {
	p := moved(east(30), 10, 0, 0.1, 0)
	for i := range p.Alternatives[0].States {
		p.Alternatives[0].States[i].Mean[2], p.Alternatives[0].States[i].Cov = math.NaN(), [5][5]float64{}
	}
	s := Summarise([]Flight{Of(p, Options{})})
	if !math.IsNaN(s.PVE) || !math.IsNaN(s.TVE) || !math.IsNaN(s.Coverage[0][0]) || !math.IsNaN(s.Calibration[0].Horizontal) || !math.IsNaN(s.Ahead[0].Vertical.P95) {
		t.Errorf("numbers of what is unknown: %v", s)
	}
	near(t, "PHE", s.PHE, 6.010769, 1e-3)
}

// Across the antimeridian and over the pole errors are as anywhere else.
func TestSeams(t *testing.T) {
	for name, start := range map[string]flight.Fix{"antimeridian": {Point: flight.Point{Lat: 10, Lon: 178}}, "pole": {Point: flight.Point{Lat: 88, Lon: 20}}} {
		f := flight.Flight{Track: flight.Track{ID: name, Fixes: []flight.Fix{start}}}
		course := 80.0
		if name == "pole" {
			course = 0
		}
		p, azimuth := start.Point, course
		for i := range 30 {
			p, azimuth = geodesy.Direct(p, azimuth, 15)
			f.Fixes = append(f.Fixes, flight.Fix{Time: 120 * float64(i+1), Point: p})
		}
		var a flight.Alternative
		for i := 10; i < len(f.Fixes)-1; i++ {
			ahead := geodesy.Between(f.Fixes[i].Point, f.Fixes[i+1].Point, 1.0/3)
			a.States = append(a.States, flight.State{Time: f.Fixes[i].Time, Mean: [5]float64{ahead.Lat, ahead.Lon}})
		}
		got := Of(flight.Prediction{Flight: f, Known: 10, Alternatives: []flight.Alternative{a}}, Options{})
		if len(got.Errors) != 20 {
			t.Fatalf("%s: %d states", name, len(got.Errors))
		}
		for _, e := range got.Errors {
			near(t, name+": along", e.Along, 5, 1e-3)
			near(t, name+": across", e.Cross, 0, 0.02)
		}
	}
}

func TestNothingPredicted(t *testing.T) {
	for _, p := range []flight.Prediction{{}, {Flight: east(5), Known: 5}, {Flight: east(5), Known: 2}, {Flight: east(5), Known: 2, Alternatives: []flight.Alternative{{}}}} {
		if f := Of(p, Options{}); len(f.Errors) > 0 {
			t.Errorf("%d errors of nothing", len(f.Errors))
		}
	}
	s := Summarise(nil)
	if s.Flights != 0 || !math.IsNaN(s.PHE) || len(s.Ahead) != 0 {
		t.Errorf("a summary of nothing: %v", s)
	}
}
