package huang2021orthogonal

import (
	"fmt"
	"math"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

// surface is the break-even point of both laws: noise and curvature along the trajectory.
func surface(runs []study.Run) (r result) {
	r.section.Title, r.group.Title = "Noise and curvature along the trajectory", "Noise and curvature of both laws, and the break-even point"
	all := cells(pick(runs, func(r study.Run) bool { return r.Spec.Kind == "descent" && has(r, "h_max") }))
	table := study.Table{Title: "Noise and curvature", Head: []string{"", "largest λ_K¹", "largest λ_H¹", "break-even step", "λ_H¹ there", "final loss"}}
	for k, family := range families(all, "law") {
		for _, key := range []string{"h_max", "k_max", "stability", "loss"} {
			of, _ := run.LookupKey(key)
			f := study.Figure{Name: fmt.Sprintf("surface_%d_%s", k+1, key), Title: of.Symbol, X: "step", Y: of.Symbol, LogY: key != "loss",
				Caption: "The " + of.Meaning + ": mean over seeds with its interval."}
			if key == "stability" {
				f.Marks = []study.Mark{{At: 1, Name: "break-even", Level: true}}
			}
			for _, c := range family {
				if s := trajectory(c, key); len(s.x) > 1 {
					f.Curves = append(f.Curves, s.curve(false))
				}
			}
			if len(f.Curves) > 0 {
				r.group.Figures = append(r.group.Figures, f)
			}
		}
		for _, c := range family {
			var k, h, at, there []float64
			for _, one := range c.runs {
				k, h = append(k, largest(one, "k_max")), append(h, largest(one, "h_max"))
				if step, curvature, ok := breakEven(one); ok {
					at, there = append(at, step), append(there, curvature)
				}
			}
			row := []string{fmt.Sprintf("%s, %s, η = %s", text(c.spec, "law"), shape(c.spec), digits.Significant(c.spec.LR, 6)), mean(k).String(), mean(h).String(),
				mean(at).String(), mean(there).String(), mean(lasts(c.runs, "loss")).String()}
			table.Rows = append(table.Rows, row)
			r.section.Lines = append(r.section.Lines, fmt.Sprintf("%s: largest λ_K¹ %s, largest λ_H¹ %s, break-even at step %s of %d of %d runs, where λ_H¹ is %s.",
				row[0], row[1], row[2], row[3], len(at), len(c.runs), row[4]))
		}
	}
	if len(table.Rows) > 0 {
		r.tables = append(r.tables, table)
	}
	return r
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
