package guo2020trojannet

import (
	"fmt"
	"math"
	"strings"

	"breakeven/run"
	"breakeven/study"
)

// analysis says what runs show.
func analysis(runs []study.Run) study.Analysis {
	runs = study.Named(runs, func(s run.Spec) string { return fmt.Sprintf("%s, seed %d", label(s), s.Seed) })
	list := settings(runs)
	a := study.Analysis{Subject: "networks hidden in a network", Data: list, Summary: table(list), Headline: headline(list)}
	for _, r := range runs {
		f := study.Finding{Name: r.Name, Data: r.Spec, Section: study.Section{Title: r.Name, Notes: study.Omissions(r.Records)}}
		if n := len(r.Records); n > 0 {
			for k, x := range accuracies(r.Spec, r.Records[n-1]) {
				if !math.IsNaN(x) {
					f.Section.Lines = append(f.Section.Lines, fmt.Sprintf("It classifies %.1f %% of the validation data of %s.", x, tasks(r.Spec)[k]))
				}
			}
		}
		a.Runs = append(a.Runs, f)
	}
	a.Lead = append(capacity(list), learning(list, runs)...)
	a.Sections = append(sections(list), seen(list, runs)...)
	if len(runs) > 0 {
		all := study.Trajectories(asCarriers(runs), func(int) []study.Mark { return nil })
		a.Groups = study.Draw(headings, study.OverSeeds(all, func(s run.Spec) string { return way(s) + ": " + title(s) }))
	}
	if len(list) > 0 {
		a.Notes = []string{"The permutations are those of the seed, which are public. No number of the paper's tables could be read."}
	}
	return a
}

// headings are the instrument's figures: of the carrier's own loss, and of the loss that is trained, the
// sum of the tasks'.
var headings = []study.Heading{
	{Title: "The carrier's own loss", Panels: []study.Panel{
		{Keys: []string{"carrier_h_max"}, Title: "Sharpness of the carrier's loss", Caption: "Largest eigenvalue of the Hessian of the carrier's loss alone: of a carrier trained alone, and of one whose weights others read, too."},
		{Keys: []string{"carrier_k_max"}, Title: "Gradient noise of the carrier's loss", Caption: "Largest eigenvalue of the covariance of its minibatch gradients."},
		{Keys: []string{"carrier_k_trace"}, Title: "All gradient noise of the carrier's loss", Caption: "Trace of that covariance."},
	}},
	{Title: "Curvature and noise", Panels: []study.Panel{
		{Keys: []string{"h_max"}, Title: "Sharpness", Caption: "Largest eigenvalue of the Hessian of the loss that is trained: of a network that hides others it is that of the sum of all losses."},
		{Keys: []string{"k_max"}, Title: "Gradient noise", Caption: "Largest eigenvalue of the covariance of its minibatch gradients."},
	}},
}

func title(s run.Spec) string { return modelOf(s) + " on " + strings.Join(tasks(s), " + ") }

// label names a setting, without its seed.
func label(s run.Spec) string { return title(s) + ", " + way(s) }

// table has a column for each task and, for each model, a row of the networks alone and one for each
// group and way.
func table(list []*Setting) study.Table {
	t := study.Table{Title: "Validation accuracy (%)", Head: []string{""},
		Note: "Mean ± deviation of single runs, at the end of training. The first of several is the carrier."}
	column := map[string]int{}
	for _, s := range list {
		for _, task := range s.Tasks {
			if column[task] == 0 {
				column[task] = len(t.Head)
				t.Head = append(t.Head, task)
			}
		}
	}
	t.Head = append(t.Head, "best of 20 other keys")
	rows, models := map[string][]string{}, map[string]bool{}
	for _, s := range list {
		models[s.Model] = true
	}
	for _, s := range list {
		name := s.Way
		if s.Way != alone {
			name = strings.Join(s.Tasks, " + ") + ", " + s.Way
		}
		if len(models) > 1 {
			name = s.Model + ": " + name
		}
		row := rows[name]
		if row == nil {
			row = make([]string, len(t.Head))
			for i := range row {
				row[i] = study.Empty
			}
			row[0], rows[name] = name, row
			t.Rows = append(t.Rows, row)
		}
		for k, task := range s.Tasks {
			row[column[task]] = s.Accuracy[k].String()
		}
		if s.Other.Known() {
			row[len(row)-1] = s.Other.String()
		}
	}
	return t.Filled()
}

// headline says what the settings show: of one pair with its numbers, of several in the mean.
func headline(list []*Setting) string {
	cost, gain := compareAll(list, permuted, alone), compareAll(list, permuted, shared)
	switch {
	case len(cost) == 0:
		return ""
	case len(cost) == 1 && cost[0].groups == 1 && cost[0].tasks == 2:
		return pairText(list) + gainText(gain)
	}
	var parts []string
	for _, c := range cost {
		parts = append(parts, fmt.Sprintf("%s points in %s", signed(c.points), c.label()))
	}
	return "Networks that are hidden in one another differ in validation accuracy from the same networks alone by " + strings.Join(parts, " and ") + "." + gainText(gain)
}

// pairText says what the first pair gives.
func pairText(list []*Setting) string {
	for _, s := range list {
		if s.Way != permuted || len(s.Tasks) != 2 {
			continue
		}
		a, b := find(list, s.Model, s.Tasks[:1], alone), find(list, s.Model, s.Tasks[1:], alone)
		if a == nil || b == nil {
			continue
		}
		text := fmt.Sprintf("One set of weights classifies %v %% of %s (trained alone %v) and, read with the key, %v %% of %s (alone %v)",
			s.Accuracy[0], s.Tasks[0], a.Accuracy[0], s.Accuracy[1], s.Tasks[1], b.Accuracy[0])
		if s.Other.Known() {
			text += fmt.Sprintf("; with the best of 20 other keys %v %%", s.Other)
		}
		return text + "."
	}
	return ""
}

// gainText says what the permutation is for, by the comparisons with networks that share weights as
// they are.
func gainText(gain []comparison) (text string) {
	for _, c := range gain {
		of := ""
		if len(gain) > 1 || c.groups > 1 {
			of = " of " + c.label()
		}
		text += fmt.Sprintf(" The permutation%s is worth %s points beside sharing the weights as they are: ", of, signed(c.points))
		switch zero := c.none(); {
		case c.points.Above(zero):
			text += "it also helps."
		case zero.Above(c.points):
			text += "it hides, and costs accuracy."
		default:
			text += "it hides, and whether it helps is not decided by so many seeds."
		}
	}
	return text
}

// sections answer the questions that the comparisons can.
func sections(list []*Setting) (all []study.Section) {
	for _, c := range compareAll(list, permuted, alone) {
		all = append(all, c.section("What hiding costs", "than alone"))
	}
	for _, c := range compareAll(list, permuted, shared) {
		all = append(all, c.section("What the permutation does", "than with weights that are shared as they are"))
	}
	return all
}
