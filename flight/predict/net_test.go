package predict

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"breakeven/flight"
	"breakeven/flight/match"
	"breakeven/flight/search"
)

// releasedNet returns the released network.
func releasedNet(t testing.TB) *Net {
	t.Helper()
	n, err := Released(deeptp(t, "deeptp_weights_1799.npz"), deeptp(t, "standardize_arr_lite.npz"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// flight returns the golden flight.
func (g *golden) flight() flight.Flight {
	f := flight.Flight{Track: flight.Track{ID: "golden"}}
	for _, x := range g.Track {
		f.Fixes = append(f.Fixes, flight.Fix{Time: x[3], Point: flight.Point{Lat: x[0], Lon: x[1]}, Alt: 100 * x[2]})
	}
	for _, x := range g.Plan {
		f.Plan = append(f.Plan, flight.Point{Lat: x[0], Lon: x[1]})
	}
	return f
}

func never() error { return nil }

// The released network gives the tracks of the released code, and those of the twin, with
// several flights at a time and different numbers of known fixes.
func TestReleased(t *testing.T) {
	g := readGolden(t)
	n := releasedNet(t)
	short := g.flight()
	short.Fixes = short.Fixes[:13]
	late := g.flight()
	for i := range late.Fixes {
		late.Fixes[i].Time += 1e5
	}
	got, err := n.Predict([]flight.Flight{short, g.flight(), late}, 20, nil, search.Official(), never)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range g.Adaptive.States {
		for i := 1; i < 3; i++ {
			x := got[i].Alternatives[0].States[k]
			since := late.Fixes[0].Time * float64(i-1)
			agree(t, fmt.Sprintf("flight %d, state %d", i, k), []float64{x.Mean[0], x.Mean[1], x.Mean[2] / 100, x.Time - since, x.Mean[3], x.Mean[4]}, want[:], 1e-4)
			if want := g.Adaptive.Cov[k][0]; math.Abs(x.Cov[0][0]-want) > 1e-3*want {
				t.Fatalf("variance %v, want %v", x.Cov[0][0], want)
			}
		}
	}
	s := &twinStepper{twin: openTwin(t, g.Norm), plan: g.Plan, known: append([][6]float64(nil), g.Track[:13]...)}
	s.known[12][4], s.known[12][5] = 0, 0 // no fix follows
	found, err := search.Run(s, []flight.State{s.last()}, search.Official(), never)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range got[0].Alternatives {
		for k, x := range a.States {
			agree(t, fmt.Sprintf("short flight, track %d, state %d", i, k), x.Mean[:2], found[0].Alternatives[i].States[k].Mean[:2], 1e-4)
		}
	}
}

// A flight that cannot be predicted fails alone; damaged weights have one clear error.
func TestFaults(t *testing.T) {
	g := readGolden(t)
	n := releasedNet(t)
	short, planless, polar := g.flight(), g.flight(), g.flight()
	short.Fixes = short.Fixes[:1]
	planless.Plan = nil
	polar.Fixes[3].Lat = 89
	o := search.Default()
	o.Steps = 3
	results, err := n.Predict([]flight.Flight{short, planless, polar, g.flight()}, 20, nil, o, never)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"1 fixes", "no plan", "pole", ""} {
		r := results[i]
		if want == "" && (r.Err != nil || len(r.Alternatives) != 9 || r.Known != 20) || want != "" && (r.Err == nil || !strings.Contains(r.Err.Error(), want) || r.Alternatives != nil) {
			t.Errorf("flight %d: %v", i, r.Err)
		}
	}
	whole := n.Tensor
	n.Tensor = func(name string) ([]float32, bool) {
		x, ok := whole(name)
		if name == "output.bias" {
			x = slices.Repeat([]float32{float32(math.NaN())}, len(x))
		}
		return x, ok
	}
	if results, err = n.Predict([]flight.Flight{g.flight()}, 20, nil, o, never); err != nil || !errors.Is(results[0].Err, search.ErrDiverged) {
		t.Error(err, results)
	}
	n.Tensor = func(string) ([]float32, bool) { return nil, false }
	if _, err := n.Predict([]flight.Flight{g.flight()}, 20, nil, o, never); err == nil || !strings.Contains(err.Error(), "no tensor") {
		t.Error(err)
	}
}

// Weather reaches the network: the cubes around the known fixes, and around each beam.
func TestWeather(t *testing.T) {
	g := readGolden(t)
	n := releasedNet(t)
	w := &recorder{}
	o := search.Official()
	o.Steps, o.Beams = 3, 3
	if _, err := n.Predict([]flight.Flight{g.flight()}, 20, w, o, never); err != nil {
		t.Fatal(err)
	}
	if len(w.points) != 20+3+3 {
		t.Fatalf("%d points", len(w.points))
	}
	f := g.flight()
	for i, p := range match.Along(nil, &f, true)[:20] {
		if w.points[i] != p {
			t.Errorf("point %d is %v, want %v", i, w.points[i], p)
		}
	}
	found, _ := n.Predict([]flight.Flight{f}, 20, nil, o, never)
	for _, a := range found[0].Alternatives {
		last := f.Fixes[19]
		for step, x := range a.States[:2] {
			at := flight.Fix{Time: x.Time, Point: flight.Point{Lat: x.Mean[0], Lon: x.Mean[1]}, Alt: x.Mean[2]}
			if want := match.Along(nil, &flight.Flight{Track: flight.Track{Fixes: []flight.Fix{last, at}}}, true)[1]; !slices.ContainsFunc(w.points[20+3*step:23+3*step], func(p match.Point) bool {
				return p.Time == want.Time && math.Abs(p.Lat-want.Lat) < 1e-4 && math.Abs(p.Azimuth-want.Azimuth) < 0.1
			}) {
				t.Errorf("no cube at %v", want)
			}
			last = at
		}
	}
}

// A recorder is weather without any, and remembers where it was asked for.
type recorder struct{ points []match.Point }

func (r *recorder) MatchTo(dst []float32, points []match.Point) error {
	clear(dst)
	r.points = append(r.points, points...)
	return nil
}
