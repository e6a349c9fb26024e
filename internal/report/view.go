package report

import (
	"html/template"
	"slices"
	"strings"
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
	Crowded   bool   // too many runs for their names in every picture
	Unseen    string // names of what was not measured
	Footnotes []string
}

// A card is a run at a glance and in full.
type card struct {
	Run
	Colour   string
	Dashed   bool   // the colour is that of an earlier run, whose curves are full lines
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
	p.Runs = distinct(p.Runs)
	v := &view{Page: p, Style: style, Subtitle: subtitle(p.Runs), Crowded: len(p.Runs) > few}
	if v.Title == "" {
		v.Title = title(p.Runs)
	}
	differ := differences(p.Runs)
	for i, r := range p.Runs {
		v.Cards = append(v.Cards, card{
			Run: r, Colour: colours[i%len(colours)], Dashed: i >= len(colours), Finding: v.section(r.Finding), How: how(r),
			Facts: facts(r, differ), Progress: progress(r),
		})
	}
	for _, s := range p.Findings {
		v.Sections = append(v.Sections, v.section(s))
	}
	v.notes(p.Notes)
	return v, v.draw()
}

// distinct returns the runs with their IDs, and with these in their names where
// two runs have the same name.
func distinct(runs []Run) []Run {
	runs = slices.Clone(runs)
	times := map[string]int{}
	for _, r := range runs {
		times[r.Name]++
	}
	for i, r := range runs {
		if r.ID == "" {
			runs[i].ID = r.Spec.ID()
		}
		if times[r.Name] > 1 {
			runs[i].Name += " (" + runs[i].ID + ")"
		}
	}
	return runs
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
		v.Unseen = strings.Join(unseen, "; ")
	}
	return nil
}
