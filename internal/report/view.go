package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"breakeven/internal/plot"
	"breakeven/study"
)

// A view is what the template reads.
type view struct {
	Page
	Style     template.CSS
	Subtitle  string
	Several   bool // runs
	Together  bool // no picture is of a single run: what they show together comes first
	Cards     []card
	Sections  []section
	Lead      []drawnGroup
	Groups    []drawnGroup
	Unseen    string // names of what was not measured
	Footnotes []string
}

// A card is a run at a glance and in full.
type card struct {
	Run
	Class    string // of its colour, and of its curves in every picture
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
}

func newView(p Page) (*view, error) {
	a := p.Analysis
	if len(a.Runs) != len(p.Runs) {
		return nil, fmt.Errorf("report: %d runs, and an analysis of %d", len(p.Runs), len(a.Runs))
	}
	v := &view{Page: p, Style: style + colours(len(p.Runs)), Subtitle: subtitle(p.Runs, a.Subject), Several: len(p.Runs) > 1, Together: len(a.Sections) > 0 && !ofRuns(a)}
	if v.Title == "" {
		v.Title = cmp.Or(a.Subject, title(p.Runs))
	}
	differ := differences(p.Runs)
	for i, r := range p.Runs {
		if r.Name = a.Runs[i].Name; r.ID == "" {
			r.ID = r.Spec.ID()
		}
		v.Cards = append(v.Cards, card{
			Run: r, Class: class(i), Dashed: plot.SwatchOf(i + 1).Dashed, How: how(r),
			Finding: v.section(a.Runs[i].Section, r.Name+": ", r.Name+", not decided: "),
			Facts:   facts(r, differ), Progress: progress(r),
		})
		if t, ok := study.Layers(r.Records); ok {
			if v.Several {
				t.Title = r.Name + ": " + t.Title
			}
			v.Analysis.Tables = append(slices.Clip(v.Analysis.Tables), t)
		}
	}
	for _, s := range a.Sections {
		v.Sections = append(v.Sections, v.section(s, "", s.Title+", not decided: "))
	}
	v.notes("", p.Notes, a.Notes, a.Footnotes)
	return v, v.draw()
}

// ofRuns reports whether some figure has the curve of a run.
func ofRuns(a study.Analysis) bool {
	return slices.ContainsFunc(slices.Concat(a.Lead, a.Groups), func(g study.Group) bool {
		return slices.ContainsFunc(g.Figures, func(f study.Figure) bool {
			return slices.ContainsFunc(f.Curves, func(c study.Curve) bool { return c.Run > 0 })
		})
	})
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
func (v *view) draw() (err error) {
	var seen, unseen []string
	under := func(groups []study.Group) (all []drawnGroup) {
		for _, g := range groups {
			d := drawnGroup{Title: g.Title}
			for _, f := range g.Figures {
				if len(f.Curves) == 0 {
					if !slices.Contains(unseen, f.Title) {
						unseen = append(unseen, f.Title)
					}
					continue
				}
				pic, failed := draw(f)
				if err == nil {
					err = failed
				}
				if v.Pictures != "" {
					pic.File = v.Pictures + f.Name + ".svg"
				}
				d.Figures, seen = append(d.Figures, pic), append(seen, f.Title)
			}
			if len(d.Figures) > 0 {
				all = append(all, d)
			}
		}
		return all
	}
	v.Lead, v.Groups = under(v.Analysis.Lead), under(v.Analysis.Groups)
	if len(seen) > 0 { // what another group shows was measured
		unseen = slices.DeleteFunc(unseen, func(title string) bool { return slices.Contains(seen, title) })
		v.Unseen = strings.Join(unseen, "; ")
	}
	return err
}

// class is that of run i, counted from 0, in page and pictures.
func class(i int) string { return fmt.Sprintf("run%d", i+1) }

// colours returns the style of the runs: their colours, on dark paper too, and that the
// curves of a run are hidden if its box is not checked.
func colours(runs int) template.CSS {
	var light, dark strings.Builder
	for i := range runs {
		c := plot.SwatchOf(i + 1)
		fmt.Fprintf(&light, ".%s { --run: %s; }\n", class(i), c.Light)
		fmt.Fprintf(&light, "body:has(#show%d:not(:checked)) svg .%s { display: none; }\n", i+1, class(i))
		fmt.Fprintf(&dark, ".%s { --run: %s; }\n", class(i), c.Dark)
	}
	return template.CSS(fmt.Sprintf("%s@media screen and (prefers-color-scheme: dark) {\n%s%s}\n", light.String(), dark.String(), plot.Dark()))
}
