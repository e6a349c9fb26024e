package features

import (
	"math"
	"slices"
	"testing"

	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// Of points on straight lines the corners stay.
func TestCharacteristicCorners(t *testing.T) {
	corners := flight.Plan{{Lat: 30, Lon: 175}, {Lat: 34, Lon: -175}, {Lat: 42, Lon: -174}}
	var plan flight.Plan
	for i := 1; i < len(corners); i++ {
		a, b := corners[i-1], corners[i]
		for k := range 8 {
			w := float64(k) / 8
			plan = append(plan, flight.Point{Lat: a.Lat + w*(b.Lat-a.Lat), Lon: geodesy.Wrap(a.Lon + w*geodesy.Wrap(b.Lon-a.Lon))})
		}
	}
	plan = append(plan, corners[2])
	got := Characteristic(plan, Alpha)
	if len(got) < 3 || len(got) > 5 || got[0] != corners[0] || got[len(got)-1] != corners[2] {
		t.Fatalf("%v", got)
	}
	if !slices.ContainsFunc(got, func(p flight.Point) bool { return geodesy.Distance(p, corners[1]) < 80 }) {
		t.Errorf("no point near the corner: %v", got)
	}
	if got := Characteristic(plan[:9], Alpha); len(got) != 2 {
		t.Errorf("a straight plan has the characteristic points %v", got)
	}
	if got := Characteristic(plan, 100); len(got) != 2 {
		t.Errorf("with a strong preference for few: %v", got)
	}
	for n := range 3 {
		if got := Characteristic(plan[:n], Alpha); len(got) != n {
			t.Errorf("of %d points: %v", n, got)
		}
	}
}

// The distances of figure 5 of Lee, Han and Whang, for segments that can be measured by hand.
func TestApart(t *testing.T) {
	across, turn := apart([2]float64{0, 0}, [2]float64{10, 0}, [2]float64{2, 1}, [2]float64{5, 4})
	if math.Abs(across-17.0/5) > 1e-12 || math.Abs(turn-3) > 1e-12 {
		t.Errorf("%v across, %v of angle; want 3.4 and 3", across, turn)
	}
	if _, turn := apart([2]float64{0, 0}, [2]float64{10, 0}, [2]float64{5, 0}, [2]float64{2, 4}); turn != 5 {
		t.Errorf("a segment that goes back has the angular distance %v, want its length 5", turn)
	}
}
