package jastrzebski2020breakeven

import (
	"slices"

	"breakeven/run"
	"breakeven/study"
)

// Study is the entry of the catalogue.
var Study = study.Study{
	Name:  "jastrzebski2020breakeven",
	Title: "The Break-Even Point on Optimization Trajectories of Deep Neural Networks",
	Paper: "Jastrzębski, Szymczak, Fort, Arpit, Tabor, Cho and Geras, ICLR 2020 (arXiv 2002.09572)",
	Doc: "Trains at several learning rates and batch sizes, measures the noise of the gradient (K) and the curvature of the loss (H) along the way, " +
		"finds the break-even point of every run, and says whether the two conjectures held, also when they did not.",
	Claims: []study.Claim{
		{Text: "Early on the learning rate decides where in the space of functions training goes: runs at two rates come into regions of different λ_K¹ at the same accuracy.",
			Figures: []string{"1"}},
		{Text: "SGD is stable along the top eigenvector of H as long as the left side of Eq. 1 is at most 1; the break-even point is where it first " +
			"reaches 1. A larger learning rate or a smaller batch reaches it at smaller λ_H¹ and λ_K¹."},
		{Text: "In the early phase λ_K¹ and λ_H¹ grow together, and α*, the multiple of the step that raises the loss by 20 %, falls; " +
			"it is close to 2 where they are largest.", Figures: []string{"2"}},
		{Text: "Conjecture 1, variance reduction: the largest λ_K¹ and λ_H¹ along the trajectory are smaller for a larger learning rate or a smaller batch.",
			Figures: []string{"3a", "3b", "3c", "4"}},
		{Text: "Conjecture 2, pre-conditioning: the largest λ_K*/λ_K¹ is larger, and the largest Tr K and Tr H are smaller, for a larger learning rate " +
			"or a smaller batch.", Figures: []string{"3a", "3b", "3c"}},
		{Text: "The largest λ_K¹ and λ_H¹ come early, near 60 % training accuracy on CIFAR-10 and 75 % on IMDB.", Figures: []string{"3a", "3b", "3c", "4"}},
		{Text: "Batch norm alone does not help: too small a learning rate leaves a network with it as badly conditioned as one without.",
			Figures: []string{"5a", "5b"}},
	},
	Kinds:   []string{"descent", "checkpoints"},
	Scales:  scales,
	Analyze: analysis,
	Advise:  Advise,
	Tune:    Tune,
}

// Bands says what the bands of curves over seeds are.
const Bands = "Curves of settings with several seeds are means over them, and bands one standard deviation of single seeds; break-even is marked at the mean of its epochs."

// analysis says what runs show, in the form that is drawn and printed.
func analysis(runs []study.Run) study.Analysis {
	runs = slices.Clone(runs)
	for i, r := range runs {
		runs[i], _ = rated(r)
	}
	label := labels(runs)
	runs = study.Named(runs, label)
	var all []Findings
	var a study.Analysis
	for _, r := range runs {
		f := Analyze(r)
		all = append(all, f)
		a.Runs = append(a.Runs, study.Finding{Name: f.Name, Section: f.Section(), Data: f})
	}
	c := Compare(all)
	a.Sections, a.Data = c.Sections(), c
	if len(runs) > 1 {
		a.Notes = c.Notes
	}
	a.Footnotes = []string{Errors, Assumptions}
	a.Summary, a.Choice = Maxima(all).Filled(), Choices(runs, all)
	a.Tables = []study.Table{Variations(all), AtBreakEven(all), Forecasts(all)}
	a.Headline = headline(all, c)
	ts := study.Trajectories(runs, func(i int) []study.Mark { return all[i].Marks() })
	drawn := study.OverSeeds(ts, label)
	if len(drawn) < len(ts) {
		a.Footnotes = append(a.Footnotes, Bands)
	}
	a.Lead, a.Groups = figures(drawn, ts)
	return a
}

// subject says what was trained on what.
func subject(s run.Spec) string { return s.Model + " on " + s.Data }

// figures draws all headings for each network and data set by itself: curves of
// different networks do not share axes. The first group of each leads. ts are the settings,
// single their runs.
func figures(ts, single []study.Trajectory) (lead, groups []study.Group) {
	var subjects []string
	by, singles := map[string][]study.Trajectory{}, map[string][]study.Trajectory{}
	for _, t := range ts {
		name := subject(t.Spec)
		if by[name] == nil {
			subjects = append(subjects, name)
		}
		by[name] = append(by[name], t)
	}
	for _, t := range single {
		singles[subject(t.Spec)] = append(singles[subject(t.Spec)], t)
	}
	for _, name := range subjects {
		drawn := study.Draw(headings, by[name])
		if f := edges(singles[name]); len(f) > 0 { // behind the lead and break-even
			drawn = slices.Insert(drawn, 2, study.Group{Title: "Accounts of stability", Figures: f})
		}
		if f := functionSpace(singles[name]); len(f) > 0 {
			drawn = slices.Insert(drawn, 1, study.Group{Title: "In the space of functions", Figures: f})
		}
		if len(subjects) > 1 {
			first := by[name][0].Spec
			for _, g := range drawn {
				for i := range g.Figures {
					g.Figures[i].Name += "-" + first.Model + "-" + first.Data
				}
			}
			drawn[0].Title = name
			for i := range drawn[1:] {
				drawn[1+i].Title += ": " + name
			}
		}
		lead, groups = append(lead, drawn[0]), append(groups, drawn[1:]...)
	}
	return lead, groups
}
