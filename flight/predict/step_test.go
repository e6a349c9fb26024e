package predict

import (
	"reflect"
	"testing"

	"breakeven/flight"
	"breakeven/flight/features"
	"breakeven/flight/search"
	"breakeven/flight/tracks"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// What is known is resampled so that the last state is the last known fix, whatever the first is.
func TestStep(t *testing.T) {
	f := flight.Flight{Track: flight.Track{ID: "a"}}
	for i := range 30 {
		x := float64(i)
		f.Fixes = append(f.Fixes, flight.Fix{Time: 50 * x, Point: flight.Point{Lat: 50 + 0.1*x, Lon: 8 + 0.002*x*x}, Alt: 30000 + 100*x})
	}
	for _, forward := range []bool{false, true} {
		even := f
		even.Fixes = tracks.Resample(f.Track, 1000-8*120, 120) // the 21st fix is at 1000 s
		o := features.Options{Change: true, Forward: forward}
		e, err := features.Of(f, o)
		if err != nil {
			t.Fatal(err)
		}
		spec := run.Spec{Model: "deeptp", Init: "glorot", More: map[string]string{"units": "8"}}
		mixture := nn.MixtureDensity{Components: 3, Blocks: []int{3, 2}}
		whole, err := model.Of(spec, nn.Input{Name: model.StateInput, Shape: nn.Seq(1, features.Inputs)}, mixture.Outputs())
		if err != nil {
			t.Fatal(err)
		}
		m, _ := model.Lookup("deeptp")
		n := Net{Spec: spec, Tensor: Tensors(whole.Params(), m.Initial(spec, whole, 1)), Mixture: mixture, Scale: features.Fit([]*features.Example{e}), Features: o}
		resampled := n
		resampled.Step = 120
		s := search.Default()
		s.Steps = 4
		want, err := n.Predict([]flight.Flight{even}, 9, nil, s, never)
		if err != nil || want[0].Err != nil {
			t.Fatal(err, want[0].Err)
		}
		got, err := resampled.Predict([]flight.Flight{f}, 21, nil, s, never)
		if err != nil || got[0].Err != nil {
			t.Fatal(err, got[0].Err)
		}
		if !reflect.DeepEqual(got[0].Alternatives, want[0].Alternatives) {
			t.Errorf("forward %v: the prediction is another one than from %d resampled states", forward, 9)
		}
		if got[0].Known != 21 || len(got[0].Fixes) != 30 || got[0].Alternatives[0].States[0].Time != 1120 {
			t.Errorf("forward %v: %d fixes of %d are known, the first state is at %v s", forward, got[0].Known, len(got[0].Fixes), got[0].Alternatives[0].States[0].Time)
		}
	}
}
