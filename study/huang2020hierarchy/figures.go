package huang2020hierarchy

import (
	"fmt"
	"math"

	"breakeven/study"
)

// figures draws the first series against width, which leads, and time, and what goes beyond it.
func figures(all []Series) (lead, more []study.Group) {
	scaling, beyond := study.Group{Title: "Scaling"}, study.Group{Title: "Beyond the paper"}
	wide := several(all)
	if len(wide) == 0 {
		wide = []Series{{}}
	}
	first := wide[0]
	lead = []study.Group{{Figures: []study.Figure{
		first.width("f_error", "Error of the outputs against width", "Largest error of f at the end of the flow, median over networks with 95 %. Dashed: slopes −1, −1 and −2 through the last point.",
			"f_error", 0, 3, "level ", 2, power),
		first.width("k2_error", "Error of the tangent kernel against width", "Largest error of K² at the end of the flow, as before.", "k2_error", 0, 3, "level ", 2, power),
	}}}
	scaling.Figures = []study.Figure{
		first.time("f_error_time", "Error of the outputs in time", "At the largest width. Errors begin as t^p; what is below 1e-9 is the integrator's.", "f_error_path"),
		first.time("k2_error_time", "Error of the tangent kernel in time", "At the largest width. Errors begin as t^(p−1). Level 2 is the drift of the kernel.", "k2_error_path"),
		first.width("sizes", "Sizes of the kernels", "Largest magnitude of K³, K⁴ and K⁵ at the beginning, median over networks with 95 %. Dashed: slopes −1, −1 and −2.", "k_size", 1, 3, "order ", 3,
			func(r int) float64 { return -float64((r - 1) / 2) }),
	}
	beyond.Figures = append(beyond.Figures, eigenvalue(all), explainedFigure(all))
	return lead, []study.Group{scaling, beyond}
}

// width draws entries from on of a key against width, with the expected slopes.
func (s Series) width(name, title, caption, key string, from, count int, word string, first int, expected func(int) float64) study.Figure {
	f := study.Figure{Name: name, Title: title, Caption: caption, X: "width m", LogX: true, LogY: true}
	for l := range count {
		c := study.Curve{Name: fmt.Sprint(word, first+l), Colour: l + 1}
		for _, t := range s.Trials {
			if m, ok := medianOf(entries(t.Records, key, from+l)); ok && m.Value > 0 && m.Lo > 0 {
				c.X, c.Y, c.Lo, c.Hi = append(c.X, float64(t.Width)), append(c.Y, m.Value), append(c.Lo, m.Lo), append(c.Hi, m.Hi)
			}
		}
		if len(c.X) < 2 {
			continue
		}
		end := len(c.X) - 1
		guide := study.Curve{Name: fmt.Sprintf("slope %s", signed(expected(first+l))), Unlisted: true, Colour: l + 1, Dashed: true}
		for _, x := range []float64{c.X[0], c.X[end]} {
			guide.X, guide.Y = append(guide.X, x), append(guide.Y, c.Y[end]*math.Pow(x/c.X[end], expected(first+l)))
		}
		f.Curves = append(f.Curves, c, guide)
	}
	return f
}

// time draws an error against time at the largest width.
func (s Series) time(name, title, caption, key string) study.Figure {
	f := study.Figure{Name: name, Title: title, Caption: caption, X: "time t", LogX: true, LogY: true}
	if len(s.Trials) == 0 {
		return f
	}
	t := s.last()
	for l := range t.levels() {
		c := study.Curve{Name: fmt.Sprint("level ", l+2), Colour: l + 1}
		for i, at := range t.Times {
			if m, ok := t.at(key, l, i); ok && at > 0 && m.Lo > 1e-13 {
				c.X, c.Y, c.Lo, c.Hi = append(c.X, at), append(c.Y, m.Value), append(c.Lo, m.Lo), append(c.Hi, m.Hi)
			}
		}
		if len(c.X) > 1 {
			f.Curves = append(f.Curves, c)
		}
	}
	return f
}

// eigenvalue draws the largest eigenvalue along the flow, exact and predicted, of the first
// network on images, or of the first there is.
func eigenvalue(all []Series) study.Figure {
	f := study.Figure{Name: "k2_max", Title: "Largest eigenvalue of the kernel", X: "time t", LogX: true,
		Caption: "λ_max(K²) of one network along its gradient flow, and as the hierarchy predicts it from kernels at the beginning."}
	if len(all) == 0 {
		return f
	}
	t := all[len(all)-1].Trials[0]
	f.Caption = t.Name + ". " + f.Caption
	v, _ := t.Records[0].Get("k2_max_path")
	for i, name := range []string{"exact", "", "level 3", "level 4"} {
		if name == "" || (i+1)*len(t.Times) > len(v.Vector) {
			continue
		}
		c := study.Curve{Name: name, Colour: max(1, i), Dashed: i > 0}
		for k, at := range t.Times {
			if at > 0 {
				c.X, c.Y = append(c.X, at), append(c.Y, v.Vector[i*len(t.Times)+k])
			}
		}
		f.Curves = append(f.Curves, c)
	}
	return f
}

// explainedFigure draws what the levels leave unexplained on images against width.
func explainedFigure(all []Series) study.Figure {
	f := study.Figure{Name: "test_error", Title: "Error on test images", X: "width m", LogX: true, LogY: true,
		Caption: "Root mean square distance of the truncated hierarchy from the trained network on test images; that of level 2 is the distance from regression with the initial kernel."}
	for _, s := range several(all) {
		if s.Trials[0].Images {
			g := s.width("", "", "", "test_error", 0, 3, "level ", 2, power)
			for _, c := range g.Curves {
				if !c.Dashed {
					f.Curves = append(f.Curves, c)
				}
			}
			return f
		}
	}
	return f
}
