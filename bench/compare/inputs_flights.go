package main

import (
	"breakeven/flight/learn"
	"breakeven/flight/match"
	"breakeven/flight/sample"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/rng"
	spec "breakeven/run"
)

// The network of flights with weather and without, by name, which is also the file of its
// weights.
const (
	deeptp  = "deeptp"
	fairSky = "deeptp-fair"
)

// manyFlights is how many flights there are.
const manyFlights = 64

// nextState is the density of the next state: of position and altitude, and of rates.
var nextState = nn.MixtureDensity{Components: 3, Blocks: []int{3, 2}}

// writeFlights writes the embedded flights over and over, padded to the longest: states, plans
// and cubes, in NAME-steps the lengths of the sequences, the next states and their weights.
func writeFlights(dir folder) error {
	set, err := learn.Of(sample.Flights(), nil, sample.Storms(), learn.Options{Step: 120})
	if err != nil {
		return err
	}
	index := make([]int, manyFlights)
	for i := range index {
		index[i] = i % len(set.Flights)
	}
	goOn := func() error { return nil }
	coder, err := set.Fit(index, goOn)
	if err != nil {
		return err
	}
	b, err := set.Batch(coder, index, goOn)
	if err != nil {
		return err
	}
	addAir(b.In[2].F)
	states, points := set.Longest()
	for k, in := range coder.Inputs(states, points) {
		if err := dir.save(in.Name, "<f4", b.In[k].F, b.N, in.Shape.T, in.Shape.Size()/in.Shape.T); err != nil {
			return err
		}
		if err := dir.save(in.Name+"-steps", "<i4", b.In[k].Steps, b.N); err != nil {
			return err
		}
	}
	if err := dir.save("flights-counts", "<i4", []int32{int32(states), int32(points)}, 2); err != nil {
		return err
	}
	if err := dir.save("next", "<f4", b.Target[0].Vector, b.N, states, nextState.Width()); err != nil {
		return err
	}
	return dir.save("next-weight", "<f4", b.Target[0].Weight, b.N, states)
}

// addAir draws what the sample does not have: temperatures and winds.
func addAir(cubes []float32) {
	const pixels = match.Rows * match.Cols
	r := rng.New(1, "air")
	for i := range cubes {
		if i%match.Size >= pixels { // the first channel is storms
			cubes[i] = float32(r.NormFloat64())
		}
	}
}

// flightInputs returns the inputs of a network.
func (f folder) flightInputs(name string) ([]nn.Input, error) {
	var counts [2]int32
	if err := f.load("flights-counts", counts[:]); err != nil {
		return nil, err
	}
	c := learn.Coder{Plans: true, Cubes: name == deeptp}
	return c.Inputs(int(counts[0]), int(counts[1])), nil
}

// flightNetwork is without dropout, whose masks differ from program to program.
func (f folder) flightNetwork(name string) (*nn.Network, error) {
	in, err := f.flightInputs(name)
	if err != nil {
		return nil, err
	}
	return model.Of(spec.Spec{Model: deeptp, More: map[string]string{"dropout": "0"}}, in[0], nextState.Outputs(), in[1:]...)
}

// flights reads the first n flights for a network.
func (f folder) flights(name string, n int) (nn.Batch, error) {
	in, err := f.flightInputs(name)
	if err != nil {
		return nn.Batch{}, err
	}
	b := nn.Batch{N: n, In: make([]nn.Values, len(in))}
	for k, i := range in {
		b.In[k].Steps = make([]int32, n)
		if err := f.load(i.Name+"-steps", b.In[k].Steps); err != nil {
			return nn.Batch{}, err
		}
		if b.In[k].F, err = f.vector(i.Name, n*i.Shape.Size()); err != nil {
			return nn.Batch{}, err
		}
	}
	var y nn.Target
	if y.Vector, err = f.vector("next", n*in[0].Shape.T*nextState.Width()); err != nil {
		return nn.Batch{}, err
	}
	y.Weight, err = f.vector("next-weight", n*in[0].Shape.T)
	b.Target = []nn.Target{y}
	return b, err
}
