package main

import (
	"breakeven/data"
	"breakeven/model"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/trial"
)

// known returns what the other rooms know of specs.
func known() run.Known {
	return run.Known{
		Words: map[string][]string{
			"kind": trial.KindNames(), "data": data.Names(), "model": model.Names(), "probes": probe.Names(),
		},
		Declared:  trial.Declared,
		TrainSize: trainSize,
	}
}

// trainSize returns the number of training examples, which the description of
// a data set tells without its files.
func trainSize(s run.Spec) (int, bool) {
	if s.Train > 0 {
		return s.Train, true
	}
	in, err := data.Lookup(s.Data)
	return in.Train - s.Valid, err == nil
}
