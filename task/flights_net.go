package task

import (
	"fmt"

	"breakeven/flight/predict"
	"breakeven/run"
)

// Net returns a network of s that was fitted to the flights, given its parameters by name, as
// what predicts flights.
func (f *Flights) Net(s run.Spec, tensor func(name string) (data []float32, ok bool)) (*predict.Net, error) {
	if s.Model != predict.Model {
		return nil, fmt.Errorf("model: flights are predicted by %s, not by %s", predict.Model, s.Model)
	}
	n := &predict.Net{
		Spec: s, Tensor: tensor, Mixture: f.Mixture, Scale: f.Coder.Scale, Features: f.Coder.Features,
		Plan: f.Coder.Plans, Official: f.Set.Official,
	}
	if f.Coder.Cubes {
		n.Cube = f.Coder.Cube
	}
	return n, nil
}
