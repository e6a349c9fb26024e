package plot

import (
	"cmp"
	"fmt"
	"math"

	"breakeven/internal/digits"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Series is one curve.
type Series struct {
	Name     string    // what it shows, in the legend and where the pointer rests
	Unlisted bool      // not in the legend
	X, Y     []float64 // the same length; points are joined in order
	Lo, Hi   []float64 // ends of the error band; empty, or as long as Y
	Colour   int       // number of the colour, from 1; 0: the place of the series
	Alone    bool      // is in no group that a page can hide
	Dashed   bool
	Line     []float64 // joins the points in place of Y, which is then faint: an average of it; nil: Y
}

// A Mark is a straight line with a name: the break-even step of a run, the step at which an
// accuracy is reached, a threshold.
type Mark struct {
	At     float64
	Name   string
	Level  bool // a value of Y, not of X
	Colour int  // that of the series it belongs to; 0: grey
	Minor  bool // its name gives way to those of others
}

// Curves are series over a common axis.
type Curves struct {
	Title, X, Y string // X and Y name the axes
	Series      []Series
	Marks       []Mark
	LogX, LogY  bool

	floor float64 // fill the area down to this value, the smallest shown; 0: none
}

// SVG implements [Picture].
func (p Curves) SVG(w, h int) ([]byte, error) { return toSVG(p, w, h) }

// PNG implements [Picture].
func (p Curves) PNG(w, h int) ([]byte, error) { return toPNG(p, w, h) }

func (p Curves) check() error {
	for _, s := range p.Series {
		if len(s.X) != len(s.Y) {
			return fmt.Errorf("plot: series %q has %d values of x and %d of y", s.Name, len(s.X), len(s.Y))
		}
		if n := len(s.Lo); n != len(s.Hi) || n != 0 && n != len(s.Y) {
			return fmt.Errorf("plot: series %q has %d values and an error band of %d and %d", s.Name, len(s.Y), len(s.Lo), len(s.Hi))
		}
		if s.Line != nil && len(s.Line) != len(s.Y) {
			return fmt.Errorf("plot: series %q has %d values and a line of %d", s.Name, len(s.Y), len(s.Line))
		}
	}
	return nil
}

func (p Curves) draw(c draw.Canvas) {
	f := newFrame(c, p.Title, p.entries())
	x, y := p.ranges()
	if !p.any() {
		f.layout(x, y)
		f.empty()
		return
	}
	f.makeRoom(p.Marks, x, y)
	f.layout(x, y)
	f.grid()
	f.labels()
	for i, s := range p.Series {
		f.group(s.class(), func() { f.band(s, p.colour(i)) })
	}
	f.marks(p.Marks)
	for i, s := range p.Series {
		f.group(s.class(), func() { p.series(f, s, p.colour(i)) })
	}
}

// class is the number of the group of the series, 0 if it is in none.
func (s Series) class() int {
	if s.Alone {
		return 0
	}
	return s.Colour
}

// series draws one curve, and says its values.
func (p Curves) series(f *frame, s Series, colour int) {
	switch {
	case p.floor > 0:
		f.hill(s, colour, p.floor)
	case s.Line != nil:
		f.lines(s.X, s.Y, faintLine(colour))
		f.lines(s.X, s.Line, stroke(colour, s.Dashed))
	default:
		f.lines(s.X, s.Y, stroke(colour, s.Dashed))
		f.dots(s, colour)
	}
	f.spots(s.X, s.Y, func(i int) string { return p.value(s, i) })
}

// value says what point i of a series is: "η = 0.1, epoch 0.5: 12.3 ± 0.4".
func (p Curves) value(s Series, i int) string {
	text := digits.Significant(s.Y[i], 4)
	if len(s.Lo) > 0 && (axis{}).shows(s.Lo[i]) && (axis{}).shows(s.Hi[i]) {
		below, above := s.Y[i]-s.Lo[i], s.Hi[i]-s.Y[i]
		if math.Abs(above-below) <= 0.01*math.Abs(above) {
			text = digits.Measured(s.Y[i], above)
		} else {
			text += fmt.Sprintf(" (%s to %s)", digits.Significant(s.Lo[i], 3), digits.Significant(s.Hi[i], 3))
		}
	}
	return fmt.Sprintf("%s, %s %s: %s", cmp.Or(s.Name, p.Title), cmp.Or(p.X, "x"), digits.Significant(s.X[i], 4), text)
}

// colour returns the number of the colour of series i.
func (p Curves) colour(i int) int {
	if c := p.Series[i].Colour; c > 0 {
		return c
	}
	return i + 1
}

func (p Curves) entries() []entry {
	var e []entry
	faded := false
	for i, s := range p.Series {
		if s.Name != "" && !s.Unlisted {
			e = append(e, entry{s.Name, stroke(p.colour(i), s.Dashed), s.class()})
		}
		faded = faded || s.Line != nil
	}
	if faded {
		e = append(e, entry{"measurements", faintLine(0), 0})
	}
	return e
}

// ranges returns the axes. Bands widen the range of y by at most half, so that one large error
// does not flatten the curves.
func (p Curves) ranges() (x, y axis) {
	var xs, ys, bands []float64
	for _, s := range p.Series {
		for i, v := range s.Line {
			if (axis{log: p.LogX}).shows(s.X[i]) && (axis{log: p.LogY}).shows(v) {
				xs, ys = append(xs, s.X[i]), append(ys, v)
			}
		}
		for i, v := range s.Y {
			if (axis{log: p.LogX}).shows(s.X[i]) && (axis{log: p.LogY}).shows(v) {
				xs, ys = append(xs, s.X[i]), append(ys, p.lift(v))
				if len(s.Lo) > 0 {
					bands = append(bands, s.Lo[i], s.Hi[i])
				}
			}
		}
	}
	for _, m := range p.Marks {
		if m.Level {
			ys = append(ys, m.At)
		} else {
			xs = append(xs, m.At)
		}
	}
	if p.floor > 0 {
		ys = append(ys, p.floor)
	}
	room := newAxis("", ys, p.LogY, false, 0.5)
	for _, v := range bands {
		if room.shows(v) && len(ys) > 0 {
			ys = append(ys, room.clamp(v))
		}
	}
	x = newAxis(p.X, xs, p.LogX, true, 0.02)
	y = newAxis(p.Y, ys, p.LogY, true, 0.06)
	if p.floor > 0 {
		y.min = p.floor
	}
	return x, y
}

// lift returns v, or the floor if v is below it.
func (p Curves) lift(v float64) float64 {
	if p.floor > 0 {
		return max(v, p.floor)
	}
	return v
}

// any reports whether there is a point to draw.
func (p Curves) any() bool {
	for _, s := range p.Series {
		for i, v := range s.Y {
			if (axis{log: p.LogX}).shows(s.X[i]) && (axis{log: p.LogY}).shows(v) {
				return true
			}
		}
	}
	return false
}

func stroke(colour int, dashed bool) draw.LineStyle {
	s := draw.LineStyle{Color: tone(colour), Width: 1.7}
	if dashed || colour > len(series) {
		s.Dashes = []vg.Length{5, 3}
	}
	return s
}

func faintLine(colour int) draw.LineStyle {
	return draw.LineStyle{Color: faint(tone(colour), 0.7), Width: 1, Dashes: []vg.Length{1.5, 2}}
}
