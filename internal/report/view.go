package report

import (
	"fmt"
	"html/template"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"breakeven/internal/plot"
	"breakeven/run"
)

// colours are those of internal/plot, in its order.
var colours = []string{"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"}

// A view is what the template reads.
type view struct {
	Page
	Style     template.CSS
	Subtitle  string
	Cards     []card
	Sections  []section
	Groups    []drawnGroup
	Unseen    string // names of what was not measured
	Footnotes []string
}

// A card is a run at a glance and in full.
type card struct {
	Run
	Colour   string
	Facts    string // what was trained, where the runs differ in it
	Progress string
	Finding  section
	How      []howRow
}

// A section is a Section whose notes are numbers of footnotes.
type section struct {
	Section
	Refs []int
}

type drawnGroup struct {
	Title   string
	Figures []drawn
}

func newView(p Page) (*view, error) {
	v := &view{Page: p, Style: style, Subtitle: subtitle(p.Runs)}
	if v.Title == "" {
		v.Title = title(p.Runs)
	}
	differ := differences(p.Runs)
	for _, s := range p.Findings {
		v.Sections = append(v.Sections, v.section(s))
	}
	for i, r := range p.Runs {
		if r.ID == "" {
			r.ID = r.Spec.ID()
		}
		v.Cards = append(v.Cards, card{
			Run: r, Colour: colours[i%len(colours)], Finding: v.section(r.Finding), How: how(r),
			Facts: facts(r, differ), Progress: progress(r),
		})
	}
	v.notes(p.Notes)
	return v, v.draw()
}

// section numbers the notes of s.
func (v *view) section(s Section) section { return section{s, v.notes(s.Notes)} }

// notes returns the numbers of footnotes, which are added once each.
func (v *view) notes(notes []string) []int {
	var refs []int
	for _, n := range notes {
		i := slices.Index(v.Footnotes, n)
		if i < 0 {
			v.Footnotes = append(v.Footnotes, n)
			i = len(v.Footnotes) - 1
		}
		refs = append(refs, i+1)
	}
	return refs
}

// draw makes the pictures.
func (v *view) draw() error {
	var unseen []string
	for _, g := range groups {
		d := drawnGroup{Title: g.title}
		figures := g.figures
		if figures == nil {
			figures = others(v.Runs)
		}
		for _, f := range figures {
			pic, ok, err := f.draw(v.Runs)
			if err != nil {
				return err
			}
			if ok {
				d.Figures = append(d.Figures, pic)
			} else {
				unseen = append(unseen, f.title)
			}
		}
		if g.title == "Curvature" {
			if pic, ok, err := density(v.Runs); err != nil {
				return err
			} else if ok {
				d.Figures = append(d.Figures, pic)
			}
		}
		if len(d.Figures) > 0 {
			v.Groups = append(v.Groups, d)
		}
	}
	if len(v.Groups) > 0 {
		v.Unseen = strings.Join(unseen, ", ")
	}
	return nil
}

// density returns the picture of the last spectral density of each run.
func density(runs []Run) (drawn, bool, error) {
	p := plot.Density{Title: "Spectrum of the Hessian", X: "eigenvalue (nat)", Y: "density"}
	var at []string
	for i, r := range runs {
		for _, rec := range slices.Backward(r.Records) {
			d, ok := rec.Get("h_density")
			if !ok || len(d.Vector) < 4 {
				continue
			}
			s := plot.Series{Name: r.Name, Colour: i + 1}
			for j := 0; j+1 < len(d.Vector); j += 2 {
				s.X, s.Y = append(s.X, d.Vector[j]), append(s.Y, d.Vector[j+1])
			}
			p.Series = append(p.Series, s)
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
		SVG: template.HTML(svg), Numbers: densityNumbers(p.Series),
		Caption: "Most eigenvalues lie near 0; those that stand out to the right carry the curvature. " + strings.Join(at, "; ") + ". Logarithmic axis.",
	}, true, nil
}

func densityNumbers(series []plot.Series) string {
	var b strings.Builder
	b.WriteString("run,eigenvalue,density\n")
	for _, s := range series {
		for i := range s.X {
			fmt.Fprintf(&b, "%q,%.6g,%.6g\n", s.Name, s.X[i], s.Y[i])
		}
	}
	return b.String()
}

// title says what was trained on what, as far as the runs share it.
func title(runs []Run) string {
	if len(runs) == 0 {
		return "No runs"
	}
	s, differ := runs[0].Spec, differences(runs)
	switch {
	case slices.Contains(differ, "model") && slices.Contains(differ, "data"):
		return "Several networks and data sets"
	case slices.Contains(differ, "model"):
		return "Several networks on " + s.Data
	case slices.Contains(differ, "data"):
		return s.Model + " on several data sets"
	}
	return s.Model + " on " + s.Data
}

// differences returns the settings in which the runs differ.
func differences(runs []Run) []string {
	var names []string
	for _, field := range run.Fields() {
		for _, r := range runs {
			if setting(r.Spec, field) != setting(runs[0].Spec, field) {
				names = append(names, field)
				break
			}
		}
	}
	return names
}

func setting(s run.Spec, field string) string {
	return fmt.Sprint(reflect.Indirect(reflect.ValueOf(s.Field(field))))
}

// subtitle says in a line how many runs there are and what they share.
func subtitle(runs []Run) string {
	if len(runs) == 0 {
		return ""
	}
	r, differ := runs[0], differences(runs)
	parts := []string{"1 run"}
	if len(runs) > 1 {
		parts[0] = fmt.Sprintf("%d runs", len(runs))
	}
	add := func(field, name string) {
		if !slices.Contains(differ, field) {
			parts = append(parts, name+setting(r.Spec, field))
		}
	}
	add("method", "")
	add("lr", "learning rate ")
	add("batch", "batch ")
	if !slices.Contains(differ, "model") && r.Params > 0 {
		parts = append(parts, thousands(r.Params)+" parameters")
	}
	if !slices.Contains(differ, "data") && !slices.Contains(differ, "train") && r.Train > 0 {
		parts = append(parts, thousands(r.Train)+" training examples")
	}
	add("seed", "seed ")
	return strings.Join(parts, " · ")
}

// facts names the settings of a run that others do not share.
func facts(r Run, differ []string) string {
	var parts []string
	for _, field := range differ {
		parts = append(parts, field+" "+setting(r.Spec, field))
	}
	return strings.Join(parts, ", ")
}

// progress says how far a run is.
func progress(r Run) string {
	n := len(r.Records)
	switch n {
	case 0:
		return "no measurement yet"
	case 1:
		return fmt.Sprintf("1 measurement, at step %d", r.Records[0].Step)
	}
	return fmt.Sprintf("%d measurements to step %d, epoch %.3g", n, r.Records[n-1].Step, r.Records[n-1].Epoch)
}

// thousands writes 45000 as 45,000.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
