package izadi2020natural

import (
	"fmt"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

// An Edge is where a run stands against the bound of stability of its method.
type Edge struct {
	Name    string  `json:"name"`
	Crossed int     `json:"first_step_above"` // −1: none
	Most    float64 `json:"largest"`          // of λ(P⁻¹H) over the bound
	At      int     `json:"step_of_largest"`
	Last    float64 `json:"last"`
	run     study.Run
}

// edges are those of the runs in which it was measured.
func edges(runs []study.Run) (list []Edge) {
	for _, r := range runs {
		e := Edge{Name: label(r.Spec), Crossed: -1, run: r}
		for _, rec := range r.Records {
			v, ok := rec.Get("edge")
			switch {
			case !ok:
				continue
			case v.Value > e.Most:
				e.Most, e.At = v.Value, rec.Step
			}
			if v.Value > 1 && e.Crossed < 0 {
				e.Crossed = rec.Step
			}
			e.Last = v.Value
		}
		if e.Most > 0 {
			list = append(list, e)
		}
	}
	return list
}

// edgeFigures are the figures of these runs.
var edgeFigures = []study.Figure{
	{Name: "edge", Title: "Edge of stability", LogY: true, Marks: []study.Mark{{At: 1, Name: "1", Level: true}},
		Caption: "Largest eigenvalue of P⁻¹H, P what the method divides gradients by, over the largest at which the method is stable with the full batch."},
	{Name: "h_max", Title: "Curvature, λ_H¹", LogY: true, Caption: "H is the Hessian of the training loss, without dropout."},
	{Name: "k_max", Title: "Gradient noise, λ_K¹", LogY: true, Caption: "K is the covariance of the gradients of 14 minibatches of 10 labelled nodes."},
}

// edgeGroup draws the figures.
func edgeGroup(list []Edge) study.Group {
	g := study.Group{Title: "Curvature, noise and the edge of stability"}
	for _, f := range edgeFigures {
		k, _ := run.LookupKey(f.Name)
		f.X, f.Y = "epoch", k.Symbol
		if k.Unit != "1" {
			f.Y += " (" + k.Unit + ")"
		}
		for i, e := range list {
			c := study.Curve{Name: e.Name, Run: i + 1}
			for _, rec := range e.run.Records {
				if v, ok := rec.Get(f.Name); ok {
					c.X, c.Y = append(c.X, rec.Epoch), append(c.Y, v.Value)
				}
			}
			if len(c.X) > 0 {
				f.Curves = append(f.Curves, c)
			}
		}
		if len(f.Curves) > 0 {
			g.Figures = append(g.Figures, f)
		}
	}
	return g
}

// edgeSection says in words what the figures show.
func edgeSection(list []Edge) study.Section {
	s := study.Section{Title: "Where each method stands against its bound of stability"}
	for _, e := range list {
		line := fmt.Sprintf("%s: at most %s of its bound, at step %d; %s at the end.", e.Name, digits.Significant(e.Most, 3), e.At, digits.Significant(e.Last, 3))
		if e.Crossed >= 0 {
			line += fmt.Sprintf(" It is above the bound from step %d.", e.Crossed)
		} else {
			line += " It never reaches the bound."
		}
		s.Lines = append(s.Lines, line)
	}
	return s
}

// withEdges adds figures and sentences to an analysis.
func withEdges(a study.Analysis, list []Edge) study.Analysis {
	if len(list) > 0 {
		a.Groups, a.Sections = append(a.Groups, edgeGroup(list)), append(a.Sections, edgeSection(list))
	}
	return a
}
