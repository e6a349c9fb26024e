package study

import (
	"slices"
	"strings"

	"breakeven/run"
)

// A Heading is a title over panels, which [Draw] makes a [Group] of.
type Heading struct {
	Title    string
	Panels   []Panel
	Planes   []Plane // drawn if a run has their keys
	Spectrum bool    // add the last spectral density of each run
}

// A Panel says which record keys are drawn in one figure, and how.
type Panel struct {
	Keys    []string // the first as a full line, further ones dashed; the first names the figure
	Title   string
	Caption string                   // what to see
	Line    string                   // the same of the levels, if one is drawn
	Dashed  string                   // what the dashed curves are, if there are any
	Level   float64                  // a level that is the same for all runs; 0: none
	LevelOf func(s run.Spec) float64 // one for each run
	Mark    string                   // the name of these levels
	MarkOf  func(s run.Spec) string  // one for each run, in place of Mark
	Log     bool                     // a logarithmic axis is welcome if the values are far apart
}

// Draw returns the figures of the headings along the trajectories, and under a
// last heading one for each further key that was measured.
func Draw(headings []Heading, ts []Trajectory) []Group {
	var groups []Group
	drawn := map[string]bool{}
	for _, h := range headings {
		g := Group{Title: h.Title}
		for _, p := range h.Panels {
			g.Figures = append(g.Figures, p.figure(ts))
			for _, key := range p.Keys {
				drawn[key] = true
			}
		}
		for _, p := range h.Planes {
			if f := p.figure(ts); len(f.Curves) > 0 {
				g.Figures = append(g.Figures, f)
			}
		}
		if f := spectrum(ts); h.Spectrum && len(f.Curves) > 0 {
			g.Figures = append(g.Figures, f)
		}
		groups = append(groups, g)
	}
	other := Group{Title: "Other measurements"}
	var records []run.Record
	for _, t := range ts {
		records = append(records, t.Records...)
	}
	for _, k := range run.Measured(records) {
		if !drawn[k.Name] && !k.Vector && measured(ts, k.Name) {
			other.Figures = append(other.Figures, plainPanel(k).figure(ts))
		}
	}
	return append(groups, other)
}

// plainPanel returns the panel of a key that nobody has said anything about.
func plainPanel(k run.Key) Panel {
	p := Panel{Keys: []string{k.Name}, Title: k.Symbol}
	if p.Title == "" {
		p.Title = k.Name
	}
	if k.Meaning != "" {
		p.Caption = strings.ToUpper(k.Meaning[:1]) + k.Meaning[1:] + "."
	}
	return p
}

// figure returns the panel along the trajectories, without curves if none has
// its keys.
func (p Panel) figure(ts []Trajectory) Figure {
	f := Figure{Name: p.Keys[0], Title: p.Title, X: axis(ts), Y: Axis(p.Keys[0])}
	caption := []string{p.Caption}
	var keys []string
	var values []float64
	for _, key := range p.Keys {
		if !measured(ts, key) {
			continue
		}
		for _, t := range ts {
			c := t.curve(key, f.X)
			c.Name = t.Name
			if c.Dashed = len(keys) > 0; c.Dashed {
				c.Name += ", " + key
			}
			c.Unlisted = c.Dashed || len(c.Y) == 0
			f.Curves = append(f.Curves, c)
			values = append(values, c.Y...)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return f
	}
	if len(keys) > 1 {
		caption = append(caption, p.Dashed)
	}
	f.Marks = p.marks(ts, f.X)
	levels := 0
	for _, m := range f.Marks {
		if m.Level {
			values = append(values, m.At)
			levels++
		}
	}
	if levels > 0 {
		caption = append(caption, p.Line)
	}
	f.Caption = strings.TrimSpace(strings.Join(caption, " "))
	f.LogY = logarithmic(values, p.Log)
	f.Numbers = numbers(ts, keys)
	return f
}

// Axis returns the name of a key beside an axis: its symbol, or its name if that is longer than an
// axis, and its unit.
func Axis(key string) string {
	k, _ := run.LookupKey(key)
	label := k.Symbol
	if label == "" || len([]rune(label)) > 30 {
		label = strings.ReplaceAll(key, "_", " ")
	}
	if k.Unit == "1" || k.Unit == "" {
		return label
	}
	return label + " (" + k.Unit + ")"
}

// marks returns the levels of the panel, equal ones once, and the marks of the
// trajectories.
func (p Panel) marks(ts []Trajectory, x string) []Mark {
	var marks []Mark
	if p.Level != 0 {
		marks = append(marks, Mark{At: p.Level, Name: p.Mark, Level: true})
	}
	seen := map[float64]bool{}
	for _, t := range ts {
		if p.LevelOf == nil || len(t.Records) == 0 {
			continue
		}
		if at := p.LevelOf(t.Spec); finite(at) && !seen[at] {
			seen[at] = true
			name := p.Mark
			if p.MarkOf != nil {
				name = p.MarkOf(t.Spec)
			}
			marks = append(marks, Mark{At: at, Name: name, Level: true, Run: t.Place})
		}
	}
	for _, t := range ts {
		for _, m := range t.Marks {
			if m.Run = t.Place; x == "epoch" && finite(m.At) {
				marks = append(marks, m)
			}
		}
	}
	return marks
}

// logarithmic reports whether values need a logarithmic axis: all are positive,
// and the largest is far above the rest, so that a linear axis would flatten
// them; or, if one is welcome, they are far apart.
func logarithmic(values []float64, welcome bool) bool {
	values = slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return !finite(v) })
	if len(values) == 0 {
		return false
	}
	slices.Sort(values)
	least, middle, most := values[0], values[len(values)/2], values[len(values)-1]
	return least > 0 && (most > 50*middle || welcome && most > 30*least)
}
