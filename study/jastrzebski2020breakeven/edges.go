package jastrzebski2020breakeven

import (
	"fmt"
	"math"

	"breakeven/run"
	"breakeven/study"
)

// A rule says of a measurement how near it is to a limit of stability: at 1 it is there, above 1 past it.
type rule struct {
	name string
	at   func(rec run.Record, eta float64) Figure
}

// stepRules are about the next step and the full loss; all are one and the same if the step goes along
// e_H¹ and the loss is a parabola, but for the 20 % of α*.
var stepRules = []rule{
	{"ηλ_H¹/2", half("h_max")},
	{"ηλ_c/2", half("critical_sharpness")},
	{"1/α*", func(rec run.Record, _ float64) Figure { return quotient(Figure{Value: 1}, figure(rec, "step_margin")) }},
}

// noiseRules are three accounts of what small batches do to the limit 2/η of the full one.
var noiseRules = []rule{
	{"left side of Eq. 1", func(rec run.Record, _ float64) Figure { return figure(rec, "stability") }},
	{"batch sharpness · η/2", half("batch_sharpness")},
	{"(λ_H¹ + ΔS) · η/2", func(rec run.Record, eta float64) Figure {
		return scaled(sum(figure(rec, "h_max"), figure(rec, "sharpness_gap")), eta/2)
	}},
}

// half returns η/2 times a key.
func half(key string) func(rec run.Record, eta float64) Figure {
	return func(rec run.Record, eta float64) Figure { return scaled(figure(rec, key), eta/2) }
}

func scaled(f Figure, by float64) Figure { return Figure{f.Value * by, f.Error * by} }

// sum returns a+b with the error that independent errors give it.
func sum(a, b Figure) Figure { return Figure{a.Value + b.Value, math.Hypot(a.Error, b.Error)} }

// mostEdges is how many settings have figures of their own.
const mostEdges = 4

// edges draws, for one seed of each setting of plain SGD, the rules of steps and those of noise in one
// figure each. A figure needs two rules that were measured.
func edges(ts []study.Trajectory) (figures []study.Figure) {
	seen := map[string]bool{}
	for _, t := range ts {
		setting := t.Spec
		setting.Seed = 0
		if method(t.Spec) != "sgd" || len(seen) == mostEdges || seen[setting.ID()] {
			continue
		}
		for _, of := range []struct {
			rules                []rule
			name, title, caption string
		}{
			{stepRules, "edge-steps", "Limits of a step",
				"Curvature, critical sharpness (a longer step raises the loss) and step margin (it raises it by 20 %), as shares of the step that is taken."},
			{noiseRules, "edge-noise", "Noise at the edge",
				"Three accounts of how the noise of batches lowers the limit 2/η: Eq. 1, batch sharpness, and λ_H¹ held below 2/η by the sharpness gap ΔS, where there is progressive sharpening."},
		} {
			if f := edgeFigure(t, of.rules); len(f.Curves) > 1 {
				f.Name, f.Title, f.Caption = fmt.Sprintf("%s-%d", of.name, t.Place), of.title+": "+t.Name, of.caption+" Each is at its limit at 1."
				figures = append(figures, f)
				seen[setting.ID()] = true
			}
		}
	}
	return figures
}

// edgeFigure draws the rules that were measured along a trajectory.
func edgeFigure(t study.Trajectory, rules []rule) study.Figure {
	f := study.Figure{X: "epoch", Y: "1 is the limit", LogY: true, Marks: []study.Mark{{At: 1, Name: "1", Level: true}}}
	for _, m := range t.Marks {
		if !m.Minor && finite(m.At) {
			f.Marks = append(f.Marks, m)
		}
	}
	for _, r := range rules {
		c := study.Curve{Name: r.name}
		for _, rec := range t.Records {
			v := r.at(rec, t.Spec.LR)
			if !v.Known() {
				continue
			}
			c.X, c.Y = append(c.X, rec.Epoch), append(c.Y, v.Value)
			c.Lo, c.Hi = append(c.Lo, v.Value-v.Error), append(c.Hi, v.Value+v.Error)
			f.LogY = f.LogY && v.Value > 0
		}
		if len(c.X) > 0 {
			f.Curves = append(f.Curves, c)
		}
	}
	return f
}
