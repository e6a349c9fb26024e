package predict

import (
	"runtime"
	"testing"

	"breakeven/flight/features"
	"breakeven/flight/match"
	"breakeven/flight/sample"
	"breakeven/flight/search"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// The memory that Predict announces is what it takes, without weather and with it.
func TestMemory(t *testing.T) {
	flights := sample.Flights().Flights
	o := search.Default()
	o.Beams, o.Unfiltered = 4, true
	for _, weather := range []bool{false, true} {
		n, w := planned(t, weather), Weather(nil)
		if weather {
			w = calm{}
		}
		want, err := n.Memory(len(flights), 16, weather, o)
		if err != nil {
			t.Fatal(err)
		}
		asked, held, before := 0, 0.0, inUse()
		results, err := n.Predict(flights, 20, w, o, func() error {
			if asked++; asked == o.Steps {
				held = inUse() - before
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		held += inUse() - before // the tracks, which are made last
		runtime.KeepAlive(results)
		t.Logf("%.2f MB are held, %.2f MB were announced", held/1e6, float64(want)/1e6)
		if held < 0.85*float64(want) || held > 1.15*float64(want) {
			t.Errorf("weather %v: %.0f bytes are held, %d were announced", weather, held, want)
		}
	}
}

// planned returns a small network that reads plans, and perhaps weather.
func planned(t *testing.T, weather bool) *Net {
	t.Helper()
	e, err := features.Of(sample.Flights().Flights[0], features.Options{Change: true})
	if err != nil {
		t.Fatal(err)
	}
	spec := run.Spec{Model: Model, Init: "glorot", More: map[string]string{"units": "8"}}
	n := &Net{Spec: spec, Mixture: nn.MixtureDensity{Components: 3, Blocks: []int{3, 2}}, Scale: features.Fit([]*features.Example{e}), Features: features.Options{Change: true}, Step: 120, Plan: true}
	more := []nn.Input{{Name: model.PlanInput, Shape: nn.Seq(16, features.Points)}}
	if weather {
		n.Cube = func(_, _ []float32) {}
		more = append(more, nn.Input{Name: model.CubeInput, Shape: nn.Shape{T: 115, C: match.Channels, H: match.Rows, W: match.Cols}})
	}
	whole, err := model.Of(spec, nn.Input{Name: model.StateInput, Shape: nn.Seq(115, features.Inputs)}, n.Mixture.Outputs(), more...)
	if err != nil {
		t.Fatal(err)
	}
	m, _ := model.Lookup(Model)
	n.Tensor = Tensors(whole.Params(), m.Initial(spec, whole, 1))
	return n
}

// calm is weather with nothing in it.
type calm struct{}

func (calm) MatchTo(dst []float32, _ []match.Point) error { clear(dst); return nil }

// inUse returns the memory in use.
func inUse() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
