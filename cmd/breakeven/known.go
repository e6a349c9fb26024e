package main

import (
	"fmt"
	"strings"

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
		Hint:      hint,
		TrainSize: task.TrainSize,
	}
}

// hint says which probe makes a key that stands in its place.
func hint(field, word string) string {
	if field != "probes" {
		return ""
	}
	for _, p := range probe.All {
		for _, key := range p.KeyNames() {
			if strings.EqualFold(key, word) {
				return fmt.Sprintf("%s is a key, which probe %s measures", key, p.Name)
			}
		}
	}
	return ""
}
