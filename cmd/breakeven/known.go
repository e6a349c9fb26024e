package main

import (
	"breakeven/data"
	"breakeven/model"
	"breakeven/probe"
	"breakeven/run"
)

// known returns the names that a spec may hold.
func known() run.Known {
	return run.Known{Data: data.Names(), Models: model.Names(), Probes: probe.Names(), TrainSize: trainSize}
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
