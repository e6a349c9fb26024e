package plot

import (
	"cmp"
	"fmt"
	"math"

	"breakeven/internal/digits"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Plane shows paths whose points carry a value, drawn as their colour with a scale beside it:
// trajectories, and what was measured along them.
type Plane struct {
	Title, X, Y string
	Paths       []Path
	Unit        string // beside the scale
	Log         bool   // the scale is logarithmic
}

// A Path is points of a [Plane], joined in order. Its last point is larger.
type Path struct {
	Name   string
	X, Y   []float64
	Values []float64 // as many as points; NaN is grey
	Colour int       // number of the colour of the line, from 1; 0: the place of the path
}

// SVG implements [Picture].
func (p Plane) SVG(w, h int) ([]byte, error) { return toSVG(p, w, h) }

// PNG implements [Picture].
func (p Plane) PNG(w, h int) ([]byte, error) { return toPNG(p, w, h) }

func (p Plane) check() error {
	for _, path := range p.Paths {
		if len(path.X) != len(path.Y) || len(path.X) != len(path.Values) {
			return fmt.Errorf("plot: path %q has %d values of x, %d of y and %d to be coloured", path.Name, len(path.X), len(path.Y), len(path.Values))
		}
	}
	return nil
}

func (p Plane) draw(c draw.Canvas) {
	var names []entry
	var xs, ys, values []float64
	for i, path := range p.Paths {
		if path.Name != "" {
			names = append(names, entry{path.Name, stroke(path.colour(i), false), path.Colour})
		}
		for k, x := range path.X {
			if (axis{}).shows(x) && (axis{}).shows(path.Y[k]) {
				xs, ys, values = append(xs, x), append(ys, path.Y[k]), append(values, path.Values[k])
			}
		}
	}
	f := newFrame(c, p.Title, names)
	x, y := newAxis(p.X, xs, false, false, 0.05), newAxis(p.Y, ys, false, false, 0.05)
	if len(xs) == 0 {
		f.layout(x, y)
		f.empty()
		return
	}
	scale := newAxis(p.Unit, values, p.Log, false, 0)
	scale.mark(6)
	f.area.Max.X -= 14 + 10 + tickGap + scale.width()
	if p.Unit != "" {
		f.area.Max.X -= axisText.size + 5
	}
	f.layout(x, y)
	f.grid()
	f.labels()
	for i, path := range p.Paths {
		f.group(path.Colour, func() { p.path(f, path, path.colour(i), scale) })
	}
	f.scaleBar(scale, sequential)
}

// path draws one path, and says its values.
func (p Plane) path(f *frame, path Path, colour int, scale axis) {
	line := stroke(colour, false)
	line.Width = 0.9
	f.lines(path.X, path.Y, line)
	f.pieces(path.X, path.Y, func(lo, hi int) {
		for k := lo; k < hi; k++ {
			radius, tint := vg.Length(3), nobody
			if k == len(path.X)-1 {
				radius = 5
			}
			if v := path.Values[k]; scale.shows(v) {
				tint = shade(sequential, scale.on(v))
			}
			f.disc(f.at(path.X[k], path.Y[k]), radius+0.8, line)
			f.disc(f.at(path.X[k], path.Y[k]), radius, draw.LineStyle{Color: tint})
		}
	})
	f.spots(path.X, path.Y, func(k int) string {
		text := "not measured"
		if v := path.Values[k]; !math.IsNaN(v) {
			text = digits.Significant(v, 4)
		}
		return fmt.Sprintf("%s, point %d: %s", cmp.Or(path.Name, p.Title), k+1, text)
	})
}

// colour returns the number of the colour of path i.
func (p Path) colour(i int) int { return cmp.Or(p.Colour, i+1) }
