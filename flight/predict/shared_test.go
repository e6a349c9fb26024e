package predict

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"breakeven/flight"
	"breakeven/flight/match"
	"breakeven/flight/score"
	"breakeven/flight/search"
	"breakeven/flight/tracks"
	"breakeven/flight/weather"
)

var shared = filepath.Join("..", "..", "..", "shared", "data")

// houstonBoston returns the flights of August 2013, or skips the test.
func houstonBoston(t testing.TB) *tracks.Set {
	t.Helper()
	dir := filepath.Join(shared, "flights")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("needs ../shared/data/flights, which is not here")
	}
	set, err := tracks.Read(tracks.Files{
		Tracks: filepath.Join(dir, "iah_bos_201308_full.csv.gz"),
		Plans:  filepath.Join(dir, "iah_bos_plans.csv"),
		PlanOf: filepath.Join(dir, "iah_bos_flight_to_plan.csv"),
	}, tracks.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// horizontal returns the mean horizontal error of predictions, in nautical miles.
func horizontal(t testing.TB, results []Result) float64 {
	t.Helper()
	sum, n := 0.0, 0
	for _, r := range results {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		for _, e := range score.Of(r.Prediction, score.Options{Official: true}).Errors {
			sum += e.Horizontal
			n++
		}
	}
	return sum / float64(n)
}

// The official test flights of August 2013 have the errors that the released network has. Two of
// them begin with two fixes at one time, of which ours keeps one: the same 20 rows are 19 fixes.
func TestOfficialFlights(t *testing.T) {
	n := releasedNet(t)
	set := houstonBoston(t)
	known := map[int][]flight.Flight{}
	for _, f := range set.Flights {
		switch {
		case !set.Test[f.ID]:
		case f.ID == "20130821182384" || f.ID == "20130821262676":
			known[19] = append(known[19], f)
		default:
			known[20] = append(known[20], f)
		}
	}
	if len(known[20]) != 29 || len(known[19]) != 2 {
		t.Fatalf("%d and %d test flights", len(known[20]), len(known[19]))
	}
	adaptive, plain, none := search.Official(), search.Official(), search.Official()
	plain.Filter = plain.Filter.Plain()
	none.Unfiltered = true
	for _, c := range []struct {
		name string
		o    search.Options
		want float64
	}{{"adaptive", adaptive, 60.4}, {"plain", plain, 44.2}, {"no", none, 61.3}} {
		var all []Result
		for fixes, flights := range known {
			results, err := n.Predict(flights, fixes, nil, c.o, never)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, results...)
		}
		got := horizontal(t, all)
		t.Logf("%s filter: %.2f nmi", c.name, got)
		if math.Abs(got-c.want) > 0.01*c.want {
			t.Errorf("%s filter: %.2f nmi, want %.1f", c.name, got, c.want)
		}
	}
}

// The times that the project promises for 1,000 flights, 9 beams and 70 steps: 30 s without
// weather, 60 s with it.
func BenchmarkPredict(b *testing.B) {
	set := houstonBoston(b)
	var flights []flight.Flight
	for len(flights) < 1000 {
		flights = append(flights, set.Flights...)
	}
	flights = flights[:1000]
	whole := releasedNet(b)
	blind := *whole
	blind.Cube = nil
	embedding, _ := whole.Tensor("embedding.weight")
	blind.Tensor = func(name string) ([]float32, bool) {
		if name == "embedding.weight" { // without the columns of the weather
			var short []float32
			for i := 0; i < len(embedding); i += len(embedding) / 64 {
				short = append(short, embedding[i:i+6]...)
			}
			return short, true
		}
		return whole.Tensor(name)
	}
	storms, err := weather.OpenStorms(weather.Options{}, filepath.Join(shared, "flights", "weather", "ncwf_201308_runs.csv.gz"))
	if err != nil {
		b.Fatal(err)
	}
	matcher := match.New(nil, storms, match.Options{})
	for _, c := range []struct {
		name string
		net  *Net
		w    Weather
	}{{"blind", &blind, nil}, {"weather", whole, matcher}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := c.net.Predict(flights, 20, c.w, search.Default(), never); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "flights/s")
		})
	}
}
