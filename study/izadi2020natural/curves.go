package izadi2020natural

import (
	"math"
	"strconv"

	"breakeven/run"
	"breakeven/study"
)

// A grid is a setting of which several values are tried, with everything else as it is usual.
type grid struct {
	figure study.Figure
	at     func(s run.Spec) (x float64, ok bool)
}

// grids over which the test accuracy is drawn, where there are several values.
var drawn = []grid{
	{study.Figure{Name: "damping", Title: "Test accuracy over the damping", X: "ε", LogX: true,
		Caption: "Of Kronecker factors, without predicted labels. A large ε leaves a plain step divided by ε; a small one weakens the weight decay of Adam."},
		func(s run.Spec) (float64, bool) {
			return epsilon(s), s.Text("precondition") == "kfac" && s.Text("gamma") == "" && s.Text("update_every") == ""
		}},
	{study.Figure{Name: "period", Title: "Test accuracy over the update period", X: "steps between inverses", LogX: true,
		Caption: "Of Kronecker factors with ε = 0.01, without predicted labels."},
		func(s run.Spec) (float64, bool) {
			return numberOf(s, "update_every", 50), s.Text("precondition") == "kfac" && s.Text("gamma") == "" && epsilon(s) == 0.01
		}},
	{study.Figure{Name: "gamma", Title: "Test accuracy over γ, without factors", X: "γ",
		Caption: "Predicted labels count with the weight (t/T)^γ."},
		func(s run.Spec) (float64, bool) {
			return numberOf(s, "gamma", math.NaN()), s.Text("precondition") == "" && s.Text("gamma") != ""
		}},
	{study.Figure{Name: "gamma_factors", Title: "Test accuracy over γ, with factors", X: "γ",
		Caption: "Predicted labels count with the weight (t/T)^γ, in the loss and in Kronecker factors with ε = 0.01."},
		func(s run.Spec) (float64, bool) {
			return numberOf(s, "gamma", math.NaN()), s.Text("precondition") == "kfac" && epsilon(s) == 0.01 && s.Text("gamma") != "" && s.Text("update_every") == ""
		}},
}

// numberOf returns a number of a spec that is stored as text.
func numberOf(s run.Spec, name string, usual float64) float64 {
	if x, err := strconv.ParseFloat(s.Text(name), 64); err == nil {
		return x
	}
	return usual
}

// epsilon returns the damping.
func epsilon(s run.Spec) float64 { return numberOf(s, "damping", 0.01) }

// curves draws the test accuracy over each grid.
func curves(list []Setting) (groups []study.Group) {
	for _, g := range drawn {
		f := g.figure
		f.Y = "test accuracy (%)"
		for i, where := range places(list) {
			for j, method := range []string{"adam", "momentum"} {
				c := study.Curve{Name: where + ": " + methodName(method), Run: 2*i + j + 1}
				for _, s := range at(list, where) {
					if x, ok := g.at(s.Spec); ok && s.Spec.Method == method && s.Accuracy.Known() {
						c.X, c.Y = append(c.X, x), append(c.Y, s.Accuracy.Mean)
						c.Lo, c.Hi = append(c.Lo, s.Accuracy.Mean-s.Accuracy.Deviation), append(c.Hi, s.Accuracy.Mean+s.Accuracy.Deviation)
					}
				}
				if len(c.X) > 2 {
					f.Curves = append(f.Curves, inOrder(c))
				}
			}
		}
		if len(f.Curves) > 0 {
			groups = append(groups, study.Group{Title: f.Title, Figures: []study.Figure{f}})
		}
	}
	return groups
}
