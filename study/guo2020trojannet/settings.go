package guo2020trojannet

import (
	"math"
	"slices"
	"strings"

	"breakeven/run"
	"breakeven/study"
)

// The ways in which a task is trained.
const (
	alone    = "alone"
	permuted = "hidden, permuted"
	shared   = "shared as they are"
)

// way returns that of a run.
func way(s run.Spec) string {
	switch {
	case s.Text("secrets") == "":
		return alone
	case word(s, "secret_order") == "plain":
		return shared
	}
	return permuted
}

// word returns a declared word of a spec.
func word(s run.Spec, name string) string { return strings.Trim(s.Text(name), `"`) }

// tasks returns the data of the networks of a run, the carrier's first.
func tasks(s run.Spec) []string {
	first := s.Data
	if c := word(s, "data_classes"); c != "" {
		first += ":" + c
	}
	list := []string{first}
	for name := range strings.SplitSeq(strings.Trim(s.Text("secrets"), "[]"), ",") {
		if name = strings.Trim(strings.TrimSpace(name), `"`); name != "" {
			list = append(list, name)
		}
	}
	return list
}

// A Setting is a model with its training, apart from what is hidden, and one of its tasks.
type Setting struct {
	Model    string                  `json:"model"` // with what distinguishes it
	Task     string                  `json:"task"`
	Carries  bool                    `json:"carries"`
	Accuracy map[string]study.Sample `json:"valid_accuracy"` // by way, in percent, at the end
	Other    study.Sample            `json:"other_keys"`     // the best of 20 keys, in percent
	Guessing float64                 `json:"guessing"`       // accuracy of a network that has learned nothing; 0: not known
	places   map[string][]int        // of the runs, by way
}

// settings puts runs together that differ in seed and way alone, for each task.
func settings(runs []study.Run) (list []Setting) {
	find := func(model, task string) *Setting {
		i := slices.IndexFunc(list, func(s Setting) bool { return s.Model == model && s.Task == task })
		if i < 0 {
			i = len(list)
			list = append(list, Setting{Model: model, Task: task, Accuracy: map[string]study.Sample{}, places: map[string][]int{}})
		}
		return &list[i]
	}
	for place, r := range runs {
		for k, task := range tasks(r.Spec) {
			s := find(modelOf(r.Spec), task)
			s.Carries = s.Carries || k == 0 && way(r.Spec) != alone
			s.places[way(r.Spec)] = append(s.places[way(r.Spec)], place)
		}
	}
	for i := range list {
		list[i].measure(runs)
	}
	return list
}

// modelOf names the network of a spec.
func modelOf(s run.Spec) string {
	name := s.Model
	for _, f := range []string{"depth", "hidden", "filters", "norm_layer"} {
		if text := word(s, f); text != "" {
			name += ", " + f + " " + text
		}
	}
	return name
}

// measure reads the last records of the setting's runs.
func (s *Setting) measure(runs []study.Run) {
	var other []float64
	for way, places := range s.places {
		var x []float64
		for _, at := range places {
			if n := len(runs[at].Records); n > 0 {
				last := runs[at].Records[n-1]
				x = append(x, 100*accuracyOf(runs[at].Spec, s.Task, last))
				if v, ok := last.Get("other_key_accuracy"); ok && way == permuted && len(v.Vector) > 0 {
					other = append(other, 100*slices.Max(v.Vector))
				}
			}
		}
		s.Accuracy[way] = study.SampleOf(x)
	}
	if !s.Carries {
		s.Other = study.SampleOf(other)
	}
}

// accuracyOf returns the validation accuracy of a task in a record; NaN if it has none.
func accuracyOf(spec run.Spec, task string, r run.Record) float64 {
	if v, ok := r.Get("valid_task_accuracy"); ok {
		if k := slices.Index(tasks(spec), task); k >= 0 && k < len(v.Vector) {
			return v.Vector[k]
		}
		return math.NaN()
	}
	if v, ok := r.Get("valid_accuracy"); ok && way(spec) == alone {
		return v.Value
	}
	return math.NaN()
}
