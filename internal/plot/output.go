package plot

import (
	"bytes"
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// maxSide limits a picture to some hundred megabytes.
const maxSide = 8192

func checked(p Picture, w, h int) error {
	if w < 1 || h < 1 || w > maxSide || h > maxSide {
		return fmt.Errorf("plot: a picture of %d×%d pixels; each side must be between 1 and %d", w, h, maxSide)
	}
	return p.check()
}

// paint draws p on white.
func paint(p Picture, c vg.CanvasSizer) {
	dc := draw.New(c)
	dc.FillPolygon(white, corners(dc.Rectangle))
	p.draw(dc)
}

func corners(r vg.Rectangle) []vg.Point {
	return []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}}
}

func toSVG(p Picture, w, h int) ([]byte, error) {
	if err := checked(p, w, h); err != nil {
		return nil, err
	}
	c := newSVG(vg.Length(w)*px, vg.Length(h)*px)
	paint(p, c)
	return c.document(w, h, p.words()), nil
}

func toPNG(p Picture, w, h int) ([]byte, error) {
	if err := checked(p, w, h); err != nil {
		return nil, err
	}
	c := vgimg.NewWith(vgimg.UseWH(vg.Length(w)*px, vg.Length(h)*px), vgimg.UseDPI(2*96))
	paint(p, c)
	var b bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: c}).WriteTo(&b); err != nil {
		return nil, fmt.Errorf("plot: writing PNG: %w", err)
	}
	return b.Bytes(), nil
}
