package predict

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"breakeven/flight"
	"breakeven/flight/filter"
	"breakeven/flight/search"
)

// A golden is one flight through the released network, as another program computed it.
type golden struct {
	Plan      [][2]float64 `json:"plan_latlon"`
	Track     [][6]float64 `json:"track_lat_lon_fl_cumdt_latspd_lonspd"`
	Norm      norm         `json:"norm"`
	NoWeather []float64    `json:"fc1_zero_cube"`
	Encoder   [2]struct {
		C, H []float64
	} `json:"encoder_final"`
	Outputs  map[int][]float64 `json:"raw_output_45_at_step"`
	Loss     float64           `json:"teacher_forced_nll_mean_incl_arrival_target"`
	Adaptive goldenTrack       `json:"beam9_adaptive"`
	Plain    goldenTrack       `json:"beam9_plain"`
	Weather  struct {
		Features []float64 `json:"fc1"`
	} `json:"cnn_test"`
}

type goldenTrack struct {
	Score  float64      `json:"best_total_logprob"`
	States [][6]float64 `json:"lat_lon_fl_cumdt_latspd_lonspd"`
	Cov    [][5]float64 `json:"cov_diag"`
}

// released are the coordinates of the airport of arrival.
var released = [2]float64{42.3666666667, -70.9666666667}

func readGolden(t testing.TB) *golden {
	t.Helper()
	b, err := os.ReadFile(deeptp(t, "golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	g := new(golden)
	if err := json.Unmarshal(b, g); err != nil {
		t.Fatal(err)
	}
	return g
}

// agree fails unless numbers agree.
func agree(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tol*(1+math.Abs(want[i]))) {
			t.Fatalf("%s: number %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

// The twin is the released network: encoder, outputs, loss and weather.
func TestTwin(t *testing.T) {
	g := readGolden(t)
	w := openTwin(t, g.Norm)
	none := w.weather(make([]float64, 1600))
	agree(t, "no weather", none, g.NoWeather, 1e-6)
	cube := make([]float64, 0, 1600)
	for i := range 20 {
		for j := range 20 {
			for k := range 4 {
				cube = append(cube, math.Sin(0.1*float64(i)+0.2*float64(j)+0.3*float64(k)))
			}
		}
	}
	agree(t, "weather", w.weather(cube), g.Weather.Features, 1e-6)
	m := w.encode(g.Plan)
	for layer, want := range g.Encoder {
		agree(t, "encoder c", m.c[layer], want.C, 1e-6)
		agree(t, "encoder h", m.h[layer], want.H, 1e-6)
	}
	loss := 0.0
	for step, x := range g.Track {
		var z []float64
		m, z = w.decode(m, x, none)
		if want, ok := g.Outputs[step]; ok {
			agree(t, fmt.Sprintf("outputs of step %d", step), z, want, 1e-6)
		}
		y := [6]float64{released[0], released[1]}
		if step < len(g.Track)-1 {
			y = g.Track[step+1]
		}
		var normal [5]float64
		for i, c := range columns {
			normal[i] = (y[c] - g.Norm.offset(c)) / g.Norm.TrackStd[c]
		}
		density := 0.0
		for _, c := range components(z) {
			density += c.weight[0] * math.Exp(c.logDensity(normal))
		}
		loss -= math.Log(density) // without the floor of 1e-7
	}
	agree(t, "loss", []float64{loss / float64(len(g.Track))}, []float64{g.Loss}, 1e-6)
}

// The search over the twin gives the tracks of the released code, each penalty counted once.
func TestGoldenTracks(t *testing.T) {
	g := readGolden(t)
	s := &twinStepper{twin: openTwin(t, g.Norm), plan: g.Plan, known: g.Track[:20]}
	for name, want := range map[string]goldenTrack{"adaptive": g.Adaptive, "plain": g.Plain} {
		o := search.Official()
		if name == "plain" {
			o.Filter = o.Filter.Plain()
		}
		found, err := search.Run(s, []flight.State{s.last()}, o, func() error { return nil })
		if err != nil || found[0].Err != nil {
			t.Fatal(err, found[0].Err)
		}
		best := found[0].Alternatives[0]
		agree(t, name+" score", []float64{best.Score}, []float64{want.Score}, 1e-6)
		for k, x := range best.States {
			row, cov := want.States[k], want.Cov[k]
			agree(t, fmt.Sprintf("%s state %d", name, k), []float64{x.Mean[0], x.Mean[1], x.Mean[2] / 100, x.Time, x.Mean[3], x.Mean[4]}, row[:], 1e-6)
			var got filter.Vector
			for i := range got {
				got[i] = x.Cov[i][i]
			}
			got[2] /= 1e4
			agree(t, fmt.Sprintf("%s variances %d", name, k), got[:], cov[:], 1e-6)
		}
	}
}
