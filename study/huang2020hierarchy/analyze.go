package huang2020hierarchy

import (
	"cmp"
	"fmt"
	"slices"

	"breakeven/run"
	"breakeven/study"
)

// analysis says what runs show, in the form that is drawn and printed.
func analysis(runs []study.Run) study.Analysis {
	var specs []run.Spec
	for _, r := range runs {
		specs = append(specs, r.Spec)
	}
	runs = study.Named(runs, func(s run.Spec) string { return cmp.Or(labelBeside(s, specs, "networks", "order"), subjectOf(s)) })
	var a study.Analysis
	var trials []Trial
	for _, r := range runs {
		t := trialOf(r)
		f := t.finding()
		if len(runs) > 1 { // the table says it
			f.Section.More, f.Section.Lines = f.Section.Lines, nil
		}
		trials, a.Runs = append(trials, t), append(a.Runs, f)
	}
	all := seriesOf(trials)
	a.Summary = summary(trials)
	exponents := []Scaling{}
	for _, section := range []func([]Series) (study.Section, []Scaling){inWidth, drift, sizes, inTime, descents, conditions, others, images, averages, largest, laws} {
		if s, found := section(all); len(s.Rows) > 0 {
			a.Sections, exponents = append(a.Sections, s), append(exponents, found...)
		}
	}
	a.Data = exponents
	a.Lead, a.Groups = figures(all)
	if len(a.Sections) > 0 && a.Sections[0].Badge != "" {
		a.Headline = a.Sections[0].Lines[0]
	}
	a.Subject = common(runs)
	a.Notes = []string{"An error here is a maximum over points, or over pairs of points; ± and bands are 95 % over networks, which share their points."}
	return a
}

// common says what the runs are about, as far as they share it.
func common(runs []study.Run) string {
	if len(runs) == 0 {
		return "tangent hierarchy"
	}
	subject := subjectOf(runs[0].Spec)
	for _, r := range runs {
		if one := subjectOf(r.Spec); one != subject {
			return "tangent hierarchy of several networks"
		}
	}
	return subject
}

// Numbers are what one run shows, for JSON.
type Numbers struct {
	Networks int            `json:"networks"`
	Width    int            `json:"width"`
	Medians  map[string]any `json:"medians"`
}

// finding returns what one trial shows by itself.
func (t Trial) finding() study.Finding {
	n := Numbers{Networks: len(t.Records), Width: t.Width, Medians: map[string]any{}}
	s := study.Section{Title: t.Name}
	if len(t.Records) == 0 {
		s.Open = []string{"Nothing was measured yet, so nothing can be said."}
		return study.Finding{Name: t.Name, Section: s, Data: n}
	}
	var f, k2 []string
	for l := range t.levels() {
		if m, ok := medianOf(entries(t.Records, "f_error", l)); ok {
			f = append(f, fmt.Sprintf("%s at level %d", m, l+2))
			n.Medians[fmt.Sprintf("f_error_%d", l+2)] = m.Value
		}
		if m, ok := medianOf(entries(t.Records, "k2_error", l)); ok {
			k2 = append(k2, fmt.Sprintf("%s at level %d", m, l+2))
			n.Medians[fmt.Sprintf("k2_error_%d", l+2)] = m.Value
		}
	}
	s.Badge = fmt.Sprintf("%d networks", len(t.Records))
	of := "median of " + s.Badge
	if len(t.Records) == 1 {
		s.Badge, of = "1 network", "one network"
	}
	if len(f) > 0 {
		s.Lines = append(s.Lines, fmt.Sprintf("At t = %g the truncated hierarchy is off by %s in f, and by %s in K² (%s).", t.Time, list(f), list(k2), of))
	}
	for _, key := range []string{"k2_drift", "k2_min", "k2_max", "flow_loss", "descent_error"} {
		if m, ok := medianOf(scalars(t.Records, key)); ok {
			n.Medians[key] = m.Value
		}
	}
	if m, ok := medianOf(scalars(t.Records, "descent_error")); ok {
		s.Lines = append(s.Lines, fmt.Sprintf("Gradient descent at rate %s is off the flow by %s in f.", setting(t.Spec, "rate"), m))
	}
	if lost := scalars(t.Records, "indefinite"); len(lost) > 0 {
		m, _ := medianOf(lost)
		s.Notes = append(s.Notes, fmt.Sprintf("A truncated K² lost its positive definiteness in %d of %d networks, at t = %s in the median: "+
			"from there on that level is no approximation.", len(lost), len(t.Records), m))
	}
	if t.Status == run.Diverged {
		s.Open = append(s.Open, "The gradient flow of a network could not be followed to its end.")
	}
	return study.Finding{Name: t.Name, Section: s, Data: n}
}

// list writes a list in words.
func list(words []string) string {
	text := ""
	for i, w := range words {
		switch {
		case i > 0 && i == len(words)-1:
			text += " and "
		case i > 0:
			text += ", "
		}
		text += w
	}
	return text
}

// summary has a row for each trial.
func summary(trials []Trial) study.Table {
	t := study.Table{Title: "Median over networks at the end of the flow", Head: []string{"", "networks", "t", "λ_min", "drift",
		"f, p = 2", "p = 3", "p = 4", "K², p = 3", "p = 4"},
		Note: "f and K²: largest errors of the hierarchy truncated at level p. Drift of K²."}
	for _, r := range trials {
		row := []string{r.Name, fmt.Sprint(len(r.Records)), fmt.Sprintf("%g", r.Time), cell(scalars(r.Records, "k2_min")), cell(scalars(r.Records, "k2_drift"))}
		for l := range 3 {
			row = append(row, cell(entries(r.Records, "f_error", l)))
		}
		for l := 1; l < 3; l++ {
			row = append(row, cell(entries(r.Records, "k2_error", l)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// cell writes a median, or that there is none.
func cell(values []float64) string {
	if m, ok := medianOf(values); ok {
		return m.String()
	}
	return study.Empty
}

// several returns the series with two widths or more.
func several(all []Series) []Series {
	return slices.DeleteFunc(slices.Clone(all), func(s Series) bool { return len(s.Trials) < 2 || s.widths()[0] == s.widths()[len(s.Trials)-1] })
}
