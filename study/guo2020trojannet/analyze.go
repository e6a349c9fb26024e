package guo2020trojannet

import (
	"fmt"
	"math"

	"breakeven/run"
	"breakeven/study"
)

// analysis says what runs show.
func analysis(runs []study.Run) study.Analysis {
	runs = study.Named(runs, func(s run.Spec) string { return fmt.Sprintf("%s, %s, seed %d", title(s), way(s), s.Seed) })
	list := settings(runs)
	a := study.Analysis{Subject: "networks hidden in a network", Data: list, Summary: table(list).Filled(), Headline: headline(list)}
	for _, r := range runs {
		f := study.Finding{Name: r.Name, Data: r.Spec, Section: study.Section{Title: r.Name, Notes: study.Omissions(r.Records)}}
		for _, task := range tasks(r.Spec) {
			if n := len(r.Records); n > 0 {
				if v := accuracyOf(r.Spec, task, r.Records[n-1]); !math.IsNaN(v) {
					f.Section.Lines = append(f.Section.Lines, fmt.Sprintf("It classifies %.1f %% of the validation data of %s.", 100*v, task))
				}
			}
		}
		a.Runs = append(a.Runs, f)
	}
	a.Lead = learning(list, runs)
	a.Sections = sections(list)
	if len(runs) > 0 {
		a.Groups = study.Draw(headings, study.Trajectories(runs, func(int) []study.Mark { return nil }))
	}
	if len(list) > 0 {
		a.Notes = []string{"The permutations are those of the seed, which are public. No number of the paper's tables could be read."}
	}
	return a
}

// headings are the instrument's figures: what is measured is the joint loss, the sum of the tasks'.
var headings = []study.Heading{
	{Title: "Curvature and noise", Panels: []study.Panel{
		{Keys: []string{"h_max"}, Title: "Sharpness", Caption: "Largest eigenvalue of the Hessian of the loss that is trained: of a network that hides others it is that of the sum of all losses."},
		{Keys: []string{"k_max"}, Title: "Gradient noise", Caption: "Largest eigenvalue of the covariance of its minibatch gradients."},
	}},
}

func title(s run.Spec) string {
	t := tasks(s)
	text := modelOf(s) + " on " + t[0]
	for _, task := range t[1:] {
		text += " + " + task
	}
	return text
}

// table lists the tasks, and what each way of training gives.
func table(list []Setting) study.Table {
	t := study.Table{Title: "Validation accuracy (%)", Head: []string{"", "alone", permuted, shared, "best of 20 other keys"},
		Note: "Mean ± deviation of single runs, at the end of training."}
	for _, s := range list {
		role := "secret"
		if s.Carries {
			role = "carrier"
		}
		t.Rows = append(t.Rows, []string{fmt.Sprintf("%s: %s (%s)", s.Model, s.Task, role), s.Accuracy[alone].String(), s.Accuracy[permuted].String(),
			s.Accuracy[shared].String(), s.Other.String()})
	}
	return t
}

// pairOf returns the first carrier with a secret network that were measured alone and together.
func pairOf(list []Setting) (carrier, secret Setting, ok bool) {
	for _, c := range list {
		for _, s := range list {
			if c.Model == s.Model && c.Carries && !s.Carries && min(c.Accuracy[alone].N, c.Accuracy[permuted].N, s.Accuracy[alone].N, s.Accuracy[permuted].N) > 0 {
				return c, s, true
			}
		}
	}
	return carrier, secret, false
}

// headline says what the first pair shows.
func headline(list []Setting) string {
	c, s, ok := pairOf(list)
	if !ok {
		return ""
	}
	text := fmt.Sprintf("One set of weights classifies %v %% of %s (trained alone %v) and, read with the key, %v %% of %s (alone %v)",
		c.Accuracy[permuted], c.Task, c.Accuracy[alone], s.Accuracy[permuted], s.Task, s.Accuracy[alone])
	if s.Other.N > 0 {
		text += fmt.Sprintf("; with the best of 20 other keys %v %%", s.Other)
	}
	text += "."
	if c.Accuracy[shared].N > 0 && s.Accuracy[shared].N > 0 {
		text += fmt.Sprintf(" Shared without permutation the weights give %v and %v %%: ", c.Accuracy[shared], s.Accuracy[shared])
		switch own, same := sum(c, s, permuted), sum(c, s, shared); {
		case own.Above(same):
			text += "the permutation also helps."
		case same.Above(own):
			text += "the permutation hides, and costs accuracy."
		default:
			text += "the permutation hides, and whether it helps is not decided by so many seeds."
		}
	}
	return text
}

// sum returns the mean accuracy of carrier and secret network in a way.
func sum(c, s Setting, way string) study.Sample {
	a, b := c.Accuracy[way], s.Accuracy[way]
	return study.Sample{Mean: (a.Mean + b.Mean) / 2, Deviation: math.Hypot(a.Deviation, b.Deviation) / 2, N: min(a.N, b.N)}
}

// sections answer the questions that the settings of each network can.
func sections(list []Setting) (all []study.Section) {
	for _, s := range list {
		who := "the secret network"
		if s.Carries {
			who = "the carrier"
		}
		all = append(all, compare(fmt.Sprintf("What hiding costs %s (%s, %s)", who, s.Model, s.Task), s.Accuracy[permuted], s.Accuracy[alone], "hidden", "alone")...)
		all = append(all, compare(fmt.Sprintf("What the permutation does for %s (%s, %s)", who, s.Model, s.Task), s.Accuracy[permuted], s.Accuracy[shared], "permuted", "as they are")...)
	}
	return all
}

// compare says whether two samples differ.
func compare(title string, a, b study.Sample, nameA, nameB string) []study.Section {
	if a.N == 0 || b.N == 0 {
		return nil
	}
	s := study.Section{Title: title, Badge: "no difference", Lines: []string{fmt.Sprintf("%v %% %s, %v %% %s.", a, nameA, b, nameB)}}
	switch {
	case a.N < 2 || b.N < 2:
		s.Badge, s.Open = "open", []string{"One seed says nothing about the next: two or more are needed."}
	case b.Above(a):
		s.Badge, s.Tone = fmt.Sprintf("%.2g points less", b.Mean-a.Mean), "bad"
	case a.Above(b):
		s.Badge, s.Tone = fmt.Sprintf("%.2g points more", a.Mean-b.Mean), "good"
	}
	return []study.Section{s}
}

// learning draws the validation accuracies of the first pair along training.
func learning(list []Setting, runs []study.Run) []study.Group {
	c, s, ok := pairOf(list)
	if !ok {
		return nil
	}
	f := study.Figure{Name: "two_networks", Title: "Two networks in one set of weights", X: "epoch", Y: "validation accuracy (%)",
		Caption: "Means over the seeds: carrier and secret network trained alone (dashed) and in one set of weights, and what the best of 20 other keys reads."}
	for i, one := range []Setting{c, s} {
		for _, w := range []string{permuted, alone} {
			f.Curves = append(f.Curves, along(one, w, runs, i+1, func(spec run.Spec, r run.Record) float64 { return accuracyOf(spec, one.Task, r) }))
		}
	}
	other := along(s, permuted, runs, 3, func(_ run.Spec, r run.Record) float64 {
		best := math.NaN()
		if v, ok := r.Get("other_key_accuracy"); ok {
			for _, x := range v.Vector {
				best = math.Max(x, best)
				if math.IsNaN(best) {
					best = x
				}
			}
		}
		return best
	})
	other.Name = "other keys"
	f.Curves = append(f.Curves, other)
	return []study.Group{{Title: f.Title, Figures: []study.Figure{f}}}
}

// along returns the mean over the seeds of a number of records.
func along(s Setting, way string, runs []study.Run, colour int, of func(run.Spec, run.Record) float64) study.Curve {
	c := study.Curve{Name: s.Task + ", " + way, Colour: colour, Dashed: way == alone}
	places := s.places[way]
	for n := 0; ; n++ {
		var x []float64
		epoch := 0.0
		for _, at := range places {
			if n < len(runs[at].Records) {
				x = append(x, 100*of(runs[at].Spec, runs[at].Records[n]))
				epoch = runs[at].Records[n].Epoch
			}
		}
		if len(x) == 0 {
			return c
		}
		if m := study.SampleOf(x); m.N > 0 {
			c.X, c.Y = append(c.X, epoch), append(c.Y, m.Mean)
			c.Lo, c.Hi = append(c.Lo, m.Mean-m.Deviation), append(c.Hi, m.Mean+m.Deviation)
		}
	}
}
