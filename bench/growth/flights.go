package main

import (
	"breakeven/model"
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/run"
)

// flightSteps are passes of deeptp over random flights of so many states, with plans of 16 points
// and a cube of the weather at each state.
func flightSteps(flights, states int) []work {
	loss := nn.MixtureDensity{Components: 3, Blocks: []int{3, 2}}
	in := []nn.Input{
		{Name: model.StateInput, Shape: nn.Seq(states, 6)},
		{Name: model.PlanInput, Shape: nn.Seq(16, 2)},
		{Name: model.CubeInput, Shape: nn.Shape{T: states, C: 4, H: 20, W: 20}},
	}
	net, err := model.Of(run.Spec{Model: "deeptp"}, in[0], loss.Outputs(), in[1:]...)
	must(err)
	set, r := nn.Batch{N: flights, Target: make([]nn.Target, 1)}, rng.New(1, "flights")
	draw := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		return x
	}
	for _, i := range in {
		set.In = append(set.In, nn.Values{F: draw(flights * i.Shape.Size())})
	}
	set.Target[0].Vector = draw(flights * states * loss.Width())
	return passesOver(net, set, loss)
}
