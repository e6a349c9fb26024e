package izadi2020natural

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"breakeven/run"
	"breakeven/study"
)

// methodName is the paper's name of a method.
func methodName(method string) string {
	if name, ok := map[string]string{"adam": "Adam", "momentum": "SGD", "sgd": "SGD without momentum"}[method]; ok {
		return name
	}
	return method
}

// label says how a run trains.
func label(s run.Spec) string {
	words := []string{methodName(s.Method)}
	switch form := s.Text("precondition"); form {
	case "":
	case "steps":
		words[0] += " with KFAC's steps alone"
	default:
		words[0] += "-" + strings.ToUpper(form)
	}
	if s.Text("precondition") != "" {
		epsilon := s.Text("damping")
		if epsilon == "" {
			epsilon = "0.01"
		}
		words = append(words, "ε = "+epsilon)
	}
	if g := s.Text("gamma"); g != "" {
		words = append(words, "γ = "+g)
	}
	if n := s.Text("update_every"); n != "" {
		words = append(words, "every "+n+" steps")
	}
	return strings.Join(words, ", ")
}

// place says what is learned.
func place(s run.Spec) string {
	part := s.Text("graph_split")
	if part == "" {
		part = "public"
	}
	return s.Data + ", " + part
}

// name names settings by their labels, with the data if these differ, and counts those that are
// called the same.
func name(list []Setting) {
	differ := slices.ContainsFunc(list, func(s Setting) bool { return place(s.Spec) != place(list[0].Spec) })
	seen := map[string]int{}
	for i := range list {
		list[i].Name = label(list[i].Spec)
		if differ {
			list[i].Name = place(list[i].Spec) + ": " + list[i].Name
		}
		if seen[list[i].Name]++; seen[list[i].Name] > 1 {
			list[i].Name += fmt.Sprintf(" (%d)", seen[list[i].Name])
		}
	}
}

// published are the accuracies of Papers with Code for the paper's method, SSP.
var published = map[string]string{
	"cora, public": "82.84 ± 0.87", "citeseer, public": "74.28 ± 0.67", "cora, complete": "90.16 ± 0.59", "citeseer, complete": "80.52 ± 0.14",
}

// table lists the settings.
func table(list []Setting) study.Table {
	t := study.Table{Title: "Ways to train", Head: []string{"", "seeds", "test accuracy (%)", "least valid. loss", "steps to loss 1", "published SSP"},
		Note: "Mean ± deviation of single runs. The test accuracy is that at the least validation loss."}
	for _, s := range list {
		p := published[place(s.Spec)]
		if p == "" || s.Spec.Text("gamma") == "" || s.Spec.Text("precondition") == "" {
			p = study.Empty
		}
		t.Rows = append(t.Rows, []string{s.Name, fmt.Sprint(s.Runs), s.Accuracy.String(), s.Valid.String(), s.Steps.String(), p})
	}
	return t
}

// A Verdict is what a pair of settings says.
type verdict struct {
	title, good, bad string
	of, than         study.Sample
}

// section says whether the first setting is more accurate than the second.
func (v verdict) section() study.Section {
	s := study.Section{Title: v.title, Badge: "no difference", Lines: []string{fmt.Sprintf("%v %% against %v %%.", v.of, v.than)}}
	switch {
	case v.of.Above(v.than):
		s.Badge, s.Tone = v.good, "good"
	case v.than.Above(v.of):
		s.Badge, s.Tone = v.bad, "bad"
	case v.of.N < 2 || v.than.N < 2:
		s.Badge = "open"
		s.Open = []string{"One seed says nothing about the next: two or more are needed."}
	}
	return s
}

// inOrder returns a curve with its points in the order of X.
func inOrder(c study.Curve) study.Curve {
	order := make([]int, len(c.X))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(c.X[i], c.X[j]) })
	sorted := c
	sorted.X, sorted.Y, sorted.Lo, sorted.Hi = nil, nil, nil, nil
	for _, i := range order {
		sorted.X, sorted.Y = append(sorted.X, c.X[i]), append(sorted.Y, c.Y[i])
		sorted.Lo, sorted.Hi = append(sorted.Lo, c.Lo[i]), append(sorted.Hi, c.Hi[i])
	}
	return sorted
}
