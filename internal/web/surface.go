package web

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"breakeven/run"
	"breakeven/study"
)

// An axis is a setting that extremes are drawn against.
type axis struct {
	name string // beside the axis and in the caption
	of   func(run.Spec) float64
}

var (
	rate = axis{"learning rate η", func(s run.Spec) float64 { return s.LR }}
	size = axis{"batch size S", func(s run.Spec) float64 { return float64(s.Batch) }}
)

// mostCurves is how many curves a figure has; with more values of the other setting than that there is
// one curve for all of them.
const mostCurves = 8

// surfaces returns the figures of a sweep: each of the extremes against the learning rate, with a curve for
// each batch size, and against the batch size, with one for each learning rate. What does not vary is
// no axis.
func surfaces(specs []run.Spec, known []summary) (figures []study.Figure) {
	for i, x := range shown {
		values := make([]float64, len(known))
		for k, s := range known {
			values[k] = s.values[i]
		}
		for _, axes := range [][2]axis{{rate, size}, {size, rate}} {
			if f := against(axes[0], axes[1], specs, values); len(f.Curves) > 0 {
				f.Name, f.Title = x.key+"-"+axes[0].name, upper(x.name)+" against the "+axes[0].name
				f.Y, f.LogY = x.name, !slices.ContainsFunc(values, func(v float64) bool { return v <= 0 })
				figures = append(figures, f)
			}
		}
	}
	return figures
}

// against returns the mean of the values of all specs that agree in two settings against one of them.
func against(x, other axis, specs []run.Spec, values []float64) study.Figure {
	groups := map[float64]map[float64][]float64{} // by other, then by x
	at := map[float64]bool{}
	for i, s := range specs {
		if v := values[i]; !math.IsNaN(v) && x.of(s) > 0 {
			if groups[other.of(s)] == nil {
				groups[other.of(s)] = map[float64][]float64{}
			}
			groups[other.of(s)][x.of(s)] = append(groups[other.of(s)][x.of(s)], v)
			at[x.of(s)] = true
		}
	}
	if len(at) < 2 {
		return study.Figure{}
	}
	if len(groups) > mostCurves {
		all := map[float64][]float64{}
		for _, g := range groups {
			for place, list := range g {
				all[place] = append(all[place], list...)
			}
		}
		groups = map[float64]map[float64][]float64{0: all}
	}
	f := study.Figure{X: x.name, LogX: true, Caption: "Mean of the trials that agree in both settings, from the least to the largest of them."}
	for i, g := range slices.Sorted(maps.Keys(groups)) {
		c := study.Curve{Name: fmt.Sprintf("%s = %g", other.name, g), Colour: i + 1}
		if len(groups) == 1 && g == 0 {
			c.Name = "all"
		}
		for _, place := range slices.Sorted(maps.Keys(groups[g])) {
			list := groups[g][place]
			c.X, c.Y = append(c.X, place), append(c.Y, study.SampleOf(list).Mean)
			c.Lo, c.Hi = append(c.Lo, slices.Min(list)), append(c.Hi, slices.Max(list))
		}
		f.Curves = append(f.Curves, c)
	}
	return f
}

// upper returns a text that begins with a capital.
func upper(text string) string {
	if text == "" || cmp.Compare(text[:1], "a") < 0 || text[:1] > "z" {
		return text
	}
	return string(text[0]-'a'+'A') + text[1:]
}
