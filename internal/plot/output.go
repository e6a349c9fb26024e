package plot

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strconv"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
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
	c := vgsvg.New(vg.Length(w)*px, vg.Length(h)*px)
	paint(p, c)
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("plot: writing SVG: %w", err)
	}
	// The canvas writes a document of its own, sized in points. It is replaced by an element
	// that also works inside a page, sized in pixels.
	out := b.Bytes()
	out = out[bytes.Index(out, []byte("<svg")):]
	out = out[bytes.IndexByte(out, '>')+1:]
	head := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" `+
		`width="%d" height="%d" viewBox="0 0 %g %g" xml:space="preserve" role="img"><title>%s</title>`,
		w, h, (vg.Length(w) * px).Points(), (vg.Length(h) * px).Points(), html.EscapeString(p.title()))
	out = append([]byte(head), out...)
	out = fitted(out)
	// Arial has the same widths as Liberation, which may be missing.
	out = bytes.ReplaceAll(out, []byte("font-family:Liberation Sans;font-variant:normal;"),
		[]byte("font-family:'Liberation Sans',Arimo,Arial,Helvetica,sans-serif;"))
	// The image labelled as JPEG is a PNG. It fills its rectangle.
	out = bytes.ReplaceAll(out, []byte("<image "), []byte(`<image preserveAspectRatio="none" `))
	return bytes.ReplaceAll(out, []byte("data:image/jpg;"), []byte("data:image/png;")), nil
}

// textElement is a piece of text as the canvas writes it.
var textElement = regexp.MustCompile(`(<text )([^>]*font-weight:(normal|bold);[^>]*font-size:([0-9.]+)px[^>]*>)([^<]*)(</text>)`)

// fitted says how long each piece of text is, so that one set in another font keeps to the
// places that were computed: a raised digit does not stand on its letter.
func fitted(svg []byte) []byte {
	return textElement.ReplaceAllFunc(svg, func(e []byte) []byte {
		m := textElement.FindSubmatch(e)
		size, err := strconv.ParseFloat(string(m[4]), 64)
		text := html.UnescapeString(string(m[5]))
		if err != nil || text == "" {
			return e
		}
		face := lettering{size: vg.Points(size), bold: string(m[3]) == "bold"}.face(1)
		length := fmt.Sprintf(`textLength="%.4g" lengthAdjust="spacingAndGlyphs" `, face.Width(text).Points())
		return slices.Concat(m[1], []byte(length), m[2], m[5], m[6])
	})
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
