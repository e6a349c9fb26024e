package features

import (
	"math"
	"os"
	"testing"

	"breakeven/flight"
	"breakeven/flight/tracks"
)

// three is a flight of three fixes across the antimeridian, with a plan.
func three() flight.Flight {
	return flight.Flight{
		Track: flight.Track{ID: "three", Fixes: []flight.Fix{
			{Time: 1000, Point: flight.Point{Lat: 10, Lon: 179.9}, Alt: 1000},
			{Time: 1100, Point: flight.Point{Lat: 10.1, Lon: -179.9}, Alt: 3000},
			{Time: 1300, Point: flight.Point{Lat: 10.5, Lon: -179.5}, Alt: 2000},
		}},
		Plan: flight.Plan{{Lat: 10, Lon: 179.8}, {Lat: 10.2, Lon: -179.8}, {Lat: 10.6, Lon: -179.4}},
	}
}

func same(t *testing.T, what string, got, want []float64) {
	t.Helper()
	ok := len(got) == len(want)
	for i := range got {
		ok = ok && (math.Abs(got[i]-want[i]) < 1e-9 || math.IsNaN(got[i]) && math.IsNaN(want[i]))
	}
	if !ok {
		t.Errorf("%s:\n%v, want\n%v", what, got, want)
	}
}

func TestExample(t *testing.T) {
	e, err := Of(three(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "plan", e.Plan, []float64{0.6, 0.8, 0.2, 0.4, 0, 0})
	same(t, "states", e.Input, []float64{
		0, 0.1, 10, 0, 0, 0,
		0.1, 0.3, 30, 100, 0.001, 0.002,
		0.5, 0.7, 20, 300, 0.002, 0.002})
	same(t, "targets", e.Target, []float64{
		0.1, 0.3, 30, 0.001, 0.002,
		0.5, 0.7, 20, 0.002, 0.002,
		0.6, 0.8, 0, 0, 0})
	e, err = Of(three(), Options{Forward: true})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "states with rates until the next fix", e.Input, []float64{
		0, 0.1, 10, 0, 0.001, 0.002,
		0.1, 0.3, 30, 100, 0.002, 0.002,
		0.5, 0.7, 20, 300, 0, 0})
}

// Without a plan, or if the track ends elsewhere, nothing says where it would end.
func TestNoGoal(t *testing.T) {
	unplanned, cut := three(), three()
	unplanned.Plan = nil
	cut.Plan = append(cut.Plan, flight.Point{Lat: 20, Lon: -170})
	for _, f := range []flight.Flight{unplanned, cut} {
		e, err := Of(f, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(e.Target) != 2*Targets || e.States() != 3 {
			t.Errorf("%d states and targets %v", e.States(), e.Target)
		}
		last := f
		last.Fixes = append([]flight.Fix{}, f.Fixes...)
		last.Fixes[2].Lat++ // changes the last state and the target that it is, and nothing else
		moved, err := Of(last, Options{})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "plan", moved.Plan, e.Plan)
		same(t, "states", moved.Input[:2*Inputs], e.Input[:2*Inputs])
		if moved.Origin != e.Origin {
			t.Error("the origin depends on the last fix")
		}
	}
}

func TestNoAltitude(t *testing.T) {
	f := three()
	for i := range f.Fixes {
		f.Fixes[i].Alt = math.NaN()
	}
	e, err := Of(f, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := Fit([]*Example{e})
	scaled := s.Apply(e)
	for i, x := range append(scaled.Input, scaled.Target...) {
		if math.IsNaN(x) {
			t.Fatalf("number %d is NaN", i)
		}
	}
	if !math.IsNaN(e.Target[2*Targets+2]) || scaled.Input[2] != 0 {
		t.Errorf("altitudes %v and %v", e.Target[2*Targets+2], scaled.Input[2])
	}
}

func TestRefused(t *testing.T) {
	pole := three()
	pole.Fixes[1].Lat = 89
	for _, f := range []flight.Flight{{}, pole} {
		if _, err := Of(f, Options{}); err == nil {
			t.Errorf("no error for %v", f)
		}
	}
}

// Scaled columns have mean 0 and standard deviation 1, and targets come back.
func TestScale(t *testing.T) {
	e, err := Of(three(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := Fit([]*Example{e})
	scaled := s.Apply(e)
	for j := range Inputs {
		sum, square := 0.0, 0.0
		for i := j; i < len(scaled.Input); i += Inputs {
			sum, square = sum+scaled.Input[i], square+scaled.Input[i]*scaled.Input[i]
		}
		if math.Abs(sum) > 1e-12 || math.Abs(square-3) > 1e-12 {
			t.Errorf("column %d: sum %v, sum of squares %v of three", j, sum, square)
		}
	}
	back := s.Target([Targets]float64(scaled.Target[Targets:]), [Inputs]float64{})
	same(t, "target", back[:], e.Target[Targets:2*Targets])

	change, err := Of(three(), Options{Change: true})
	if err != nil {
		t.Fatal(err)
	}
	if d := e.Target[1] - e.Input[1]; change.Target[1] != d || change.Target[3] != e.Target[3] {
		t.Errorf("the longitude changes by %v and its rate is %v, want %v and %v", change.Target[1], change.Target[3], d, e.Target[3])
	}
	s = Fit([]*Example{change})
	back = s.Target([Targets]float64(s.Apply(change).Target[Targets:]), [Inputs]float64(change.Input[Inputs:]))
	same(t, "target from a change", back[:], e.Target[Targets:2*Targets])
}

// The released constants are of all of 2013, and August lies near them.
func TestReleasedScale(t *testing.T) {
	const shared = "../../../shared/data/flights/"
	if _, err := os.Stat(shared); err != nil {
		t.Skip("the flights from Houston to Boston are not at hand: ", err)
	}
	set, err := tracks.Read(tracks.Files{Tracks: shared + "iah_bos_201308_full.csv.gz", Plans: shared + "iah_bos_plans.csv", PlanOf: shared + "iah_bos_flight_to_plan.csv"}, tracks.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var list []*Example
	arrived := 0
	for _, f := range set.Flights {
		e, err := Of(f, Options{Forward: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(e.Target) == Targets*e.States() {
			arrived++
		}
		list = append(list, e)
	}
	if arrived != 169 {
		t.Errorf("%d of 169 flights arrive", arrived)
	}
	s := Fit(list)
	mean := [Inputs]float64{6.88283, 11.91950, 304.2995, 5809.357, 1.06329e-3, 2.08080e-3}
	std := [Inputs]float64{4.13359, 7.95002, 106.9728, 3445.714, 6.24114e-4, 8.72285e-4}
	for j := range Inputs {
		if off := (s.Mean[j] - mean[j]) / std[j]; math.Abs(off) > 0.1 || math.Abs(s.Std[j]/std[j]-1) > 0.1 {
			t.Errorf("column %d: %v ± %v, released %v ± %v", j, s.Mean[j], s.Std[j], mean[j], std[j])
		}
	}
	t.Log(s)
}
