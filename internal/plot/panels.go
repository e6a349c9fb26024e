package plot

import (
	"errors"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Panels are pictures side by side, in rows.
type Panels struct {
	Title    string
	Columns  int // zero: all in one row
	Pictures []Picture
}

// SVG implements [Picture].
func (p Panels) SVG(w, h int) ([]byte, error) { return toSVG(p, w, h) }

// PNG implements [Picture].
func (p Panels) PNG(w, h int) ([]byte, error) { return toPNG(p, w, h) }

func (p Panels) check() error {
	if p.Columns < 0 {
		return errors.New("plot: panels in fewer than no columns")
	}
	for _, q := range p.Pictures {
		if err := q.check(); err != nil {
			return err
		}
	}
	return nil
}

func (p Panels) draw(c draw.Canvas) {
	if p.Title != "" {
		big := titleText
		big.size = 14
		big.write(c, vg.Point{X: c.Min.X + margin, Y: c.Max.Y - margin - big.capital()}, 0, 0, 0, big.cut(p.Title, c.Size().X-2*margin))
		c.Max.Y -= margin + big.capital() + 4
	}
	n := len(p.Pictures)
	if n == 0 {
		return
	}
	cols := p.Columns
	if cols == 0 {
		cols = n
	}
	rows := (n + cols - 1) / cols
	w, h := c.Size().X/vg.Length(cols), c.Size().Y/vg.Length(rows)
	for i, q := range p.Pictures {
		x, y := c.Min.X+w*vg.Length(i%cols), c.Max.Y-h*vg.Length(i/cols+1)
		q.draw(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
			Min: vg.Point{X: x, Y: y}, Max: vg.Point{X: x + w, Y: y + h}}})
	}
}
