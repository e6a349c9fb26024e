package izadi2020natural

import (
	"fmt"
	"slices"

	"breakeven/run"
	"breakeven/study"
)

// analysis says what runs show.
func analysis(runs []study.Run) study.Analysis {
	runs = study.Named(runs, func(s run.Spec) string { return fmt.Sprintf("%s: %s, seed %d", place(s), label(s), s.Seed) })
	list := settings(runs)
	a := study.Analysis{Data: list, Summary: table(list).Filled()}
	for _, r := range runs {
		one := settings([]study.Run{r})[0]
		a.Runs = append(a.Runs, study.Finding{Name: r.Name, Data: one, Section: study.Section{Title: r.Name, Notes: study.Omissions(r.Records),
			Lines: []string{fmt.Sprintf("Test accuracy %v %% at the least validation loss, %v.", one.Accuracy, one.Valid)}}})
	}
	for _, where := range places(list) {
		a.Sections = append(a.Sections, sections(where, at(list, where))...)
	}
	a.Headline = headline(list)
	groups := []study.Group{curvesOf(list, runs, "valid_loss", "Validation loss", "Means over the seeds."),
		curvesOf(list, runs, "test_accuracy", "Test accuracy", "Means over the seeds.")}
	a.Lead, a.Groups = groups[1:], append(groups[:1], curves(list)...)
	if len(list) > 0 {
		a.Notes = []string{"Which ε, γ and method stand behind each published accuracy is not known."}
	}
	return withEdges(a, edges(runs))
}

// places returns what is learned by some setting.
func places(list []Setting) (all []string) {
	for _, s := range list {
		if p := place(s.Spec); !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

func at(list []Setting, where string) []Setting {
	return slices.DeleteFunc(slices.Clone(list), func(s Setting) bool { return place(s.Spec) != where })
}

// best returns the most accurate setting that a condition holds for; none has no runs.
func best(list []Setting, is func(s run.Spec) bool) (b Setting) {
	for _, s := range list {
		if is(s.Spec) && s.Accuracy.Known() && (b.Runs == 0 || s.Accuracy.Mean > b.Accuracy.Mean) {
			b = s
		}
	}
	return b
}

// kind returns a condition: the method, the form of preconditioning, and predicted labels or not.
func kind(method, form string, labels bool) func(run.Spec) bool {
	return func(s run.Spec) bool {
		return s.Method == method && s.Text("precondition") == form && (s.Text("gamma") != "") == labels
	}
}

// sections are the questions that the settings of one place answer.
func sections(where string, list []Setting) (all []study.Section) {
	ask := func(title, good, bad string, a, b func(run.Spec) bool) {
		x, y := best(list, a), best(list, b)
		if x.Runs == 0 || y.Runs == 0 {
			return
		}
		s := verdict{title + " (" + where + ")", good, bad, x.Accuracy, y.Accuracy}.section()
		s.Lines[0] = fmt.Sprintf("%s has %v %%, %s %v %%.", x.Name, x.Accuracy, y.Name, y.Accuracy)
		all = append(all, s)
	}
	ask("Kronecker factors in front of Adam", "they help", "they hurt", kind("adam", "kfac", false), kind("adam", "", false))
	ask("Predicted labels without factors", "they help", "they hurt", kind("adam", "", true), kind("adam", "", false))
	ask("Kronecker factors beside predicted labels", "they help", "they hurt", kind("adam", "kfac", true), kind("adam", "", true))
	ask("Kronecker factors in front of SGD", "they help", "they hurt", kind("momentum", "kfac", false), kind("momentum", "", false))
	ask("Directions of the factors, not only step lengths", "they help", "they hurt", kind("momentum", "kfac", false), kind("momentum", "steps", false))
	return all
}

// headline says in a sentence or two what the first place with enough settings shows.
func headline(list []Setting) string {
	for _, where := range places(list) {
		here := at(list, where)
		plain, labels := best(here, kind("adam", "", false)), best(here, kind("adam", "", true))
		factors, both := best(here, kind("adam", "kfac", false)), best(here, kind("adam", "kfac", true))
		if min(plain.Runs, labels.Runs, factors.Runs, both.Runs) == 0 {
			continue
		}
		text := fmt.Sprintf("On %s Adam classifies %v %% of the test nodes, with Kronecker factors %v, with predicted labels %v, with both %v.",
			where, plain.Accuracy, factors.Accuracy, labels.Accuracy, both.Accuracy)
		switch {
		case labels.Accuracy.Above(plain.Accuracy) && !both.Accuracy.Above(labels.Accuracy):
			text += " What is gained comes from the labels, and needs no curvature."
		case both.Accuracy.Above(labels.Accuracy):
			text += " The factors add to what the labels gain."
		default:
			text += " None of it is decided by so many seeds."
		}
		return text + sgdHeadline(here)
	}
	return ""
}

// sgdHeadline says what the factors do for SGD, and whether their directions matter.
func sgdHeadline(here []Setting) string {
	plain, factors, steps := best(here, kind("momentum", "", false)), best(here, kind("momentum", "kfac", false)), best(here, kind("momentum", "steps", false))
	if min(plain.Runs, factors.Runs, steps.Runs) == 0 {
		return ""
	}
	text := fmt.Sprintf(" SGD has %v %%, with factors %v, and with the lengths of their steps alone %v", plain.Accuracy, factors.Accuracy, steps.Accuracy)
	if factors.Accuracy.Above(steps.Accuracy) {
		return text + ": the directions count."
	}
	return text + ": the steps count, not the directions."
}

// curvesOf draws the mean of a key over the seeds of each setting.
func curvesOf(list []Setting, runs []study.Run, key, title, caption string) study.Group {
	k, _ := run.LookupKey(key)
	f := study.Figure{Name: key, Title: title, Caption: caption, X: "epoch", Y: title}
	if k.Unit != "1" && k.Unit != "" {
		f.Y += " (" + k.Unit + ")"
	}
	for i, s := range list {
		c := study.Curve{Name: s.Name, Run: i + 1}
		var first study.Run
		for _, p := range s.places {
			if len(runs[p].Records) > len(first.Records) {
				first = runs[p]
			}
		}
		for n, rec := range first.Records {
			var values []float64
			for _, p := range s.places {
				if n < len(runs[p].Records) {
					if v, ok := runs[p].Records[n].Get(key); ok {
						values = append(values, v.Value)
					}
				}
			}
			if m := study.SampleOf(values); m.Known() {
				c.X, c.Y = append(c.X, rec.Epoch), append(c.Y, m.Mean)
				c.Lo, c.Hi = append(c.Lo, m.Mean-m.Deviation), append(c.Hi, m.Mean+m.Deviation)
			}
		}
		if len(c.X) > 0 {
			f.Curves = append(f.Curves, c)
		}
	}
	return study.Group{Title: title, Figures: []study.Figure{f}}
}
