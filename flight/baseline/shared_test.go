package baseline

import (
	"math"
	"os"
	"testing"

	"breakeven/flight"
	"breakeven/flight/score"
	"breakeven/flight/tracks"
)

const shared = "../../../shared/data/flights/"

// august returns the flights of August 2013: 138 for training, and the 31 test flights.
func august(t testing.TB) (train, test []flight.Flight) {
	t.Helper()
	if _, err := os.Stat(shared); err != nil {
		t.Skip("the flights from Houston to Boston are not at hand: ", err)
	}
	s, err := tracks.Read(tracks.Files{Tracks: shared + "iah_bos_201308_full.csv.gz", Plans: shared + "iah_bos_plans.csv", PlanOf: shared + "iah_bos_flight_to_plan.csv"}, tracks.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range s.Flights {
		if s.Test[f.ID] {
			test = append(test, f)
		} else {
			train = append(train, f)
		}
	}
	return train, test
}

// The numbers of an independent program on the same flights, as far as its rules are known: it held
// the last altitude (1685 ft), and went on with the mean rates of five steps (149.8 nmi). For the
// others it gives 84.8 (direct), 63.6 (filed plan), 47.0 (same plan), 43.6, 32.4, 34.3 and 38.3
// (nearest 1, 5, 10, 20), by rules that are not written down. Two of the test flights have two
// positions at one time there, of which we leave one out.
func TestAugust(t *testing.T) {
	train, test := august(t)
	if len(train) != 138 || len(test) != 31 {
		t.Fatalf("%d and %d flights", len(train), len(test))
	}
	want := map[string][2]float64{
		"constant rates": {149.8, 1685}, "straight on": {125.5, 1685}, "direct": {81, 1685}, "filed plan": {56.8, 1685},
		"same plan": {41.4, 1733}, "nearest 1": {45.6, 2110}, "nearest 5": {35.2, 1542}, "nearest 10": {36.8, 1519}, "nearest 20": {38.6, 1449},
	}
	for _, m := range All() {
		fitted := m.Fit(train, Options{})
		var flights []score.Flight
		for _, f := range test {
			flights = append(flights, score.Of(fitted.Predict(f), score.Options{Official: true}))
		}
		s := score.Summarise(flights)
		if w := want[m.Name]; s.Flights != 31 || math.Abs(s.PHE/w[0]-1) > 0.015 || math.Abs(s.PVE/w[1]-1) > 0.015 {
			t.Errorf("%s: %d flights, %.1f nmi, %.0f ft; want %v", m.Name, s.Flights, s.PHE, s.PVE, w)
		}
		for axis, within := range s.Coverage[1] {
			if within < 0.85 {
				t.Errorf("%s: %.2f of the points within two standard deviations of axis %d", m.Name, within, axis)
			}
		}
	}
}
