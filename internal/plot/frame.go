package plot

import (
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var (
	titleText  = lettering{size: 12, bold: true, tint: ink}
	legendText = lettering{size: 9.5, tint: ink}
	axisText   = lettering{size: 9.5, tint: ink}
	tickText   = lettering{size: 9, tint: muted}
)

const (
	margin  vg.Length = 9  // around the whole picture
	sample  vg.Length = 18 // length of a line in the legend
	tickGap vg.Length = 5  // between an axis and its tick labels
)

// An entry is one line of a legend.
type entry struct {
	name  string
	line  draw.LineStyle
	group int // that of the series
}

// A frame is everything around the data: title, legend, axes.
type frame struct {
	draw.Canvas
	area vg.Rectangle // of the data
	x, y axis
}

// at returns the place of a point of data.
func (f *frame) at(x, y float64) vg.Point {
	return vg.Point{X: f.across(x), Y: f.up(y)}
}

func (f *frame) across(x float64) vg.Length {
	return f.area.Min.X + vg.Length(f.x.on(x))*f.area.Size().X
}

func (f *frame) up(y float64) vg.Length {
	return f.area.Min.Y + vg.Length(f.y.on(y))*f.area.Size().Y
}

// newFrame lays out and draws a frame without its axes. Its area is what remains below the title
// and the legend.
func newFrame(c draw.Canvas, title string, entries []entry) *frame {
	f := &frame{Canvas: c, area: vg.Rectangle{
		Min: c.Min.Add(vg.Point{X: margin, Y: margin}),
		Max: c.Max.Sub(vg.Point{X: margin, Y: margin}),
	}}
	if title != "" {
		f.area.Max.Y -= titleText.capital()
		titleText.write(c, vg.Point{X: f.area.Min.X, Y: f.area.Max.Y}, 0, 0, 0, titleText.cut(title, f.area.Size().X))
		f.area.Max.Y -= 9
	}
	f.legend(entries)
	return f
}

// legend draws the entries in rows, in at most a third of the height.
func (f *frame) legend(entries []entry) {
	if len(entries) == 0 {
		return
	}
	const between, row = 16, 13
	x, y := f.area.Min.X, f.area.Max.Y-legendText.capital()
	lowest := y - max(0, f.area.Size().Y/3-row)
	for i, e := range entries {
		name := legendText.cut(e.name, f.area.Size().X-sample-5)
		w := sample + 5 + legendText.width(name)
		if x > f.area.Min.X && x+w > f.area.Max.X {
			if y-row < lowest {
				legendText.write(f.Canvas, vg.Point{X: f.area.Min.X, Y: y - row}, 0, 0, 0, fmt.Sprintf("and %d more", len(entries)-i))
				y -= row
				break
			}
			x, y = f.area.Min.X, y-row
		}
		f.group(e.group, func() {
			f.StrokeLine2(e.line, x, y+legendText.capital()/2, x+sample, y+legendText.capital()/2)
			legendText.write(f.Canvas, vg.Point{X: x + sample + 5, Y: y}, 0, 0, 0, name)
		})
		x += w + between
	}
	f.area.Max.Y = y - 9
}

// layout divides the rest of the area between the two axes and the data.
func (f *frame) layout(x, y axis) {
	f.area.Min.Y += tickText.capital() + tickGap
	if x.label != "" {
		f.area.Min.Y += axisText.size + 5
	}
	f.area.Max.Y -= tickText.capital() / 2
	y.mark(int(f.area.Size().Y / 30))
	if y.label != "" {
		f.area.Min.X += axisText.size + 5
	}
	f.area.Min.X += y.width() + tickGap
	x.mark(int(f.area.Size().X / 55))
	if n := len(x.ticks); n > 0 {
		f.area.Max.X -= max(0, tickText.width(x.ticks[n-1].label)/2-margin/2)
	}
	f.area.Max.X = max(f.area.Max.X, f.area.Min.X+1) // a picture too small to read, but drawn
	f.area.Max.Y = max(f.area.Max.Y, f.area.Min.Y+1)
	f.x, f.y = x, y
}

// width is the width of the tick labels.
func (a *axis) width() (w vg.Length) {
	for _, t := range a.ticks {
		w = max(w, tickText.width(t.label))
	}
	return w
}

func (f *frame) grid() {
	thin := draw.LineStyle{Color: pale, Width: 0.6}
	for _, t := range f.y.ticks {
		f.StrokeLine2(thin, f.area.Min.X, f.up(t.at), f.area.Max.X, f.up(t.at))
	}
	base := draw.LineStyle{Color: muted, Width: 0.8}
	f.StrokeLine2(base, f.area.Min.X, f.area.Min.Y, f.area.Max.X, f.area.Min.Y)
	for _, t := range f.x.ticks {
		f.StrokeLine2(base, f.across(t.at), f.area.Min.Y, f.across(t.at), f.area.Min.Y-2.5)
	}
}

func (f *frame) labels() {
	for _, t := range f.x.ticks {
		tickText.write(f.Canvas, vg.Point{X: f.across(t.at), Y: f.area.Min.Y - tickGap}, 0.5, 1, 0, t.label)
	}
	for _, t := range f.y.ticks {
		tickText.write(f.Canvas, vg.Point{X: f.area.Min.X - tickGap, Y: f.up(t.at)}, 1, 0.5, 0, t.label)
	}
	mid := vg.Point{X: (f.area.Min.X + f.area.Max.X) / 2, Y: (f.area.Min.Y + f.area.Max.Y) / 2}
	below := f.area.Min.Y - tickGap - tickText.capital() - 5 - axisText.capital()
	axisText.write(f.Canvas, vg.Point{X: mid.X, Y: below}, 0.5, 0, 0, axisText.cut(f.x.label, f.Size().X-2*margin))
	left := f.area.Min.X - tickGap - f.y.width() - 5 - axisText.capital()
	axisText.write(f.Canvas, vg.Point{X: left, Y: mid.Y}, 0.5, 1, upwards, axisText.cut(f.y.label, f.area.Size().Y+margin))
}

// empty draws the axes without values.
func (f *frame) empty() {
	f.x.ticks, f.y.ticks = nil, nil
	f.grid()
	f.labels()
	note := lettering{size: 11, tint: muted}
	mid := vg.Point{X: (f.area.Min.X + f.area.Max.X) / 2, Y: (f.area.Min.Y + f.area.Max.Y) / 2}
	note.write(f.Canvas, mid, 0.5, 0.5, 0, "nothing to show")
}
