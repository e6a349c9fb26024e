package main

import (
	"breakeven/model"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/task"
	"breakeven/trial"
)

// known returns what the other rooms know of specs.
func known() run.Known {
	return run.Known{
		Words: map[string][]string{
			"kind": trial.KindNames(), "data": task.SetNames(), "model": model.Names(), "probes": probe.Names(),
		},
		Declared:  trial.Declared,
		Lacks:     trial.Lacks,
		TrainSize: task.TrainSize,
	}
}
