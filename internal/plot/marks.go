package plot

import (
	"cmp"
	"slices"

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

// pennants places the names of the vertical marks, from right to left. Names never touch each
// other, and a line crosses another mark's name only if there is no other way.
func (f *frame) pennants(marks []Mark) []pennant {
	var out []pennant
	for _, m := range marks {
		if !m.Level && f.x.shows(m.At) {
			out = append(out, pennant{Mark: m, x: f.across(m.At), name: markText.cut(m.Name, f.area.Size().X/2)})
		}
	}
	slices.SortStableFunc(out, func(a, b pennant) int { return cmp.Compare(b.x, a.x) })
	for i := range out {
		f.settle(&out[i], out[:i])
	}
	return out
}

// settle puts g into the lowest free row among those placed before, with the name to the right of
// its line if it fits there.
func (f *frame) settle(g *pennant, placed []pennant) {
	w := markText.width(g.name)
	for _, clash := range []func(a, b pennant) bool{crosses, overlaps} {
		for _, g.lo = range []vg.Length{g.x + 3, g.x - 3 - w} {
			g.hi = g.lo + w
			if g.lo < f.Min.X+margin || g.hi > f.Max.X-margin {
				continue
			}
			for g.row = range len(placed) + 1 {
				if !slices.ContainsFunc(placed, func(b pennant) bool { return clash(*g, b) }) {
					return
				}
			}
		}
	}
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
	f.area.Max.Y -= min(vg.Length(rows)*markRow, f.area.Size().Y/3)
}

// marks draws the lines of the marks and their names.
func (f *frame) marks(marks []Mark) {
	for _, g := range f.pennants(marks) {
		l, top := markText, f.area.Max.Y
		l.tint = tone(g.Colour)
		if g.name != "" {
			base := f.area.Max.Y + vg.Length(g.row)*markRow + 3
			top = base + l.capital()
			l.write(f.Canvas, vg.Point{X: g.lo, Y: base}, 0, 0, 0, g.name)
		}
		f.StrokeLine2(ruleStyle(g.Mark), g.x, f.area.Min.Y, g.x, top)
	}
	for _, m := range marks {
		if m.Level && f.y.shows(m.At) {
			l, y := markText, f.up(m.At)
			l.tint = tone(m.Colour)
			f.StrokeLine2(ruleStyle(m), f.area.Min.X, y, f.area.Max.X, y)
			l.write(f.Canvas, vg.Point{X: f.area.Max.X, Y: y + 3}, 1, 0, 0, l.cut(m.Name, f.area.Size().X))
		}
	}
}

func ruleStyle(m Mark) draw.LineStyle {
	return draw.LineStyle{Color: faint(tone(m.Colour), 0.85), Width: 1, Dashes: []vg.Length{4, 2.5}}
}
