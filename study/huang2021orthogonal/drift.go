package huang2021orthogonal

import (
	"fmt"

	"breakeven/internal/digits"
	"breakeven/study"
)

// A released is what the paper's data say of Figure 2: slopes over the five largest widths,
// 256 to 4,096, and of the tangent kernel the changes at releasedWidths.
type released struct {
	what   string
	slopes [2]string // by law
	change [2][]float64
}

var releasedWidths = []float64{16, 64, 256, 1024, 4096}

var releases = []released{
	{"tangent kernel", [2]string{"−0.93", "−0.96"}, [2][]float64{{0.773, 0.409, 0.151, 0.0437, 0.0116}, {0.800, 0.370, 0.128, 0.0353, 0.0089}}},
	{what: "first layer", slopes: [2]string{"−0.5", "−0.5"}},
	{what: "second layer", slopes: [2]string{"−1.0", "−1.0"}},
	{what: "last layer", slopes: [2]string{"−0.54", "−0.54"}},
}

// asymptotic is the width from which on slopes are fitted, as those of the paper's data are.
const asymptotic = 256

// drifts is Figure 2: changes in training against width.
func drifts(runs []study.Run) (r result) {
	r.section.Title, r.group.Title = "Change in training", "Change in training against width (Figure 2)"
	all := cells(pick(runs, func(r study.Run) bool { return r.Spec.Kind == "descent" && has(r, "ntk_change") }))
	for k, family := range families(all, "width", "law") {
		if different(family, "width") < 2 {
			continue
		}
		table := study.Table{Title: "Exponents of the width in the change of kernel and weights", Head: []string{"", "gaussian", "paper", "orthogonal", "paper"},
			Note: "Fitted from width 256 on. The paper's learning rate, time and data are not known: compare slopes only."}
		r.section.Badge, r.section.Tone = "the change vanishes with width", "good"
		for i, of := range releases {
			f := study.Figure{Name: fmt.Sprintf("change_%d_%d", k+1, i), Title: "Change of the " + of.what, LogX: true, LogY: true, X: "width", Y: "relative change",
				Caption: "‖change‖ / ‖initial‖ at the end of training, with its interval over seeds."}
			if of.change[0] != nil {
				f.Caption += " Dashed, the paper's data, of another learning rate and time."
			}
			cells := [2]string{study.Empty, study.Empty}
			for j, law := range laws[:2] {
				s := along(family, law, law, "width", func(c cell) estimate { return mean(changes(c.runs, i)) })
				if len(s.x) < 2 {
					continue
				}
				f.Curves = append(f.Curves, s.curve(false))
				if of.change[j] != nil {
					f.Curves = append(f.Curves, study.Curve{Name: law + ", paper", Unlisted: true, Colour: colour(law), Dashed: true, X: releasedWidths, Y: of.change[j]})
				}
				x := s.from(asymptotic).fit()
				if cells[j] = x.String(); i == 0 {
					r.section.Lines = append(r.section.Lines, fmt.Sprintf("With %s weights the tangent kernel changes by %s at width %v and by %s at width %v, in the end as n^(%v).",
						law, digits.Significant(s.y[0].mean, 3), s.x[0], digits.Significant(s.last().mean, 3), s.x[len(s.x)-1], x))
					if !(x.value < -0.3) {
						r.section.Badge, r.section.Tone = "the change does not vanish", "bad"
					}
				}
			}
			table.Rows = append(table.Rows, []string{of.what, cells[0], of.slopes[0], cells[1], of.slopes[1]})
			r.rows = append(r.rows, []string{"exponent of the width, change of the " + of.what, cells[0], cells[1], of.slopes[0] + ", " + of.slopes[1]})
			r.group.Figures = append(r.group.Figures, f)
		}
		r.tables = append(r.tables, table)
	}
	return r
}

// changes returns the last change of the kernel (0), or of the first, the second or the last
// weights, of each run.
func changes(runs []study.Run, which int) []float64 {
	if which == 0 {
		return lasts(runs, "ntk_change")
	}
	var list []float64
	for _, r := range runs {
		if v, ok := last(r, "weight_change"); ok && len(v.Vector) >= 3 {
			list = append(list, v.Vector[[]int{0, 1, len(v.Vector) - 1}[which-1]])
		}
	}
	return list
}
