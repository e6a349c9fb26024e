package guo2020trojannet

import (
	"math"
	"slices"
	"strings"

	"breakeven/run"
	"breakeven/study"
)

// The ways in which networks are trained.
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

// modelOf names the network of a spec.
func modelOf(s run.Spec) string {
	name := s.Model
	for _, f := range []string{"depth", "hidden", "filters"} {
		if text := word(s, f); text != "" {
			name += ", " + f + " " + text
		}
	}
	if norm := word(s, "norm_layer"); norm != "" {
		name += ", " + norm + " norm"
	}
	return name
}

// A Setting is runs that differ in their seeds alone: a model, what it is trained on, and the way.
type Setting struct {
	Model    string         `json:"model"` // with what distinguishes it
	Tasks    []string       `json:"tasks"` // the carrier's first
	Way      string         `json:"way"`
	Accuracy []study.Sample `json:"valid_accuracy"` // of each task, in percent, at the end
	Other    study.Sample   `json:"other_keys"`     // of the secret networks, with the best of 20 keys, in percent
	seeds    map[uint64]int // places of the runs
	ends     map[uint64][]float64
}

// settings puts runs together that differ in their seeds alone. Of two runs with the same seed the later
// one counts.
func settings(runs []study.Run) (list []*Setting) {
	for place, r := range runs {
		model, data, w := modelOf(r.Spec), tasks(r.Spec), way(r.Spec)
		s := find(list, model, data, w)
		if s == nil {
			s = &Setting{Model: model, Tasks: data, Way: w, seeds: map[uint64]int{}, ends: map[uint64][]float64{}}
			list = append(list, s)
		}
		s.seeds[r.Spec.Seed] = place
	}
	for _, s := range list {
		s.measure(runs)
	}
	return list
}

// find returns a setting; nil if there is none.
func find(list []*Setting, model string, tasks []string, way string) *Setting {
	i := slices.IndexFunc(list, func(s *Setting) bool {
		return s.Model == model && s.Way == way && slices.Equal(s.Tasks, tasks)
	})
	if i < 0 {
		return nil
	}
	return list[i]
}

// places returns the places of the setting's runs in the order of their seeds.
func (s *Setting) places() (list []int) {
	for _, at := range s.seeds {
		list = append(list, at)
	}
	slices.Sort(list)
	return list
}

// measure reads the last records of the setting's runs.
func (s *Setting) measure(runs []study.Run) {
	values := make([][]float64, len(s.Tasks))
	var other []float64
	for seed, at := range s.seeds {
		r := runs[at]
		if len(r.Records) == 0 {
			continue
		}
		last := r.Records[len(r.Records)-1]
		s.ends[seed] = accuracies(r.Spec, last)
		for k, x := range s.ends[seed] {
			values[k] = append(values[k], x)
		}
		if v, ok := last.Get("other_key_accuracy"); ok && len(v.Vector) > 0 {
			other = append(other, 100*slices.Max(v.Vector))
		}
	}
	for _, x := range values {
		slices.Sort(x) // for the same sums always
		s.Accuracy = append(s.Accuracy, study.SampleOf(x))
	}
	slices.Sort(other)
	s.Other = study.SampleOf(other)
}

// accuracies returns the validation accuracies of a record, one for each task, in percent; NaN where it
// has none.
func accuracies(spec run.Spec, r run.Record) []float64 {
	list := make([]float64, len(tasks(spec)))
	for k := range list {
		list[k] = math.NaN()
	}
	if v, ok := r.Get("valid_task_accuracy"); ok && len(v.Vector) == len(list) {
		for k, x := range v.Vector {
			list[k] = 100 * x
		}
	} else if v, ok := r.Get("valid_accuracy"); ok && len(list) == 1 {
		list[0] = 100 * v.Value
	}
	return list
}
