package plot

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/png"
	"math"
	"strconv"
	"strings"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// An svgCanvas writes SVG. It differs from gonum's in three things that a page needs:
// groups with a class, which a style can hide; words that show while the pointer rests
// on a place; and colours as attributes, which a style can replace in the dark. Lengths
// are points from the upper left corner, text has the length that was computed for it, so
// that one set in another font keeps to its place.
type svgCanvas struct {
	w, h  vg.Length
	out   bytes.Buffer
	state svgState
	saved []svgState
}

// svgState is what Push saves. Points are turned by angle and moved to origin.
type svgState struct {
	tint   color.Color
	width  vg.Length
	dashes []vg.Length
	origin vg.Point
	angle  float64
}

func newSVG(w, h vg.Length) *svgCanvas {
	return &svgCanvas{w: w, h: h, state: svgState{tint: color.Black, width: vg.Points(1)}}
}

// document returns what was drawn as one element for a page or a file, w × h pixels, with
// alternative text.
func (c *svgCanvas) document(w, h int, text string) []byte {
	head := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %s %s" xml:space="preserve" `+
		`font-family="'Liberation Sans',Arimo,Arial,Helvetica,sans-serif" role="img" aria-label="%s">`+"\n",
		w, h, decimal(c.w), decimal(c.h), html.EscapeString(text))
	return append(append([]byte(head), c.out.Bytes()...), "</svg>\n"...)
}

// group implements layered.
func (c *svgCanvas) group(class string, draw func()) {
	fmt.Fprintf(&c.out, `<g class="%s">`+"\n", html.EscapeString(class))
	draw()
	c.out.WriteString("</g>\n")
}

// spot implements layered.
func (c *svgCanvas) spot(at vg.Point, text string) {
	p := c.place(at)
	fmt.Fprintf(&c.out, `<circle class="spot" cx="%s" cy="%s" r="4" fill="none" pointer-events="all"><title>%s</title></circle>`+"\n",
		decimal(p.X), decimal(p.Y), html.EscapeString(text))
}

// place returns where a point stands in the element.
func (c *svgCanvas) place(p vg.Point) vg.Point {
	sin, cos := math.Sincos(c.state.angle)
	s, t := vg.Length(sin), vg.Length(cos)
	p = vg.Point{X: p.X*t - p.Y*s, Y: p.X*s + p.Y*t}.Add(c.state.origin)
	return vg.Point{X: p.X, Y: c.h - p.Y}
}

// decimal writes a length to a hundredth of a point.
func decimal(x vg.Length) string {
	return strconv.FormatFloat(math.Round(100*x.Points())/100+0, 'f', -1, 64)
}

// Size implements vg.CanvasSizer.
func (c *svgCanvas) Size() (w, h vg.Length) { return c.w, c.h }

// SetLineWidth implements vg.Canvas.
func (c *svgCanvas) SetLineWidth(w vg.Length) { c.state.width = w }

// SetLineDash implements vg.Canvas. Dashes always begin at their beginning.
func (c *svgCanvas) SetLineDash(dashes []vg.Length, _ vg.Length) { c.state.dashes = dashes }

// SetColor implements vg.Canvas.
func (c *svgCanvas) SetColor(tint color.Color) { c.state.tint = tint }

// Translate implements vg.Canvas.
func (c *svgCanvas) Translate(p vg.Point) {
	sin, cos := math.Sincos(c.state.angle)
	s, t := vg.Length(sin), vg.Length(cos)
	c.state.origin = c.state.origin.Add(vg.Point{X: p.X*t - p.Y*s, Y: p.X*s + p.Y*t})
}

// Rotate implements vg.Canvas.
func (c *svgCanvas) Rotate(angle float64) { c.state.angle += angle }

// Scale implements vg.Canvas. No picture here is scaled.
func (c *svgCanvas) Scale(x, y float64) { panic("plot: SVG is not scaled") }

// Push implements vg.Canvas.
func (c *svgCanvas) Push() { c.saved = append(c.saved, c.state) }

// Pop implements vg.Canvas.
func (c *svgCanvas) Pop() {
	last := len(c.saved) - 1
	c.state, c.saved = c.saved[last], c.saved[:last]
}

// Stroke implements vg.Canvas.
func (c *svgCanvas) Stroke(p vg.Path) {
	if c.state.width <= 0 {
		return
	}
	attributes := fmt.Sprintf(`fill="none" %s stroke-width="%s"`, paintOf("stroke", c.state.tint), decimal(c.state.width))
	if len(c.state.dashes) > 0 {
		var list []string
		for _, d := range c.state.dashes {
			list = append(list, decimal(d))
		}
		attributes += fmt.Sprintf(` stroke-dasharray="%s"`, strings.Join(list, " "))
	}
	c.shape(p, attributes)
}

// Fill implements vg.Canvas.
func (c *svgCanvas) Fill(p vg.Path) { c.shape(p, paintOf("fill", c.state.tint)) }

// shape writes a path of straight lines, or a circle.
func (c *svgCanvas) shape(p vg.Path, attributes string) {
	var d strings.Builder
	for _, part := range p {
		at := c.place(part.Pos)
		switch part.Type {
		case vg.MoveComp:
			fmt.Fprintf(&d, "M%s %s", decimal(at.X), decimal(at.Y))
		case vg.LineComp:
			fmt.Fprintf(&d, "L%s %s", decimal(at.X), decimal(at.Y))
		case vg.CloseComp:
			d.WriteByte('Z')
		case vg.ArcComp:
			if part.Angle < 2*math.Pi {
				panic("plot: SVG has whole circles alone")
			}
			fmt.Fprintf(&c.out, `<circle cx="%s" cy="%s" r="%s" %s/>`+"\n", decimal(at.X), decimal(at.Y), decimal(part.Radius), attributes)
			return
		default:
			panic("plot: SVG has straight lines alone")
		}
	}
	fmt.Fprintf(&c.out, `<path d="%s" %s/>`+"\n", d.String(), attributes)
}

// paintOf returns the attributes of a colour: fill="#0072b2" fill-opacity="0.5".
func paintOf(name string, tint color.Color) string {
	n := color.NRGBAModel.Convert(tint).(color.NRGBA)
	text := fmt.Sprintf(`%s="%s"`, name, Hex(n))
	if n.A < 255 {
		text += fmt.Sprintf(` %s-opacity="%.3g"`, name, float64(n.A)/255)
	}
	return text
}

// FillString implements vg.Canvas.
func (c *svgCanvas) FillString(face font.Face, p vg.Point, text string) {
	at, attributes := c.place(p), ""
	if face.Font.Weight == xfont.WeightBold {
		attributes = ` font-weight="bold"`
	}
	if c.state.angle != 0 {
		attributes += fmt.Sprintf(` transform="rotate(%.4g %s %s)"`, -c.state.angle*180/math.Pi, decimal(at.X), decimal(at.Y))
	}
	fmt.Fprintf(&c.out, `<text x="%s" y="%s" font-size="%s" textLength="%s" lengthAdjust="spacingAndGlyphs" %s%s>%s</text>`+"\n",
		decimal(at.X), decimal(at.Y), decimal(face.Font.Size), decimal(face.Width(text)), paintOf("fill", c.state.tint), attributes, html.EscapeString(text))
}

// DrawImage implements vg.Canvas. The image fills its rectangle.
func (c *svgCanvas) DrawImage(r vg.Rectangle, img image.Image) {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic("plot: " + err.Error()) // to memory: cannot fail
	}
	at, size := c.place(vg.Point{X: r.Min.X, Y: r.Max.Y}), r.Size()
	fmt.Fprintf(&c.out, `<image preserveAspectRatio="none" x="%s" y="%s" width="%s" height="%s" href="data:image/png;base64,%s"/>`+"\n",
		decimal(at.X), decimal(at.Y), decimal(size.X), decimal(size.Y), base64.StdEncoding.EncodeToString(b.Bytes()))
}
