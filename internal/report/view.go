package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"breakeven/study"
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
	Heart     *drawn // the picture that the page begins with; nil: it begins with the runs
	Groups    []drawnGroup
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
	study.Section
	Refs []int
}

type drawnGroup struct {
	Title   string
	Figures []drawn
	Crowded bool // too many runs for their names in every picture
}

func newView(p Page) (*view, error) {
	a := p.Analysis
	if len(a.Runs) != len(p.Runs) {
		return nil, fmt.Errorf("report: %d runs, and an analysis of %d", len(p.Runs), len(a.Runs))
	}
	v := &view{Page: p, Style: style, Subtitle: subtitle(p.Runs, a.Subject)}
	if v.Title == "" {
		v.Title = cmp.Or(a.Subject, title(p.Runs))
	}
	differ := differences(p.Runs)
	for i, r := range p.Runs {
		if r.Name = a.Runs[i].Name; r.ID == "" {
			r.ID = r.Spec.ID()
		}
		v.Cards = append(v.Cards, card{
			Run: r, Colour: colours[i%len(colours)], Dashed: i >= len(colours), How: how(r),
			Finding: v.section(a.Runs[i].Section, r.Name+": ", r.Name+", not decided: "),
			Facts:   facts(r, differ), Progress: progress(r),
		})
	}
	for _, s := range a.Sections {
		v.Sections = append(v.Sections, v.section(s, "", s.Title+", not decided: "))
	}
	v.notes("", p.Notes, a.Notes, a.Footnotes)
	return v, v.draw()
}

// section numbers the notes of s, and what it leaves open; each begins with its
// prefix.
func (v *view) section(s study.Section, noted, open string) section {
	return section{s, append(v.notes(noted, s.Notes), v.notes(open, s.Open)...)}
}

// notes returns the numbers of footnotes, which are added once each.
func (v *view) notes(prefix string, lists ...[]string) []int {
	var refs []int
	for _, n := range slices.Concat(lists...) {
		n = prefix + n
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
	if heart := v.Analysis.Heart; len(heart.Curves) > 0 {
		pic, err := draw(heart)
		if err != nil {
			return err
		}
		v.Heart = &pic
	}
	var seen, unseen []string
	for _, g := range v.Analysis.Groups {
		d := drawnGroup{Title: g.Title}
		for _, f := range g.Figures {
			switch {
			case v.Heart != nil && f.Name == v.Analysis.Heart.Name: // it is there already
				continue
			case len(f.Curves) == 0:
				if !slices.Contains(unseen, f.Title) {
					unseen = append(unseen, f.Title)
				}
				continue
			}
			pic, err := draw(f)
			if err != nil {
				return err
			}
			d.Figures, seen = append(d.Figures, pic), append(seen, f.Title)
			d.Crowded = d.Crowded || crowded(f)
		}
		if len(d.Figures) > 0 {
			v.Groups = append(v.Groups, d)
		}
	}
	if len(v.Groups) > 0 { // what another group shows was measured
		unseen = slices.DeleteFunc(unseen, func(title string) bool { return slices.Contains(seen, title) })
		v.Unseen = strings.Join(unseen, "; ")
	}
	return nil
}
