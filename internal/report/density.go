package report

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"breakeven/internal/plot"
)

// density returns the picture of the last spectral density of each run.
func density(runs []Run) (drawn, bool, error) {
	p := plot.Density{Title: "Spectrum of the Hessian", X: "eigenvalue (nat)", Y: "density"}
	var at, names []string
	for i, r := range runs {
		for _, rec := range slices.Backward(r.Records) {
			d, ok := rec.Get("h_density")
			if !ok || len(d.Vector) < 4 {
				continue
			}
			s := plot.Series{Name: named(r.Name, runs), Colour: i + 1}
			for j := 0; j+1 < len(d.Vector); j += 2 {
				s.X, s.Y = append(s.X, d.Vector[j]), append(s.Y, d.Vector[j+1])
			}
			p.Series = append(p.Series, s)
			names = append(names, r.Name)
			at = append(at, fmt.Sprintf("%s at step %d", r.Name, rec.Step))
			break
		}
	}
	if len(p.Series) == 0 {
		return drawn{}, false, nil
	}
	svg, err := p.SVG(width, height)
	if err != nil {
		return drawn{}, false, fmt.Errorf("report: spectral density: %w", err)
	}
	return drawn{
		SVG: template.HTML(svg), Numbers: densityNumbers(names, p.Series),
		Caption: "Most eigenvalues lie near 0; those that stand out to the right carry the curvature. " + strings.Join(at, "; ") + ". Logarithmic axis.",
	}, true, nil
}

func densityNumbers(names []string, series []plot.Series) string {
	var b strings.Builder
	b.WriteString("run,eigenvalue,density\n")
	for k, s := range series {
		for i := range s.X {
			fmt.Fprintf(&b, "%q,%.6g,%.6g\n", names[k], s.X[i], s.Y[i])
		}
	}
	return b.String()
}
