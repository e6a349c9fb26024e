package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"

	"breakeven/internal/plot"
	"breakeven/run"
)

// others returns a plain figure for every measured key that groups has not.
func others(runs []Run) []figure {
	drawn := map[string]bool{}
	for _, g := range groups {
		for _, f := range g.figures {
			for _, key := range f.keys {
				drawn[key] = true
			}
		}
	}
	var list []figure
	for _, k := range run.Keys {
		if !drawn[k.Name] && !k.Vector && measured(runs, k.Name) {
			title := k.Symbol
			if title == "" {
				title = k.Name
			}
			list = append(list, figure{keys: []string{k.Name}, title: title, see: sentence(k.Meaning)})
		}
	}
	return list
}

// sentence makes a sentence of a phrase.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// measured reports whether a run has a finite value of a key.
func measured(runs []Run, key string) bool {
	return slices.ContainsFunc(runs, func(r Run) bool {
		return slices.ContainsFunc(r.Records, func(rec run.Record) bool {
			v, ok := rec.Get(key)
			return ok && finite(v.Value)
		})
	})
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// A drawn is a figure ready for the page.
type drawn struct {
	SVG     template.HTML
	Caption string
	Numbers string // CSV
}

// few is how many runs have room for their names in every picture. Beyond it
// the names stand once above the pictures, and vertical lines have none.
const few = 3

// The size of a picture in pixels, so that its letters stay readable on a
// telephone.
const width, height = 480, 310

// curves returns the figure for the runs and the keys that it shows: none where
// no run has them.
func (f figure) curves(runs []Run) (c plot.Curves, keys []string) {
	c = plot.Curves{Title: f.title, X: axis(runs), Y: f.axisY()}
	values := []float64{}
	for _, key := range f.keys {
		if !measured(runs, key) {
			continue
		}
		for i, r := range runs {
			s := series(r, key, c.X)
			s.Colour, s.Dashed = i+1, len(keys) > 0
			if len(s.Y) > 0 && len(keys) == 0 && len(runs) <= few {
				s.Name = r.Name
			}
			c.Series = append(c.Series, s)
			values = append(values, s.Y...)
		}
		keys = append(keys, key)
	}
	c.Marks = f.marks(runs, c.X)
	for _, m := range c.Marks {
		if m.Level {
			values = append(values, m.At)
		}
	}
	c.LogY = logarithmic(values, f.log)
	return c, keys
}

// draw returns the figure for the page, and false where no run has its keys.
func (f figure) draw(runs []Run) (drawn, bool, error) {
	c, keys := f.curves(runs)
	if len(keys) == 0 {
		return drawn{}, false, nil
	}
	svg, err := c.SVG(width, height)
	if err != nil {
		return drawn{}, false, fmt.Errorf("report: figure %s: %w", f.title, err)
	}
	d := drawn{SVG: template.HTML(svg), Caption: f.see, Numbers: numbers(runs, keys)}
	if c.LogY {
		d.Caption += " Logarithmic axis."
	}
	return d, true, nil
}

func (f figure) axisY() string {
	k, _ := run.LookupKey(f.keys[0])
	label := k.Symbol
	if len(f.keys) > 1 || label == "" || len(label) > 30 {
		label = ""
	}
	switch {
	case k.Unit == "1" || k.Unit == "":
		return label
	case label == "":
		return k.Unit
	default:
		return label + " (" + k.Unit + ")"
	}
}

// axis returns "epoch", or "step" where no record has an epoch.
func axis(runs []Run) string {
	for _, r := range runs {
		for _, rec := range r.Records {
			if rec.Epoch > 0 {
				return "epoch"
			}
		}
	}
	return "step"
}

// series returns a key of a run as a curve, with a band where there are errors.
func series(r Run, key, x string) plot.Series {
	var s plot.Series
	band := false
	for _, rec := range r.Records {
		v, ok := rec.Get(key)
		if !ok {
			continue
		}
		at := rec.Epoch
		if x == "step" {
			at = float64(rec.Step)
		}
		e := max(v.Error, 0)
		if !finite(e) {
			e = 0
		}
		band = band || e > 0
		s.X, s.Y = append(s.X, at), append(s.Y, v.Value)
		s.Lo, s.Hi = append(s.Lo, v.Value-e), append(s.Hi, v.Value+e)
	}
	if !band {
		s.Lo, s.Hi = nil, nil
	}
	return s
}

// marks returns the vertical lines of the runs and the levels of the figure.
func (f figure) marks(runs []Run, x string) []plot.Mark {
	var marks []plot.Mark
	if f.level != 0 {
		marks = append(marks, plot.Mark{At: f.level, Name: f.name, Level: true})
	}
	seen := map[float64]bool{}
	for i, r := range runs {
		if f.levelOf != nil && len(r.Records) > 0 {
			at, colour := f.levelOf(r.Spec), i+1
			if !finite(at) || seen[at] {
				continue
			}
			seen[at] = true
			marks = append(marks, plot.Mark{At: at, Name: named(f.name, runs), Level: true, Colour: colour})
		}
	}
	if x != "epoch" {
		return marks
	}
	for i, r := range runs {
		for _, m := range r.Marks {
			if finite(m.Epoch) && (m.Main || len(runs) <= few) {
				marks = append(marks, plot.Mark{At: m.Epoch, Name: named(m.Name, runs), Colour: i + 1})
			}
		}
	}
	return marks
}

// named returns a name where there is room for it.
func named(name string, runs []Run) string {
	if len(runs) > few {
		return ""
	}
	return name
}

// logarithmic reports whether values need a logarithmic axis: all are positive,
// and the largest is far above the rest, so that a linear axis would flatten
// them; or, where one is welcome, they are far apart.
func logarithmic(values []float64, welcome bool) bool {
	values = slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return !finite(v) })
	if len(values) == 0 {
		return false
	}
	slices.Sort(values)
	least, middle, most := values[0], values[len(values)/2], values[len(values)-1]
	return least > 0 && (most > 50*middle || welcome && most > 30*least)
}

// numbers returns every value of the keys as CSV.
func numbers(runs []Run, keys []string) string {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write([]string{"run", "step", "epoch", "key", "value", "error"})
	text := func(x float64) string { return strconv.FormatFloat(x, 'g', 8, 64) }
	for _, r := range runs {
		for _, rec := range r.Records {
			for _, key := range keys {
				if v, ok := rec.Get(key); ok {
					w.Write([]string{r.Name, strconv.Itoa(rec.Step), text(rec.Epoch), key, text(v.Value), text(v.Error)})
				}
			}
		}
	}
	w.Flush() // to memory: cannot fail
	return b.String()
}
