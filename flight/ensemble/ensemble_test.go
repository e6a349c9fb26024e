package ensemble_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"breakeven/flight"
	"breakeven/flight/ensemble"
)

// still is a flight that stays at a place, of which two fixes are known.
func still(id string, lat, lon float64) flight.Flight {
	f := flight.Flight{Track: flight.Track{ID: id}}
	for i := range 5 {
		f.Fixes = append(f.Fixes, flight.Fix{Time: 120 * float64(i), Point: flight.Point{Lat: lat, Lon: lon}, Alt: 30000})
	}
	return f
}

// off predicts that flights go to a place so far to the north and to the east at once.
func off(lat, lon float64, held ...flight.Flight) ensemble.Member {
	return ensemble.Member{Held: held, Predict: func(flights []flight.Flight) ([]flight.Prediction, error) {
		var list []flight.Prediction
		for _, f := range flights {
			p := flight.Prediction{Flight: f, Known: 2}
			if f.ID != "nothing" {
				var states []flight.State
				for k := range 3 {
					last := f.Fixes[1]
					states = append(states, flight.State{Time: last.Time + 120*float64(k+1), Mean: [5]float64{last.Lat + lat, last.Lon + lon, last.Alt}})
				}
				p.Alternatives = []flight.Alternative{{States: states}}
			}
			list = append(list, p)
		}
		return list, nil
	}}
}

func mustNew(t *testing.T, members ...ensemble.Member) *ensemble.Ensemble {
	t.Helper()
	e, err := ensemble.New(members)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func predict(t *testing.T, e *ensemble.Ensemble, f flight.Flight) flight.Prediction {
	t.Helper()
	list, err := e.Predict([]flight.Flight{f})
	if err != nil || len(list) != 1 {
		t.Fatal(err, len(list))
	}
	return list[0]
}

// The mean of positions on both sides of the antimeridian lies between them, and its covariance
// is that of their distances.
func TestMean(t *testing.T) {
	e := mustNew(t, off(1, 1), off(3, -1))
	p := predict(t, e, still("a", 10, 179.5))
	for k, s := range p.Alternatives[0].States {
		if math.Abs(s.Mean[0]-12) > 1e-12 || math.Abs(s.Mean[1]-179.5) > 1e-12 || s.Mean[2] != 30000 || s.Time != 120*float64(k+2) {
			t.Fatalf("state %d: %v at %v", k, s.Mean, s.Time)
		}
		if math.Abs(s.Cov[0][0]-1) > 1e-9 || math.Abs(s.Cov[1][1]-1) > 1e-9 || math.Abs(s.Cov[0][1]+1) > 1e-9 {
			t.Fatalf("state %d: covariance %v", k, s.Cov)
		}
	}
	if p = predict(t, e, still("nothing", 0, 0)); len(p.Alternatives) != 0 {
		t.Error("something is predicted where no member predicts")
	}
	low := still("b", 0, 0)
	low.Fixes[1].Alt = math.NaN()
	if s := predict(t, e, low).Alternatives[0].States[0]; !math.IsNaN(s.Mean[2]) || !math.IsNaN(s.Cov[2][2]) || s.Cov[0][0] == 0 {
		t.Errorf("without an altitude: %v, %v", s.Mean, s.Cov)
	}
}

// The covariance is that of errors on what was held out, by the mean of those that held it out.
func TestCovariance(t *testing.T) {
	var held []flight.Flight
	for i := range 20 {
		held = append(held, still(fmt.Sprint(i), 0, 0))
	}
	for want, e := range map[float64]*ensemble.Ensemble{
		4:       mustNew(t, off(1, 0, held...), off(3, 0, held...)),           // all by both: their mean is off by 2
		5:       mustNew(t, off(1, 0, held[:10]...), off(3, 0, held[10:]...)), // half by each: (1 + 9)/2
		8.0 / 3: mustNew(t, off(1, 0), off(3, 0), off(5, 0, held[:9]...)),     // too few: that of the mixture
	} {
		for k, s := range predict(t, e, still("a", 0, 0)).Alternatives[0].States {
			if math.Abs(s.Cov[0][0]-want) > 1e-9 {
				t.Errorf("state %d has variance %v, want %v", k, s.Cov[0][0], want)
			}
		}
	}
}

// What was held out is predicted by those members that held it out.
func TestHeld(t *testing.T) {
	a, b := still("a", 0, 0), still("b", 0, 0)
	for _, p := range mustNew(t, off(1, 0, a, b), off(3, 0, b)).Held() {
		if want := map[string]float64{"a": 1, "b": 2}[p.ID]; p.Alternatives[0].States[0].Mean[0] != want {
			t.Errorf("flight %s is predicted %v° to the north, want %v", p.ID, p.Alternatives[0].States[0].Mean[0], want)
		}
	}
}

func TestError(t *testing.T) {
	bad := errors.New("no weights")
	fails := ensemble.Member{Predict: func([]flight.Flight) ([]flight.Prediction, error) { return nil, bad }}
	if _, err := ensemble.New([]ensemble.Member{off(1, 0), fails}); !errors.Is(err, bad) {
		t.Errorf("error %v", err)
	}
}
