package huang2021orthogonal

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

// surface is the break-even point of both laws: noise and curvature along the trajectory.
func surface(runs []study.Run) (r result) {
	r.section.Title, r.group.Title = "Noise and curvature along the trajectory", "Noise and curvature of both laws, and the break-even point"
	all := cells(pick(runs, func(r study.Run) bool { return r.Spec.Kind == "descent" && has(r, "h_max") }))
	table := study.Table{Title: "Noise and curvature", Head: []string{"", "largest λ_K¹", "largest λ_H¹", "runs that break even", "at step", "λ_H¹ there", "final loss"}}
	for k, family := range families(all, "law") {
		for i, same := range byRate(family) {
			r.group.Figures = append(r.group.Figures, surfaceFigures(fmt.Sprintf("surface_%d_%d", k+1, i+1), same)...)
			setting := fmt.Sprintf("%s, η = %s", shape(same[0].spec), digits.Significant(same[0].spec.LR, 6))
			rows := [][]string{{"largest λ_K¹", study.Empty, study.Empty, study.Empty}, {"largest λ_H¹", study.Empty, study.Empty, study.Empty}, {"break-even step", study.Empty, study.Empty, study.Empty}}
			for _, c := range same {
				s := ridgeOf(c)
				law := text(c.spec, "law")
				table.Rows = append(table.Rows, []string{law + ", " + setting, s.k.String(), s.h.String(), fmt.Sprintf("%d of %d", s.at.n, len(c.runs)), s.at.String(), s.there.String(),
					mean(lasts(c.runs, "loss")).String()})
				r.section.Lines = append(r.section.Lines, s.sentence(law, setting, len(c.runs)))
				if column := colour(law); column < 3 {
					rows[0][column], rows[1][column], rows[2][column] = s.k.String(), s.h.String(), s.at.String()
				}
			}
			for _, row := range rows {
				row[0] += " (" + setting + ")"
				r.rows = append(r.rows, row)
			}
		}
	}
	if len(table.Rows) > 0 {
		r.tables = append(r.tables, table)
	}
	return r
}

// byRate splits cells by learning rate, from the smallest.
func byRate(list []cell) [][]cell {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b cell) int { return cmp.Compare(a.spec.LR, b.spec.LR) })
	var all [][]cell
	for i, c := range list {
		if i == 0 || c.spec.LR != list[i-1].spec.LR {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], c)
	}
	return all
}

// surfaceFigures draws noise, curvature, stability and loss of both laws at one learning rate.
func surfaceFigures(name string, list []cell) (all []study.Figure) {
	for _, key := range []string{"h_max", "k_max", "stability", "loss"} {
		of, _ := run.LookupKey(key)
		symbol := of.Symbol
		if symbol == "" || len([]rune(symbol)) > 12 {
			symbol = key
		}
		f := study.Figure{Name: name + "_" + key, Title: fmt.Sprintf("%s, η = %s", symbol, digits.Significant(list[0].spec.LR, 6)), X: "step", Y: symbol,
			LogY: key != "loss", Caption: "The " + of.Meaning + ": mean over seeds with its interval."}
		if key == "stability" {
			f.Marks = []study.Mark{{At: 1, Name: "break-even", Level: true}}
		}
		for _, c := range list {
			if s := trajectory(c, key); len(s.x) > 1 {
				f.Curves = append(f.Curves, s.curve(false))
			}
		}
		if len(f.Curves) > 0 {
			all = append(all, f)
		}
	}
	return all
}

// A ridge is how far the trajectories of a cell went up: the largest noise and curvature, and
// the step of the break-even point, of the runs that have one, with the curvature there.
type ridge struct{ k, h, at, there estimate }

func ridgeOf(c cell) ridge {
	var k, h, at, there []float64
	for _, one := range c.runs {
		k, h = append(k, largest(one, "k_max")), append(h, largest(one, "h_max"))
		if step, curvature, ok := breakEven(one); ok {
			at, there = append(at, step), append(there, curvature)
		}
	}
	return ridge{mean(k), mean(h), mean(at), mean(there)}
}

func (s ridge) sentence(law, setting string, runs int) string {
	text := fmt.Sprintf("%s, %s: the largest λ_K¹ is %s and the largest λ_H¹ %s", law, setting, s.k, s.h)
	if s.at.n == 0 {
		return text + "; no run breaks even."
	}
	return fmt.Sprintf("%s; %d of %d runs break even, at step %s with λ_H¹ = %s.", text, s.at.n, runs, s.at, s.there)
}

// largest returns the largest value of a key, NaN if there is none.
func largest(r study.Run, key string) float64 {
	most := math.NaN()
	for _, rec := range r.Records {
		if v, ok := rec.Get(key); ok && !(most >= v.Value) {
			most = v.Value
		}
	}
	return most
}

// breakEven returns the first step at which the left side of the stability condition is 1 or
// more, and the curvature there.
func breakEven(r study.Run) (step, curvature float64, ok bool) {
	for _, rec := range r.Records {
		if v, measured := rec.Get("stability"); measured && v.Value >= 1 {
			h, _ := rec.Get("h_max")
			return float64(rec.Step), h.Value, true
		}
	}
	return 0, 0, false
}
