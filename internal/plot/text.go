package plot

import (
	"image/color"
	"math"
	"strings"
	"sync"
	"unicode"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// faces returns the regular and the bold face, which are embedded in the program.
var faces = sync.OnceValue(func() (f [2]*opentype.Font) {
	for i, ttf := range [][]byte{liberationsansregular.TTF, liberationsansbold.TTF} {
		face, err := opentype.Parse(ttf)
		if err != nil {
			panic("plot: the embedded font is damaged: " + err.Error())
		}
		f[i] = face
	}
	return f
})

// A lettering is the size and style of a piece of text.
type lettering struct {
	size vg.Length
	bold bool
	tint color.Color
}

func (l lettering) face(shrink vg.Length) font.Face {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: l.size * shrink}
	if l.bold {
		f.Weight = xfont.WeightBold
		return font.Face{Font: f, Face: faces()[1]}
	}
	return font.Face{Font: f, Face: faces()[0]}
}

// A glyphRun is text of one level: on the line (0), raised (1) or lowered (−1).
type glyphRun struct {
	text  string
	level int
}

const raised = "⁰0¹1²2³3⁴4⁵5⁶6⁷7⁸8⁹9⁻−⁺+ᴷKᴴHᴳGᵀTⁱiⁿn"
const lowered = "₀0₁1₂2₃3₄4₅5₆6₇7₈8₉9₋−₊+ₖkᵢiₙnₘmⱼjₜtₓx"

// plain returns the character that a raised or lowered one is drawn as, and its level.
func plain(r rune) (rune, int) {
	switch {
	case r < 128 || r == '−':
		return r, 0
	case r == '⟨': // not in the font
		return '‹', 0
	case r == '⟩':
		return '›', 0
	}
	if _, after, ok := strings.Cut(raised, string(r)); ok {
		return []rune(after)[0], 1
	}
	if _, after, ok := strings.Cut(lowered, string(r)); ok {
		return []rune(after)[0], -1
	}
	return r, 0
}

// runs splits text at the changes of level.
func runs(text string) []glyphRun {
	var out []glyphRun
	put := func(s string, level int) {
		if n := len(out); n > 0 && out[n-1].level == level {
			out[n-1].text += s
		} else {
			out = append(out, glyphRun{s, level})
		}
	}
	var greek bool
	for rs := []rune(text); len(rs) > 0; {
		if group, level, rest := script(rs); greek && level != 0 {
			put(group, level)
			rs = rest
			continue
		}
		r, level := plain(rs[0])
		put(string(r), level)
		greek = unicode.Is(unicode.Greek, rs[0]) || greek && level != 0
		rs = rs[1:]
	}
	return out
}

// script reads _x, ^x, _{group} or ^{group} at the start of rs.
func script(rs []rune) (group string, level int, rest []rune) {
	if len(rs) < 2 || rs[0] != '_' && rs[0] != '^' {
		return "", 0, rs
	}
	level = 1
	if rs[0] == '_' {
		level = -1
	}
	if rs[1] == '{' {
		if i := strings.IndexRune(string(rs[2:]), '}'); i >= 0 {
			group = string(rs[2:])[:i]
			return group, level, rs[2+len([]rune(group))+1:]
		}
	}
	return string(rs[1]), level, rs[2:]
}

// place calls f for each run with its distance along the line and its shift across it, and
// returns the whole width. A raised and a lowered run next to each other are set one above the
// other.
func (l lettering) place(text string, f func(face font.Face, s string, along, across vg.Length)) vg.Length {
	var x, end vg.Length
	level := 0
	for _, r := range runs(text) {
		shrink, across := vg.Length(1), vg.Length(0)
		switch r.level {
		case 1:
			shrink, across = 0.68, 0.43*l.size
		case -1:
			shrink, across = 0.68, -0.25*l.size
		}
		if r.level == 0 || level == 0 {
			x = end
		}
		face := l.face(shrink)
		if f != nil {
			f(face, r.text, x, across)
		}
		end = max(end, x+face.Width(r.text))
		level = r.level
	}
	return end
}

func (l lettering) width(text string) vg.Length { return l.place(text, nil) }

// cut shortens text to the given width, with an ellipsis.
func (l lettering) cut(text string, width vg.Length) string {
	rs := []rune(text)
	for n := len(rs); n > 0; n-- {
		s := string(rs[:n])
		if n < len(rs) {
			s = strings.TrimRight(s, " ,") + "…"
		}
		if l.width(s) <= width {
			return s
		}
	}
	return ""
}

// write draws text at pt. ax and ay say which point of the text is there: 0 its left end or
// baseline, ½ its middle, 1 its right end or the top of its capitals. angle turns it about pt.
func (l lettering) write(c draw.Canvas, pt vg.Point, ax, ay, angle float64, text string) {
	if text == "" {
		return
	}
	c.Push()
	defer c.Pop()
	c.Translate(pt)
	if angle != 0 {
		c.Rotate(angle)
	}
	c.SetColor(l.tint)
	x0, y0 := -vg.Length(ax)*l.width(text), -vg.Length(ay)*l.capital()
	l.place(text, func(face font.Face, s string, along, across vg.Length) {
		c.FillString(face, vg.Point{X: x0 + along, Y: y0 + across}, s)
	})
}

// capital is the height of a capital letter.
func (l lettering) capital() vg.Length { return 0.72 * l.size }

const upwards = math.Pi / 2
