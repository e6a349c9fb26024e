package pace_test

import (
	"fmt"
	"math"
	"testing"

	"breakeven/flight"
	"breakeven/flight/pace"
)

// flown is a flight to the east from a time on, one degree of longitude in 480 s, predicted to go at
// another speed: relative to that its true rate is the given one.
func flown(start, rate float64) flight.Prediction {
	const speed = 1.0 / 480 // degrees/s
	p := flight.Prediction{Known: 2, Flight: flight.Flight{Track: flight.Track{ID: fmt.Sprint(start)}}}
	for i := range 60 {
		p.Fixes = append(p.Fixes, flight.Fix{Time: start + 120*float64(i), Point: flight.Point{Lon: 120 * speed * float64(i)}, Alt: 30000})
	}
	var states []flight.State
	last := p.Fixes[1]
	for k := range 70 {
		dt := 120 * float64(k+1)
		v := speed / (1 + rate)
		states = append(states, flight.State{Time: last.Time + dt, Mean: [5]float64{0, last.Lon + v*dt, 30000, 0, v}})
	}
	p.Alternatives = []flight.Alternative{{Score: -3, States: states}}
	return p
}

// A flight has the rate of the ones before it, shrunk, as far as these were flown then.
func TestPace(t *testing.T) {
	p := pace.New([]flight.Prediction{flown(0, 0.05), flown(1e5, -0.1)})
	known, whole := 120.0, 90*60.0
	for _, c := range []struct{ now, want float64 }{
		{0, 0}, {known, 0}, // nothing was seen of it
		{known + 1800, 0.05 * (1800 / whole) / (0.4*math.Exp(1800/28800.) + 1800/whole)},
		{known + whole, 0.05 / (0.4*math.Exp(whole/28800) + 1)},
		{known + 7200, 0.05 / (0.4*math.Exp(7200/28800.) + 1)}, // it has landed meanwhile
	} {
		if got := p.At(c.now); math.Abs(got-c.want) > 1e-4 {
			t.Errorf("after %g s the pace is %v, want %v", c.now, got, c.want)
		}
	}
	if got := p.At(1e5 + 120 + 5400); !(got < -0.03 && got > -0.1) {
		t.Errorf("the later flight counts %v", got)
	}
}

// What was flown later than the last known fix changes nothing.
func TestNoFuture(t *testing.T) {
	early, late := flown(0, 0.05), flown(3000, 0.05)
	before := pace.New([]flight.Prediction{early, late}).At(5000)
	early.Fixes = append([]flight.Fix(nil), early.Fixes...)
	for i := range early.Fixes {
		if early.Fixes[i].Time > 5000 {
			early.Fixes[i].Lon += 1
		}
	}
	if after := pace.New([]flight.Prediction{early, late}).At(5000); after != before {
		t.Errorf("the pace was %v, and is %v with another future", before, after)
	}
}

// Applied, a pace takes a track to where the flight will be, and changes no prediction of its caller.
func TestApply(t *testing.T) {
	now := flown(20000, 0.05)
	first := now.Alternatives[0].States[0]
	var past []flight.Prediction
	for i := range 40 {
		past = append(past, flown(10000+10*float64(i), 0.05)) // so many that nothing is shrunk
	}
	got := pace.New(past).Apply([]flight.Prediction{now, {Flight: now.Flight, Known: 2}})
	states := got[0].Alternatives[0].States
	for k, s := range states {
		if truth := 0.25 * float64(k+2); k < 69 && (math.Abs(s.Mean[1]-truth) > 0.01+0.002*truth || math.Abs(s.Mean[4]*480-1) > 0.002 || s.Mean[2] != 30000) {
			t.Fatalf("state %d is %v, want longitude %v", k, s.Mean, truth)
		}
	}
	if now.Alternatives[0].States[0] != first || got[0].Alternatives[0].Score != -3 || got[1].Alternatives != nil {
		t.Error("a prediction has changed, or one comes from nothing")
	}
	if same := pace.New(nil).Apply([]flight.Prediction{now}); math.Abs(same[0].Alternatives[0].States[50].Mean[1]-now.Alternatives[0].States[50].Mean[1]) > 1e-9 {
		t.Error("without earlier flights a prediction changes")
	}
}
