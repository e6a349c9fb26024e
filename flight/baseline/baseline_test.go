package baseline

import (
	"fmt"
	"math"
	"testing"

	"breakeven/flight"
	"breakeven/flight/geodesy"
	"breakeven/flight/tracks"
)

// eastward is a flight on the equator at 450 kt, that begins a number of degrees to the north.
func eastward(north float64, n int) flight.Flight {
	f := flight.Flight{Track: flight.Track{ID: fmt.Sprint(north)}}
	for i := range n {
		p, _ := geodesy.Direct(flight.Point{Lat: north, Lon: 170}, 90, 15*float64(i))
		f.Fixes = append(f.Fixes, flight.Fix{Time: 120 * float64(i), Point: p, Alt: 30000 + 10*float64(i)})
	}
	f.Plan = flight.Plan{f.Fixes[0].Point, f.Fixes[n/2].Point, f.Fixes[n-1].Point}
	return f
}

// A flight that does what a method assumes is predicted without an error, across the antimeridian.
func TestExact(t *testing.T) {
	train := []flight.Flight{eastward(0, 60), eastward(3, 60)}
	f := eastward(0, 60)
	for _, m := range All() {
		if m.Name == "nearest 5" || m.Name == "nearest 10" || m.Name == "nearest 20" {
			continue // there are not as many
		}
		p := m.Fit(train, Options{Known: 10, Steps: 49}).Predict(f)
		if len(p.Alternatives) != 1 || len(p.Alternatives[0].States) != 49 || p.Known != 10 || len(p.Fixes) != 60 {
			t.Fatalf("%s: %d alternatives", m.Name, len(p.Alternatives))
		}
		for k, s := range p.Alternatives[0].States {
			want := f.Fixes[10+k]
			if s.Time != want.Time || geodesy.Distance(want.Point, flight.Point{Lat: s.Mean[0], Lon: s.Mean[1]}) > 1e-6 || s.Mean[1] < -180 || s.Mean[1] >= 180 {
				t.Errorf("%s: step %d: %v, want %v", m.Name, k, s.Mean, want)
				break
			}
			if k > 0 && math.Abs(s.Mean[4]-0.002081) > 1e-5 {
				t.Errorf("%s: step %d: a rate of %v °/s", m.Name, k, s.Mean[4])
				break
			}
		}
	}
}

// Of a flight nothing is read but its known fixes and its plan.
func TestTheRestIsNotRead(t *testing.T) {
	var train []flight.Flight
	for i := range 25 {
		train = append(train, eastward(float64(i)/10, 40+i))
	}
	f := eastward(0.55, 60)
	f.Plan = train[3].Plan
	cut := f
	cut.Fixes = f.Fixes[:20]
	for _, m := range All() {
		fitted := m.Fit(train, Options{})
		whole, known := fitted.Predict(f), fitted.Predict(cut)
		if len(whole.Alternatives) != 1 || len(known.Alternatives) != 1 {
			t.Fatalf("%s: no prediction", m.Name)
		}
		for k, s := range whole.Alternatives[0].States {
			if s != known.Alternatives[0].States[k] {
				t.Errorf("%s: step %d is %v with the rest, and %v without", m.Name, k, s, known.Alternatives[0].States[k])
				break
			}
		}
	}
}

// Where a method can say nothing, or too little is known, there is no prediction.
func TestNothingToSay(t *testing.T) {
	unplanned := eastward(0, 30)
	unplanned.Plan = nil
	short := eastward(0, 12)
	for _, m := range All() {
		if p := m.Fit(nil, Options{}).Predict(short); len(p.Alternatives) > 0 {
			t.Errorf("%s predicts from 12 fixes", m.Name)
		}
		p := m.Fit(nil, Options{}).Predict(unplanned)
		if can := m.Name == Constant.Name || m.Name == Straight.Name; (len(p.Alternatives) > 0) != can {
			t.Errorf("%s, without plan and training flights: %d alternatives", m.Name, len(p.Alternatives))
		}
	}
}

// The covariance is that of the errors: of flights that turn right or left by 1 ° after the known
// part, straight ones are predicted, and the errors are one degree.
func TestCovariance(t *testing.T) {
	var train []flight.Flight
	for i := range 20 {
		f := eastward(0, 30)
		for j := 20; j < 30; j++ {
			f.Fixes[j].Lat = float64(2*(i%2) - 1)
		}
		train = append(train, f)
	}
	p := Straight.Fit(train, Options{}).Predict(eastward(0, 30))
	for k, s := range p.Alternatives[0].States {
		if math.Abs(s.Cov[0][0]-1) > 1e-9 || math.Abs(s.Cov[1][1]) > 1e-9 {
			t.Fatalf("step %d: %v", k, s.Cov)
		}
	}
}

func TestBack(t *testing.T) {
	f := eastward(0, 20)
	got := Options{Known: 3, Step: 60}.back(tracks.Thin(f.Track, 1))
	if len(got) != 3 || math.Abs(math.Hypot(got[0][0]-got[1][0], got[0][1]-got[1][1])-7.5/3437.7) > 1e-5 {
		t.Errorf("%v", got)
	}
}

func TestLookup(t *testing.T) {
	for name, want := range map[string]string{"nearest-5": "nearest 5", "filed plan": "filed plan", "filed-plan": "filed plan", "nearest-7": "nearest 7", "nearest-0": "", "nearest": "", "": ""} {
		if m, ok := Lookup(name); m.Name != want || ok != (want != "") {
			t.Errorf("%q is %q", name, m.Name)
		}
	}
}
