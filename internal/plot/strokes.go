package plot

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// pieces calls f for each run of points that can be shown on the axes.
func (f *frame) pieces(x, y []float64, do func(lo, hi int)) {
	start := 0
	for i := 0; i <= len(y); i++ {
		if i < len(y) && f.x.shows(x[i]) && f.y.shows(y[i]) {
			continue
		}
		if i > start {
			do(start, i)
		}
		start = i + 1
	}
}

// lines draws a curve with its gaps. A point between two gaps is drawn as a dot.
func (f *frame) lines(x, y []float64, style draw.LineStyle) {
	f.pieces(x, y, func(lo, hi int) {
		if hi-lo == 1 {
			f.disc(f.at(x[lo], y[lo]), 1.3*style.Width, style)
			return
		}
		var pts []vg.Point
		for i := lo; i < hi; i++ {
			pts = append(pts, f.at(x[i], y[i]))
		}
		if vg.Length(len(pts)) > f.area.Size().X {
			style.Width = min(style.Width, 0.9)
		}
		f.StrokeLines(style, thin(pts))
	})
}

// thin drops points that cannot be seen: of all points within a quarter of a pixel of width it
// keeps the first, the lowest, the highest and the last.
func thin(pts []vg.Point) []vg.Point {
	var out []vg.Point
	for lo := 0; lo < len(pts); {
		hi, low, high := lo, lo, lo
		for ; hi < len(pts) && pts[hi].X >= pts[lo].X && pts[hi].X < pts[lo].X+px/4; hi++ {
			if pts[hi].Y < pts[low].Y {
				low = hi
			}
			if pts[hi].Y > pts[high].Y {
				high = hi
			}
		}
		hi = max(hi, lo+1)
		last := -1
		for _, i := range []int{lo, min(low, high), max(low, high), hi - 1} {
			if i > last {
				out = append(out, pts[i])
				last = i
			}
		}
		lo = hi
	}
	return out
}

func (f *frame) disc(at vg.Point, radius vg.Length, style draw.LineStyle) {
	f.DrawGlyphNoClip(draw.GlyphStyle{Color: style.Color, Radius: radius, Shape: draw.CircleGlyph{}}, at)
}

// dots marks the measurements, if they are far enough apart.
func (f *frame) dots(s Series, colour int) {
	if vg.Length(len(s.Y))*9 > f.area.Size().X {
		return
	}
	f.pieces(s.X, s.Y, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f.disc(f.at(s.X[i], s.Y[i]), 2.1, stroke(colour, false))
		}
	})
}

// band fills the error band, cut off at the axes.
func (f *frame) band(s Series, colour int) {
	if len(s.Lo) == 0 {
		return
	}
	ends := make([]float64, len(s.Y)) // NaN at gaps of the band
	for i := range ends {
		ends[i] = s.Y[i] + 0*s.Lo[i] + 0*s.Hi[i]
		if f.y.log && s.Lo[i] <= 0 {
			ends[i] = s.Y[i] + 0*s.Hi[i] // down to the axis
		}
	}
	f.pieces(s.X, ends, func(lo, hi int) {
		var pts []vg.Point
		for i := lo; i < hi; i++ {
			pts = append(pts, f.at(s.X[i], f.y.clamp(s.Hi[i])))
		}
		for i := hi - 1; i >= lo; i-- {
			pts = append(pts, f.at(s.X[i], f.y.clamp(s.Lo[i])))
		}
		f.FillPolygon(faint(tone(colour), 0.18), pts)
	})
}

// hill draws a curve with the area underneath. Values below the floor are raised to it.
func (f *frame) hill(s Series, colour int, floor float64) {
	f.pieces(s.X, s.Y, func(lo, hi int) {
		var top []vg.Point
		flush := func() {
			if len(top) > 1 {
				area := append(append([]vg.Point(nil), top...), vg.Point{X: top[len(top)-1].X, Y: f.area.Min.Y}, vg.Point{X: top[0].X, Y: f.area.Min.Y})
				f.FillPolygon(faint(tone(colour), 0.16), area)
				f.StrokeLines(stroke(colour, s.Dashed), top)
			}
			top = nil
		}
		for i := lo; i < hi; i++ {
			high := s.Y[i] > floor
			last := i+1 == hi || !(s.Y[i+1] > floor)
			if high || !last || len(top) > 0 {
				top = append(top, f.at(s.X[i], max(s.Y[i], floor)))
			}
			if !high && last {
				flush()
			}
		}
		flush()
	})
}
