package task

import (
	"math"
	"slices"
	"testing"

	"breakeven/flight/predict"
	"breakeven/flight/search"
	"breakeven/model"
	"breakeven/nn"
)

// What a network says of the next state in a prediction is what it says of it in training: the
// means of its components, in degrees, feet and degrees per second.
func TestFlightsNet(t *testing.T) {
	for _, targets := range []string{"state", "change"} {
		s := flightSpec()
		s.More["targets"] = targets
		f, err := OpenFlights(s, "")
		if err != nil {
			t.Fatal(err)
		}
		in := f.Coder.Inputs(f.Set.Longest())
		net, err := model.Of(s, in[0], f.Mixture.Outputs(), in[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		theta := net.InitialParams(nn.Glorot, 1)
		n, err := f.Net(s, predict.Tensors(net.Params(), theta))
		if err != nil {
			t.Fatal(err)
		}
		o := search.Default()
		o.Steps, o.Unfiltered, o.Smooth = 1, true, false
		const known = 60
		found, err := n.Predict(f.Set.Flights[:3], known, f.Set.Weather(), o, unstopped)
		if err != nil {
			t.Fatal(err)
		}
		batch, err := f.Set.Batch(f.Coder, []int{0, 1, 2}, unstopped)
		if err != nil {
			t.Fatal(err)
		}
		plan := net.Compile(nn.Settings{Batch: 3, Loss: f.Mixture, Evaluate: true})
		plan.SetParams(theta)
		plan.Forward(batch)
		states, storms := in[0].Shape.T, 0
		for i, r := range found {
			if r.Err != nil || len(r.Alternatives) != f.Mixture.Components {
				t.Fatal(r.Alternatives, r.Err)
			}
			at := i*states + known - 1
			x := batch.In[0].F[6*at:][:6]
			var want []float64
			for _, c := range f.Mixture.Decode(plan.Output(0)[f.Mixture.Outputs()*at:][:f.Mixture.Outputs()]) {
				mean, std := f.Coder.Scale.OfTarget(0)
				lat := mean + std*c.Mean[0]
				if targets == "change" {
					lat += f.Coder.Scale.Mean[0] + f.Coder.Scale.Std[0]*float64(x[0])
				}
				want = append(want, f.Set.Flights[i].Plan[0].Lat+lat)
			}
			var got []float64
			for _, a := range r.Alternatives {
				got = append(got, a.States[0].Mean[0])
			}
			slices.Sort(want)
			slices.Sort(got)
			for k := range want {
				if math.Abs(got[k]-want[k]) > 1e-5*(1+math.Abs(want[k])) {
					t.Errorf("targets %s, flight %d: latitudes %v, want %v", targets, i, got, want)
				}
			}
			for _, c := range batch.In[2].F[i*states*1600:][:known*1600] {
				if c != 0 {
					storms++
				}
			}
		}
		if storms == 0 {
			t.Error("no storm lies around these states")
		}
	}
	s := flightSpec()
	s.Model = "lstm"
	if _, err := new(Flights).Net(s, nil); err == nil {
		t.Error("another model predicts flights")
	}
}
