// Package plot draws the pictures of reports, pages and files: curves along a
// trajectory, spectral densities, heat maps, and panels of them, as SVG and
// PNG. It is a thin layer over gonum/plot's canvases and knows nothing of runs
// or networks.
//
// Laws:
//
//   - Same data, same bytes: no dates, no random names, no fonts of the machine.
//   - NaN and ±Inf are gaps in a curve, not errors; so are values that are not positive on
//     a logarithmic axis. Only mistakes of the caller are errors: slices of different
//     lengths, a picture without size.
//   - Colours are those of Okabe and Ito (2008), two of them darker, and of ColorBrewer and
//     viridis, which colour-blind readers can tell apart.
//   - An SVG works in a page without script: what belongs to series i is of class "runi", a
//     value shows while the pointer rests on it, and [Dark] paints it for dark paper.
//   - Text may hold Unicode superscripts and subscripts (λ¹, 10⁻³, λ₁). After a Greek
//     letter, _ and ^ make the next character, or the next {group}, a subscript or a
//     superscript: λ_K, λ^{max}.
package plot

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Picture is [Curves], [Density], [HeatMap] or [Panels]. Width and height are
// in pixels of 1/96 inch, as in CSS.
type Picture interface {
	// SVG returns the picture as one svg element, for a file of its own or for a page.
	SVG(w, h int) ([]byte, error)
	// PNG returns the picture with two dots for each pixel in each direction, so that it
	// stays sharp on slides.
	PNG(w, h int) ([]byte, error)

	check() error
	draw(c draw.Canvas)
	words() string // alternative text: what the picture shows
}

// px is the length of one pixel.
const px = vg.Inch / 96
