package plot

import (
	"cmp"
	"fmt"
	"slices"

	"breakeven/internal/digits"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// markRow is the height of a row of names above the data.
const markRow vg.Length = 11

var markText = lettering{size: 8.5}

// A pennant is the name of a vertical mark above the data, to the right or to the left of its
// line.
type pennant struct {
	Mark
	x      vg.Length // of the line
	name   string
	lo, hi vg.Length // the ends of the name
	row    int       // 0 is the lowest
}

// maxRows is how many rows of names stand above the data.
const maxRows = 2

// pennants places the names of the vertical marks, from right to left, minor ones last. Names never touch each
// other, nor the lines of others. A name without such a place is left out; its line stays.
func (f *frame) pennants(marks []Mark) []pennant {
	var out []pennant
	for _, m := range marks {
		if !m.Level && f.x.shows(m.At) {
			out = append(out, pennant{Mark: m, x: f.across(m.At), name: markText.cut(m.Name, f.area.Size().X/2)})
		}
	}
	slices.SortStableFunc(out, func(a, b pennant) int {
		if a.Minor != b.Minor {
			return cmp.Compare(rank(a.Minor), rank(b.Minor))
		}
		return cmp.Compare(b.x, a.x)
	})
	for i := range out {
		f.settle(&out[i], out[:i])
	}
	return out
}

func rank(minor bool) int {
	if minor {
		return 1
	}
	return 0
}

// settle puts g into the lowest free row among those placed before, with the name to the right of
// its line if it fits there.
func (f *frame) settle(g *pennant, placed []pennant) {
	w := markText.width(g.name)
	for _, g.lo = range []vg.Length{g.x + 3, g.x - 3 - w} {
		g.hi = g.lo + w
		if g.lo < f.Min.X+margin || g.hi > f.Max.X-margin {
			continue
		}
		for g.row = range maxRows {
			if !slices.ContainsFunc(placed, func(b pennant) bool { return crosses(*g, b) }) {
				return
			}
		}
	}
	g.name, g.row = "", 0
}

const pennantGap = 2

// overlaps reports whether the names of a and b overlap.
func overlaps(a, b pennant) bool {
	return a.row == b.row && a.name != "" && b.name != "" && a.lo < b.hi+pennantGap && b.lo < a.hi+pennantGap
}

// crosses reports whether the names of a and b overlap, or the name of one and the line of the
// other.
func crosses(a, b pennant) bool {
	if a.row > b.row {
		a, b = b, a
	}
	through := a.row < b.row && a.name != "" && b.name != "" && a.lo < b.x+pennantGap && b.x < a.hi+pennantGap
	return through || overlaps(a, b)
}

// makeRoom takes from the area the room for the names above the data.
func (f *frame) makeRoom(marks []Mark, x, y axis) {
	trial := *f
	trial.layout(x, y)
	rows := 0
	for _, g := range trial.pennants(marks) {
		if g.name != "" {
			rows = max(rows, g.row+1)
		}
	}
	f.area.Max.Y -= vg.Length(rows) * markRow
}

// marks draws the lines of the marks and their names.
func (f *frame) marks(marks []Mark) {
	for _, g := range f.pennants(marks) {
		f.group(g.Colour, func() { f.upright(g) })
	}
	for _, m := range marks {
		if m.Level && f.y.shows(m.At) {
			f.group(m.Colour, func() { f.level(m) })
		}
	}
}

// upright draws a vertical mark with its name above the data.
func (f *frame) upright(g pennant) {
	l, top := markText, f.area.Max.Y
	l.tint = letters(g.Colour)
	if g.name != "" {
		base := f.area.Max.Y + vg.Length(g.row)*markRow + 3
		top = base + l.capital()
		l.write(f.Canvas, vg.Point{X: g.lo, Y: base}, 0, 0, 0, g.name)
	}
	f.StrokeLine2(ruleStyle(g.Mark), g.x, f.area.Min.Y, g.x, top)
	f.spot(vg.Point{X: g.x, Y: f.area.Min.Y + spotGap}, markWords(g.Mark, f.x.label))
}

// level draws a horizontal mark with its name at its right end.
func (f *frame) level(m Mark) {
	l, y := markText, f.up(m.At)
	l.tint = letters(m.Colour)
	f.StrokeLine2(ruleStyle(m), f.area.Min.X, y, f.area.Max.X, y)
	l.write(f.Canvas, vg.Point{X: f.area.Max.X, Y: y + 3}, 1, 0, 0, l.cut(m.Name, f.area.Size().X))
	f.spot(vg.Point{X: f.area.Max.X - spotGap, Y: y}, markWords(m, ""))
}

// markWords says what a mark is: "break-even, epoch 0.5".
func markWords(m Mark, axis string) string {
	text := digits.Significant(m.At, 4)
	switch {
	case m.Name == "":
		return axis + " " + text
	case m.Level && m.Name == text:
		return text
	case m.Level:
		return m.Name + " = " + text
	}
	return fmt.Sprintf("%s, %s %s", m.Name, axis, text)
}

func ruleStyle(m Mark) draw.LineStyle {
	return draw.LineStyle{Color: letters(m.Colour), Width: 1, Dashes: []vg.Length{4, 2.5}}
}
