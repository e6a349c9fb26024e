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
	odd := map[string][]common{}
	for key, same := range of {
		odd[key] = commons(same)
	}
	return func(s run.Spec) string {
		words := []string{name(s)}
		for _, c := range odd[setting(s)] {
			if text := s.Text(c.field); text != "" && text != c.text {
				words = append(words, fieldWords(c.field, text))
			}
		}
		return strings.Join(words, ", ")
	}
}

// A common is the text that most of some specs have in a field in which they differ.
type common struct{ field, text string }

// commons returns the fields beside seed and probes in which specs differ. There is at least one spec.
func commons(specs []run.Spec) (list []common) {
	for _, field := range run.Names(specs...) {
		if field != "seed" && field != "probes" && differ(specs, field) {
			list = append(list, common{field, usual(specs, field)})
		}
	}
	return list
}

// differ reports whether specs differ in a field.
func differ(specs []run.Spec, field string) bool {
	return slices.ContainsFunc(specs, func(s run.Spec) bool { return s.Text(field) != specs[0].Text(field) })
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
	before, after := []string{}, []string{"method", "momentum", "schedule", "warmup", "weight_decay", "decay", "clip", "precondition", "gamma"}
	after = slices.DeleteFunc(after, func(name string) bool { return !differ(specs, name) })
	if differ(specs, "model") || differ(specs, "data") {
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
