package jastrzebski2020breakeven

import (
	"slices"
	"strings"

	"breakeven/run"
	"breakeven/study"
)

// labels returns the function that names the runs: by Label, by all else of network and training in which
// they differ, and, where that is not enough, by what is unusual among those of one name.
func labels(runs []study.Run) func(run.Spec) string {
	var specs []run.Spec
	for _, r := range runs {
		specs = append(specs, r.Spec)
	}
	name := settingNames(specs)
	setting := func(s run.Spec) string { s.Seed = 0; return name(s) }
	of := map[string][]run.Spec{}
	for _, s := range specs {
		of[setting(s)] = append(of[setting(s)], s)
	}
	return func(s run.Spec) string {
		words, same := []string{name(s)}, of[setting(s)]
		for _, field := range run.Names(same...) {
			if text := s.Text(field); field != "seed" && field != "probes" && text != "" && len(same) > 1 && text != usual(same, field) {
				words = append(words, fieldWords(field, text))
			}
		}
		return strings.Join(words, ", ")
	}
}

// usual returns the text of a field that most specs have, the first of several. There is at least one spec.
func usual(specs []run.Spec, field string) string {
	count, best := map[string]int{}, specs[0].Text(field)
	for _, s := range specs {
		count[s.Text(field)]++
	}
	for _, s := range specs {
		if text := s.Text(field); count[text] > count[best] {
			best = text
		}
	}
	return best
}

// fieldWords returns "weight decay 0.0005".
func fieldWords(field, text string) string { return strings.ReplaceAll(field, "_", " ") + " " + text }

// settingNames returns the function that names specs by Label, and by all else of network and training in
// which they differ.
func settingNames(specs []run.Spec) func(run.Spec) string {
	differ := func(name string) bool {
		return slices.ContainsFunc(specs, func(s run.Spec) bool { return s.Text(name) != specs[0].Text(name) })
	}
	before, after := []string{}, []string{"method", "momentum", "schedule", "warmup", "weight_decay", "decay", "clip", "precondition", "gamma"}
	if differ("model") || differ("data") {
		before = []string{"model"}
	}
	return func(s run.Spec) string {
		var words []string
		for _, name := range before {
			words = append(words, s.Text(name))
		}
		words = append(words, Label(s))
		for _, name := range after {
			switch text := s.Text(name); {
			case !differ(name):
			case text == "": // a field that this run does not have
			case name == "method" || name == "schedule" || name == "precondition":
				words = append(words, text)
			case name == "momentum":
				if s.Momentum > 0 {
					words = append(words, "β = "+text)
				}
			default:
				words = append(words, fieldWords(name, text))
			}
		}
		return strings.Join(words, ", ")
	}
}
