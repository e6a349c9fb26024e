package plot

import (
	"fmt"
	"image/color"
	"maps"
	"math"
	"slices"
	"strings"
)

var (
	white  = color.NRGBA{255, 255, 255, 255}
	ink    = color.NRGBA{34, 34, 34, 255}
	muted  = color.NRGBA{90, 90, 90, 255}
	pale   = color.NRGBA{228, 228, 228, 255}
	nobody = color.NRGBA{200, 200, 200, 255} // cells without a value
)

// A hue is the colour of a series. Lines stand out from the paper with a contrast of 3 at
// least, letters with 4.5, and in the dark both have one colour.
type hue struct{ line, letters, dark color.NRGBA }

// series are the hues of Okabe and Ito (2008) without yellow. Orange and sky are darker
// than theirs, which are too light for lines on white.
var series = []hue{
	{color.NRGBA{0, 114, 178, 255}, color.NRGBA{0, 114, 178, 255}, color.NRGBA{61, 158, 224, 255}},     // blue
	{color.NRGBA{213, 94, 0, 255}, color.NRGBA{179, 79, 0, 255}, color.NRGBA{240, 122, 42, 255}},       // vermilion
	{color.NRGBA{0, 158, 115, 255}, color.NRGBA{0, 122, 89, 255}, color.NRGBA{31, 191, 146, 255}},      // green
	{color.NRGBA{204, 121, 167, 255}, color.NRGBA{163, 77, 124, 255}, color.NRGBA{217, 140, 184, 255}}, // purple
	{color.NRGBA{184, 127, 0, 255}, color.NRGBA{138, 95, 0, 255}, color.NRGBA{230, 180, 34, 255}},      // orange
	{color.NRGBA{61, 151, 204, 255}, color.NRGBA{31, 119, 171, 255}, color.NRGBA{143, 208, 245, 255}},  // sky
	{color.NRGBA{0, 0, 0, 255}, color.NRGBA{0, 0, 0, 255}, color.NRGBA{250, 250, 250, 255}},            // black
}

// dark are the other colours on dark paper.
var dark = map[color.NRGBA]color.NRGBA{
	white: {21, 24, 29, 255},
	ink:   {230, 232, 235, 255},
	muted: {168, 173, 181, 255},
	pale:  {52, 57, 65, 255},
}

// tone returns the colour of the lines of series i, counted from 1, and a muted one for 0.
func tone(i int) color.NRGBA {
	if i <= 0 {
		return muted
	}
	return series[(i-1)%len(series)].line
}

// letters is tone for text.
func letters(i int) color.NRGBA {
	if i <= 0 {
		return muted
	}
	return series[(i-1)%len(series)].letters
}

// Hex returns a colour as CSS writes it, "#0072b2", without its opacity.
func Hex(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// A Swatch is the colour of a series for a legend elsewhere, as CSS writes it.
type Swatch struct {
	Light, Dark string // on white and on dark paper
	Dashed      bool   // an earlier series has the same colour and full lines
}

// SwatchOf returns that of series i, counted from 1.
func SwatchOf(i int) Swatch {
	h := series[(i-1)%len(series)]
	return Swatch{Hex(h.line), Hex(h.dark), i > len(series)}
}

// Dark returns a style that paints the SVG pictures of this package for dark paper, for a
// media query. Text in a picture and its lines are found by their colours.
func Dark() string {
	swap := maps.Clone(dark)
	for _, h := range series {
		swap[h.line], swap[h.letters] = h.dark, h.dark
	}
	var rules []string
	for from, to := range swap {
		rules = append(rules, fmt.Sprintf("svg [fill=%q] { fill: %s; } svg [stroke=%q] { stroke: %s; }\n", Hex(from), Hex(to), Hex(from), Hex(to)))
	}
	slices.Sort(rules)
	return strings.Join(rules, "")
}

func faint(c color.NRGBA, alpha float64) color.NRGBA {
	c.A = uint8(math.Round(255 * alpha))
	return c
}

// diverging is ColorBrewer's RdBu, reversed: negative blue, positive red.
var diverging = []uint32{
	0x053061, 0x2166ac, 0x4393c3, 0x92c5de, 0xd1e5f0, 0xf7f7f7,
	0xfddbc7, 0xf4a582, 0xd6604d, 0xb2182b, 0x67001f,
}

// sequential is viridis.
var sequential = []uint32{
	0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e,
	0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725,
}

// shade returns the colour at t in [0, 1] of a scale, clamped at its ends.
func shade(scale []uint32, t float64) color.NRGBA {
	if math.IsNaN(t) {
		return nobody
	}
	t = min(max(t, 0), 1) * float64(len(scale)-1)
	i := min(int(t), len(scale)-2)
	f := t - float64(i)
	mix := func(shift int) uint8 {
		a, b := float64(scale[i]>>shift&255), float64(scale[i+1]>>shift&255)
		return uint8(math.Round(a + f*(b-a)))
	}
	return color.NRGBA{mix(16), mix(8), mix(0), 255}
}
