package main

import (
	"fmt"
	"os"
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
		Minibatches: func(s run.Spec) bool {
			names := s.Probes
			if len(names) == 0 {
				names = probe.Defaults()
			}
			probes, err := probe.Select(names)
			return err != nil || probe.ReadsBatches(probes)
		},
	}
}

// hint says which probe makes a key that stands in its place, and how a folder or a file that is there is named as one.
func hint(field, word string) string {
	switch field {
	case "data":
		if info, err := os.Stat(word); err == nil && info.IsDir() {
			return fmt.Sprintf("for images in the folder of that name write %s/", word)
		}
	case "model":
		if _, err := os.Stat(word + ".onnx"); err == nil {
			return fmt.Sprintf("did you mean the file %s.onnx?", word)
		}
	case "probes":
		return probeHint(word)
	}
	return ""
}

func probeHint(word string) string {
	for _, p := range probe.All {
		for _, key := range p.KeyNames() {
			if strings.EqualFold(key, word) {
				return fmt.Sprintf("%s is a key, which probe %s measures", key, p.Name)
			}
		}
	}
	return ""
}
