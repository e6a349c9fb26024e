package predict_test

import (
	"fmt"

	"breakeven/flight"
	"breakeven/flight/features"
	"breakeven/flight/predict"
	"breakeven/flight/search"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// A network whose weights are all 0 predicts the mean change of a state.
func ExampleNet_Predict() {
	mixture := nn.MixtureDensity{Components: 3, Blocks: []int{3, 2}}
	spec := run.Spec{Model: "deeptp", More: map[string]string{"units": "8"}}
	whole, err := model.Of(spec, nn.Input{Name: model.StateInput, Shape: nn.Seq(1, features.Inputs)}, mixture.Outputs())
	if err != nil {
		fmt.Println(err)
		return
	}
	north := flight.Flight{Track: flight.Track{ID: "north", Fixes: []flight.Fix{
		{Time: 0, Point: flight.Point{Lat: 50, Lon: 8}, Alt: 33000},
		{Time: 120, Point: flight.Point{Lat: 50.2, Lon: 8}, Alt: 33000},
		{Time: 240, Point: flight.Point{Lat: 50.4, Lon: 8}, Alt: 33000},
	}}}
	o := features.Options{Change: true}
	seen, err := features.Of(north, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	n := &predict.Net{
		Spec: spec, Tensor: predict.Tensors(whole.Params(), make([]float32, whole.Dim())),
		Mixture: mixture, Scale: features.Fit([]*features.Example{seen}), Features: o,
	}
	s := search.Default()
	s.Steps, s.Unfiltered = 3, true
	results, err := n.Predict([]flight.Flight{north}, 0, nil, s, func() error { return nil })
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range results[0].Alternatives[0].States {
		fmt.Printf("%g s: %.1f, %.1f, %.0f ft\n", x.Time, x.Mean[0], x.Mean[1], x.Mean[2])
	}
	// Output:
	// 360 s: 50.6, 8.0, 33000 ft
	// 480 s: 50.8, 8.0, 33000 ft
	// 600 s: 51.0, 8.0, 33000 ft
}
