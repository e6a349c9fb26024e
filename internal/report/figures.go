package report

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"html/template"
	"strconv"

	"breakeven/internal/plot"
	"breakeven/study"
)

// A drawn is a figure ready for the page.
type drawn struct {
	SVG     template.HTML
	Caption string
	Numbers string // CSV
	File    string // address of the picture as a file; "": there is none
}

// few is how many runs have room for their names in a picture of the page. Beyond it the
// names stand once above all pictures, and vertical lines have none.
const few = 3

// The size of a picture in pixels, so that its letters stay readable on a
// telephone.
const width, height = 480, 310

// crowded reports whether a figure has more runs than there is room for names.
func crowded(f study.Figure) bool {
	runs := map[int]bool{}
	for _, c := range f.Curves {
		runs[c.Run] = true
	}
	return len(runs) > few
}

// picture returns a figure as something that can be drawn, with the names of all its runs, or
// of a few.
func picture(f study.Figure, all bool) plot.Picture {
	if f.Scale != "" {
		return plane(f)
	}
	many := crowded(f)
	var series []plot.Series
	for _, c := range f.Curves {
		series = append(series, plot.Series{Name: c.Name, Unlisted: c.Unlisted || many && !all && c.Run > 0,
			X: c.X, Y: c.Y, Lo: c.Lo, Hi: c.Hi, Line: c.Line, Colour: max(c.Run, c.Colour), Alone: c.Run == 0, Dashed: c.Dashed})
	}
	var marks []plot.Mark
	for _, m := range f.Marks {
		if many && m.Minor {
			continue
		}
		mark := plot.Mark{At: m.At, Name: m.Name, Level: m.Level, Colour: m.Run, Minor: m.Minor}
		if many && m.Run > 0 {
			mark.Name = ""
		}
		marks = append(marks, mark)
	}
	if f.Area {
		return plot.Density{Title: f.Title, X: f.X, Y: f.Y, Series: series, Marks: marks}
	}
	return plot.Curves{Title: f.Title, X: f.X, Y: f.Y, Series: series, Marks: marks, LogX: f.LogX, LogY: f.LogY}
}

// plane returns a figure whose points are coloured.
func plane(f study.Figure) plot.Picture {
	p := plot.Plane{Title: f.Title, X: f.X, Y: f.Y, Unit: f.Scale, Log: f.LogScale}
	for _, c := range f.Curves {
		p.Paths = append(p.Paths, plot.Path{Name: c.Name, X: c.X, Y: c.Y, Values: c.Values, Colour: max(c.Run, c.Colour)})
	}
	return p
}

// draw returns a figure for the page.
func draw(f study.Figure) (drawn, error) {
	svg, err := picture(f, false).SVG(width, height)
	if err != nil {
		return drawn{}, fmt.Errorf("report: figure %s: %w", f.Title, err)
	}
	d := drawn{SVG: template.HTML(svg), Caption: f.Caption, Numbers: numbers(f)}
	switch {
	case f.LogX && f.LogY:
		d.Caption += " Logarithmic axes."
	case f.LogX || f.LogY || f.Area:
		d.Caption += " Logarithmic axis."
	}
	return d, nil
}

// numbers returns the numbers of a figure as CSV: those that it brings, or the
// points of its curves.
func numbers(f study.Figure) string {
	t := f.Numbers
	if len(t.Rows) == 0 {
		t = Numbers(f)
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write(t.Head)
	w.WriteAll(t.Rows) // to memory: cannot fail
	return b.String()
}

// Numbers returns the points of a figure's curves.
func Numbers(f study.Figure) study.Table {
	t := study.Table{Head: []string{"curve", cmp.Or(f.X, "x"), cmp.Or(f.Y, "y"), "low", "high"}}
	text := func(x float64) string { return strconv.FormatFloat(x, 'g', 8, 64) }
	for _, c := range f.Curves {
		for i := range c.X {
			row := []string{c.Name, text(c.X[i]), text(c.Y[i]), "", ""}
			if c.Lo != nil {
				row[3], row[4] = text(c.Lo[i]), text(c.Hi[i])
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}
