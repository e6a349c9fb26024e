package plot

import (
	"fmt"
	"image"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A HeatMap shows a matrix, such as the Gram matrix of gradients, with row 0 at the top. If there
// are negative values they are blue and positive ones red; otherwise one scale begins at zero.
// Cells that are NaN are grey.
type HeatMap struct {
	Title, X, Y string
	Values      [][]float64 // rows of equal length
	Unit        string      // beside the scale
	// Limit is the magnitude at the end of the scale; larger values have the colour of the
	// end. Zero: the largest finite magnitude.
	Limit float64
}

// SVG implements [Picture].
func (p HeatMap) SVG(w, h int) ([]byte, error) { return toSVG(p, w, h) }

// PNG implements [Picture].
func (p HeatMap) PNG(w, h int) ([]byte, error) { return toPNG(p, w, h) }

func (p HeatMap) check() error {
	for i, row := range p.Values {
		if len(row) != len(p.Values[0]) {
			return fmt.Errorf("plot: heat map %q: row %d has %d cells, row 0 has %d", p.Title, i, len(row), len(p.Values[0]))
		}
	}
	if len(p.Values) > maxSide || len(p.Values) > 0 && len(p.Values[0]) > maxSide {
		return fmt.Errorf("plot: heat map %q of %d×%d cells; at most %d each way", p.Title, len(p.Values), len(p.Values[0]), maxSide)
	}
	return nil
}

func (p HeatMap) draw(c draw.Canvas) {
	if len(p.Values) == 0 || len(p.Values[0]) == 0 {
		Curves{Title: p.Title}.draw(c)
		return
	}
	f := newFrame(c, p.Title, nil)
	scale, low, high := p.scale()
	bar := axis{min: low, max: high, label: p.Unit}
	bar.mark(6)
	f.cells(p, bar.width())
	f.DrawImage(f.area, p.image(scale, low, high))
	f.labels()
	f.scaleBar(bar, scale)
}

// scale returns the colours and the values at their ends.
func (p HeatMap) scale() (scale []uint32, low, high float64) {
	negative := false
	for _, row := range p.Values {
		for _, v := range row {
			if !(axis{}).shows(v) {
				continue
			}
			high = max(high, math.Abs(v))
			negative = negative || v < 0
		}
	}
	if p.Limit > 0 && (axis{}).shows(p.Limit) {
		high = p.Limit
	}
	if high == 0 {
		high = 1
	}
	if negative {
		return diverging, -high, high
	}
	return sequential, 0, high
}

// cells gives the area to the matrix, with square cells if they fit, and leaves room for axes
// and scale.
func (f *frame) cells(p HeatMap, barWidth vg.Length) {
	rows, cols := len(p.Values), len(p.Values[0])
	f.x = axis{min: -0.5, max: float64(cols) - 0.5, label: p.X}
	f.y = axis{min: float64(rows) - 0.5, max: -0.5, label: p.Y}
	down := axis{min: -0.5, max: float64(rows) - 0.5}
	f.area.Min.Y += tickText.capital() + tickGap
	if p.X != "" {
		f.area.Min.Y += axisText.size + 5
	}
	if p.Y != "" {
		f.area.Min.X += axisText.size + 5
	}
	down.markWhole(int(f.area.Size().Y / 30))
	f.y.ticks = down.ticks
	f.area.Min.X += f.y.width() + tickGap
	f.area.Max.X -= 14 + 10 + tickGap + barWidth
	if p.Unit != "" {
		f.area.Max.X -= axisText.size + 5
	}
	cell := min(f.area.Size().X/vg.Length(cols), f.area.Size().Y/vg.Length(rows))
	f.area.Max.X = f.area.Min.X + cell*vg.Length(cols)
	f.area.Min.Y = f.area.Max.Y - cell*vg.Length(rows)
	f.x.markWhole(int(f.area.Size().X / 40))
}

// image returns the cells as pixels. Each cell is several pixels wide, so that no viewer blurs
// neighbouring cells.
func (p HeatMap) image(scale []uint32, low, high float64) image.Image {
	rows, cols := len(p.Values), len(p.Values[0])
	k := max(1, 900/max(rows, cols))
	img := image.NewNRGBA(image.Rect(0, 0, cols*k, rows*k))
	for i, row := range p.Values {
		for j, v := range row {
			c := shade(scale, (min(max(v, low), high)-low)/(high-low))
			for y := i * k; y < (i+1)*k; y++ {
				for x := j * k; x < (j+1)*k; x++ {
					img.SetNRGBA(x, y, c)
				}
			}
		}
	}
	return img
}

// scaleBar draws the scale of colours to the right of the area.
func (f *frame) scaleBar(bar axis, scale []uint32) {
	box := vg.Rectangle{Min: vg.Point{X: f.area.Max.X + 14, Y: f.area.Min.Y}, Max: vg.Point{X: f.area.Max.X + 24, Y: f.area.Max.Y}}
	const steps = 256
	img := image.NewNRGBA(image.Rect(0, 0, 1, steps))
	for i := range steps {
		img.SetNRGBA(0, i, shade(scale, 1-(float64(i)+0.5)/steps))
	}
	f.DrawImage(box, img)
	for _, t := range bar.ticks {
		y := box.Min.Y + vg.Length(bar.on(t.at))*box.Size().Y
		tickText.write(f.Canvas, vg.Point{X: box.Max.X + tickGap, Y: y}, 0, 0.5, 0, t.label)
	}
	x := box.Max.X + tickGap + bar.width() + 5
	axisText.write(f.Canvas, vg.Point{X: x, Y: (box.Min.Y + box.Max.Y) / 2}, 0.5, 1, upwards, bar.label)
}
