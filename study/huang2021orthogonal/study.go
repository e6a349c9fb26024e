package huang2021orthogonal

import (
	"slices"
	"strings"

	"breakeven/run"
	"breakeven/study"
)

// Study is the entry of the catalogue.
var Study = study.Study{
	Name:  "huang2021orthogonal",
	Title: "On the Neural Tangent Kernel of Deep Networks with Orthogonal Initialization",
	Paper: "Huang, Du and Xu, IJCAI 2021 (arXiv 2004.05867)",
	Doc: "Compares networks with normal and with orthogonal initial weights: their kernels before training with those of infinite width, how far " +
		"these move in training, training in the regime of the tangent kernel beside its closed form, and the steps that deep networks need outside of it.",
	Claims: []study.Claim{
		{Text: "The kernels of networks before training converge to those of infinite width, the same for normal and for orthogonal weights; " +
			"the error falls as width to the −1/2.", Figures: []string{"1"}},
		{Text: "In training the tangent kernel changes less the wider the network is, and as little with orthogonal as with normal weights.", Figures: []string{"2"}},
		{Text: "In the regime of the tangent kernel the curves of both kinds of weights overlap: orthogonal weights are no faster.", Figures: []string{"3"}},
		{Text: "Outside of it deep tanh networks with orthogonal weights learn faster: the more so the deeper they are and the larger the learning rate is, " +
			"and less so the wider they are.", Figures: []string{"4"}},
		{Text: "Convolutional networks have the same limit with normal weights and with taps that are orthogonal (a theorem, which the paper's code " +
			"does not test).", Figures: []string{"cnn"}},
		{Text: "Not of the paper: the spread of the kernel over networks grows with depth for normal weights and less, or not at all, for orthogonal ones " +
			"(finite-width theory: arXiv 2310.07765, 2508.11522).", Figures: []string{"spread"}},
		{Text: "Not of the paper: noise and curvature along the trajectory, and the break-even point, of both kinds of weights.", Figures: []string{"surface"}},
	},
	Kinds: []string{"kernel", "limit", "descent"},
	Prefers: func(specs []run.Spec) bool {
		return !slices.ContainsFunc(specs, func(s run.Spec) bool { return s.Model != model })
	},
	Scales:  scales,
	Analyze: analyze,
}

// A result is what one part of the study shows.
type result struct {
	section  study.Section
	headline string
	lead     []study.Figure // those that show it
	group    study.Group    // the others
	tables   []study.Table
	rows     [][]string // of the table of all parts
}

// empty reports whether there were no runs for a part.
func (r result) empty() bool {
	return len(r.lead) == 0 && len(r.group.Figures) == 0 && len(r.section.Lines) == 0 && len(r.section.Open) == 0
}

// few is up to how many runs there is a row for each before all else.
const few = 12

// analyze says what runs show.
func analyze(runs []study.Run) study.Analysis {
	runs = study.Named(runs, label)
	a := study.Analysis{Subject: "networks with normal and with orthogonal initial weights"}
	for _, r := range runs {
		f := finding(r)
		if len(runs) > few { // tables say it
			f.Section.More, f.Section.Lines = f.Section.Lines, nil
		}
		a.Runs = append(a.Runs, f)
	}
	var lead study.Group
	var headlines []string
	whole := study.Table{Title: "Both laws", Head: []string{"", laws[0], laws[1], "expected"}}
	for _, part := range []func([]study.Run) result{kernelErrors, drifts, regime, speed, convolutions, spreads, surface} {
		r := part(runs)
		if r.empty() {
			continue
		}
		a.Sections = append(a.Sections, r.section)
		lead.Figures = append(lead.Figures, r.lead...)
		if r.headline != "" {
			headlines = append(headlines, r.headline)
		}
		if len(r.group.Figures) > 0 {
			a.Groups = append(a.Groups, r.group)
		}
		a.Tables = append(a.Tables, r.tables...)
		whole.Rows = append(whole.Rows, r.rows...)
	}
	a.Headline = strings.Join(headlines, " ")
	if len(lead.Figures) > 0 {
		a.Lead = []study.Group{lead}
	}
	if each := summary(runs); len(runs) > few && len(whole.Rows) > 0 {
		a.Summary = whole
		a.Tables = append(a.Tables, each)
	} else {
		a.Summary = each
	}
	if len(a.Sections) == 0 {
		a.Groups = study.Plain(runs).Groups
	}
	a.Footnotes = []string{"± and bands are 95 % over networks or seeds (Student's t), where there are two or more; ± of an exponent is the standard error of its fit."}
	return a
}
