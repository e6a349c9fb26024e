package task

import (
	"math"
	"slices"
	"testing"

	"breakeven/flight/match"
	"breakeven/flight/predict"
	"breakeven/flight/search"
	"breakeven/model"
	"breakeven/nn"
)

// What a network says of the next state in a prediction, it says of it in training: the
// latitudes of its components after a state with a storm ahead.
func TestFlightsNet(t *testing.T) {
	const flight = 3
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
		batch, err := f.Set.Batch(f.Coder, []int{flight}, unstopped)
		if err != nil {
			t.Fatal(err)
		}
		at := len(f.Set.Flights[flight].Fixes) - 1 // the last state with a storm
		for at >= 0 && !slices.Contains(batch.In[2].F[at*match.Size:(at+1)*match.Size], 1) {
			at--
		}
		if at < 1 {
			t.Fatal("no storm lies around the flight")
		}
		plan := net.Compile(nn.Settings{Batch: 1, Loss: f.Mixture, Evaluate: true})
		plan.SetParams(theta)
		plan.Forward(batch)
		before := 0.0
		if targets == "change" {
			before = f.Coder.Scale.Mean[0] + f.Coder.Scale.Std[0]*float64(batch.In[0].F[6*at])
		}
		var want []float64
		for _, c := range f.Mixture.Decode(nil, plan.Output(0)[45*at:45*(at+1)]) {
			mean, std := f.Coder.Scale.OfTarget(0)
			want = append(want, f.Set.Flights[flight].Plan[0].Lat+before+mean+std*c.Mean[0])
		}

		n, err := f.Net(s, predict.Tensors(net.Params(), theta))
		if err != nil {
			t.Fatal(err)
		}
		o := search.Default()
		o.Steps, o.Unfiltered, o.Smooth = 1, true, false
		found, err := n.Predict(f.Set.Flights[flight:flight+1], at+1, f.Set.Weather(), o, unstopped)
		if err != nil || found[0].Err != nil {
			t.Fatal(err, found)
		}
		var got []float64
		for _, a := range found[0].Alternatives {
			got = append(got, a.States[0].Mean[0])
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.EqualFunc(got, want, func(a, b float64) bool { return math.Abs(a-b) < 1e-5 }) {
			t.Errorf("targets %s: latitudes %v, want %v", targets, got, want)
		}
	}
	s := flightSpec()
	s.Model = "lstm"
	if _, err := new(Flights).Net(s, nil); err == nil {
		t.Error("another model predicts flights")
	}
}
