package tracks

import (
	"math"
	"testing"

	"breakeven/flight"
)

func TestResample(t *testing.T) {
	track := flight.Track{Fixes: []flight.Fix{
		{Time: 0, Point: flight.Point{Lat: 0, Lon: 10}, Alt: 0}, {Time: 60, Point: flight.Point{Lat: 0, Lon: 10.2}, Alt: 1000}, {Time: 240, Point: flight.Point{Lat: 0, Lon: 10.8}, Alt: 4000}, {Time: 250, Point: flight.Point{Lat: 0, Lon: 10.9}, Alt: 4000},
	}}
	got := Resample(track, 0, 120)
	if len(got) != 3 {
		t.Fatalf("%v", got)
	}
	for k, lon := range []float64{10, 10.4, 10.8} {
		if f := got[k]; f.Time != 120*float64(k) || math.Abs(f.Lon-lon) > 1e-9 || math.Abs(f.Lat) > 1e-12 || math.Abs(f.Alt-2000*float64(k)) > 1e-6 {
			t.Errorf("step %d: %v", k, f)
		}
	}
	if Resample(track, 300, 120) != nil {
		t.Error("fixes after the end")
	}
}

func TestThin(t *testing.T) {
	for n, want := range map[int][]float64{1: {0}, 2: {0, 1}, 3: {0, 1, 2}, 6: {0, 1, 3, 5}, 7: {0, 1, 3, 5, 6}} {
		var track flight.Track
		for i := range n {
			track.Fixes = append(track.Fixes, flight.Fix{Time: float64(i)})
		}
		var got []float64
		for _, f := range Thin(track, 2).Fixes {
			got = append(got, f.Time)
		}
		if len(got) != len(want) {
			t.Fatalf("of %d fixes: %v, want %v", n, got, want)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("of %d fixes: %v, want %v", n, got, want)
			}
		}
	}
}
