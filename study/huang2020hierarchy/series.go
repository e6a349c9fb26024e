package huang2020hierarchy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"breakeven/run"
	"breakeven/study"
)

// A Trial is what one run measured, by the settings that the analysis compares.
type Trial struct {
	study.Run
	Width, Depth, Points, Dimension int
	Draw, Activation                string
	Images                          bool
	Time                            float64
	Times                           []float64 // 0 first
}

func trialOf(r study.Run) Trial {
	t := Trial{Run: r, Width: number(r.Spec, "hidden_width"), Depth: number(r.Spec, "hidden_layers"), Points: number(r.Spec, "points"),
		Dimension: number(r.Spec, "dimension"), Draw: setting(r.Spec, "draw"), Activation: strings.Trim(setting(r.Spec, "nonlinearity"), `"`),
		Images: setting(r.Spec, "source") == "data"}
	t.Time, _ = strconv.ParseFloat(setting(r.Spec, "flow_time"), 64)
	for _, rec := range r.Records {
		if v, ok := rec.Get("flow_times"); ok && len(v.Vector) > 1 {
			t.Times = v.Vector
			break
		}
	}
	return t
}

// setting returns the canonical text of a field of the kind.
func setting(s run.Spec, field string) string {
	if text, ok := s.More[field]; ok {
		return text
	}
	return defaults[field]
}

func number(s run.Spec, field string) int {
	n, _ := strconv.Atoi(setting(s, field)) // the field is whole
	return n
}

// levels returns how many levels from 2 on were integrated.
func (t Trial) levels() int {
	for _, rec := range t.Records {
		if v, ok := rec.Get("f_error"); ok && len(v.Vector) > 0 {
			return len(v.Vector)
		}
	}
	return 0
}

// at returns the median of an error along the flow at time i and level 2+l.
func (t Trial) at(key string, l, i int) (Median, bool) {
	return medianOf(entries(t.Records, key, l*len(t.Times)+i))
}

// A Series are trials that differ in the width alone, in ascending order.
type Series struct {
	Name   string
	Trials []Trial
}

// seriesOf groups the trials with records. Those on images come last.
func seriesOf(trials []Trial) []Series {
	by := map[string][]Trial{}
	var keys []string
	for _, t := range trials {
		if len(t.Records) == 0 || t.Times == nil {
			continue
		}
		like := t.Spec
		like.More = maps.Clone(like.More)
		delete(like.More, "hidden_width")
		delete(like.More, "networks")
		delete(like.More, "order")
		key := like.String()
		if by[key] == nil {
			keys = append(keys, key)
		}
		by[key] = append(by[key], t)
	}
	var all []Series
	for _, key := range keys {
		list := by[key]
		slices.SortStableFunc(list, func(a, b Trial) int { return cmp.Compare(a.Width, b.Width) })
		all = append(all, Series{Trials: list})
	}
	slices.SortStableFunc(all, func(a, b Series) int { return cmp.Compare(rank(a), rank(b)) })
	nameSeries(all)
	return all
}

// distinct leaves out series that have the networks of one before, with another rate of
// gradient descent.
func distinct(all []Series) (list []Series) {
	seen := map[string]bool{}
	for _, s := range all {
		fresh := false
		for _, t := range s.Trials {
			key := with(t.Spec, "rate", defaults["rate"]).String()
			fresh, seen[key] = fresh || !seen[key], true
		}
		if fresh {
			list = append(list, s)
		}
	}
	return list
}

// rank puts long series before short ones, and images last.
func rank(s Series) int {
	if s.Trials[0].Images {
		return 1
	}
	return -len(s.Trials)
}

// nameSeries names series by what they do not share.
func nameSeries(all []Series) {
	var specs []run.Spec
	for _, s := range all {
		specs = append(specs, s.Trials[0].Spec)
	}
	for i := range all {
		if all[i].Name = labelBeside(specs[i], specs, "hidden_width", "networks", "order"); all[i].Name == "" {
			all[i].Name = subjectOf(specs[i])
		}
	}
}

// words are what settings are called in labels.
var words = []struct{ field, word string }{
	{"hidden_layers", "H = "}, {"points", "n = "}, {"dimension", "d = "}, {"draw", ""}, {"nonlinearity", ""}, {"rate", "η = "}, {"flow_time", "t = "},
	{"level", "p ≤ "}, {"hidden_width", "m = "}, {"networks", "networks "}, {"order", "order "},
}

// labelBeside names a spec by the settings in which it differs from others, but for some: from
// those on points of another source by its source, from the rest by what else differs.
func labelBeside(s run.Spec, others []run.Spec, but ...string) string {
	var parts []string
	kin := slices.DeleteFunc(slices.Clone(others), func(o run.Spec) bool { return sourceOf(o) != sourceOf(s) })
	if len(kin) < len(others) {
		parts = append(parts, sourceOf(s))
	}
	differ := func(text func(run.Spec) string) bool {
		return slices.ContainsFunc(kin, func(o run.Spec) bool { return text(o) != text(s) })
	}
	for _, w := range words {
		skip := slices.Contains(but, w.field) || w.field == "rate" && setting(s, "rate") == "0"
		if !skip && differ(func(s run.Spec) string { return setting(s, w.field) }) {
			parts = append(parts, w.word+setting(s, w.field))
		}
	}
	if differ(func(s run.Spec) string { return s.Text("seed") }) {
		parts = append(parts, fmt.Sprintf("seed %d", s.Seed))
	}
	return strings.Join(parts, ", ")
}

// sourceOf says where the points are from.
func sourceOf(s run.Spec) string {
	if setting(s, "source") == "data" {
		return s.Data
	}
	return "sphere"
}

// subjectOf says what a spec is about.
func subjectOf(s run.Spec) string {
	where := sourceOf(s)
	if where == "sphere" {
		where += ", d = " + setting(s, "dimension")
	}
	return fmt.Sprintf("%s, H = %s, n = %s, %s", setting(s, "nonlinearity"), setting(s, "hidden_layers"), setting(s, "points"), where)
}

// widths returns the widths as numbers.
func (s Series) widths() []float64 {
	var list []float64
	for _, t := range s.Trials {
		list = append(list, float64(t.Width))
	}
	return list
}

// medians returns those of a number of all networks of each width.
func (s Series) medians(of func(Trial) []float64) []Median {
	list := make([]Median, len(s.Trials))
	for i, t := range s.Trials {
		list[i], _ = medianOf(of(t))
	}
	return list
}

// slope fits the medians against the width.
func (s Series) slope(of func(Trial) []float64) (Slope, bool) { return fit(s.widths(), s.medians(of)) }

// entry reads entry i of a key.
func entry(key string, i int) func(Trial) []float64 {
	return func(t Trial) []float64 { return entries(t.Records, key, i) }
}

// scalar reads a key.
func scalar(key string) func(Trial) []float64 {
	return func(t Trial) []float64 { return scalars(t.Records, key) }
}

// last returns the trial of the largest width.
func (s Series) last() Trial { return s.Trials[len(s.Trials)-1] }
