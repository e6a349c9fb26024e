package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"breakeven/internal/testenv"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/plot/vg"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// anatomy is the structure of an SVG: what a reader would notice if it
// changed, and not the place of each point.
func anatomy(t *testing.T, svg []byte) string {
	t.Helper()
	strokes, fills := map[string]int{}, map[string]int{}
	var texts []string
	images, spots := 0, 0
	each(t, svg, func(e xml.StartElement, text string) {
		switch e.Name.Local {
		case "path", "circle":
			switch stroke := attribute(e, "stroke"); {
			case attribute(e, "class") == "spot":
				spots++
			case stroke != "":
				strokes[stroke]++
			default:
				fills[attribute(e, "fill")]++
			}
		case "text":
			texts = append(texts, text)
		case "image":
			images++
		}
	})
	var b strings.Builder
	fmt.Fprintf(&b, "lines: %s\nareas: %s\nimages: %d, places with words: %d\n", tally(strokes), tally(fills), images, spots)
	fmt.Fprintf(&b, "alternative: %s\n", alternative(t, svg))
	fmt.Fprintf(&b, "text: %s\n", strings.Join(texts, " | "))
	return b.String()
}

func tally(m map[string]int) string {
	var s []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		s = append(s, fmt.Sprintf("%s×%d", k, m[k]))
	}
	return strings.Join(s, " ")
}

// each calls f for each element, with the text in it.
func each(t *testing.T, svg []byte, f func(e xml.StartElement, text string)) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(svg))
	var open []xml.StartElement
	var text string
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("not XML: %v", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			open, text = append(open, tok.Copy()), ""
		case xml.CharData:
			text += string(tok)
		case xml.EndElement:
			f(open[len(open)-1], text)
			open, text = open[:len(open)-1], ""
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// alternative returns the alternative text of a picture.
func alternative(t *testing.T, svg []byte) (text string) {
	t.Helper()
	each(t, svg, func(e xml.StartElement, _ string) {
		if e.Name.Local == "svg" {
			text = attribute(e, "aria-label")
		}
	})
	return text
}

func mustSVG(t *testing.T, p Picture, w, h int) []byte {
	t.Helper()
	b, err := p.SVG(w, h)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAnatomy(t *testing.T) {
	for name, p := range samples() {
		t.Run(name, func(t *testing.T) {
			got := anatomy(t, mustSVG(t, p, 640, 400))
			file := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("structure differs (-want +got); -update rewrites it:\n%s", diff)
			}
		})
	}
}

// An SVG is one element, begins with it, and holds nothing that is not drawn.
func TestSVGStandsInAPage(t *testing.T) {
	b := mustSVG(t, samples()["gram"], 640, 400)
	if !bytes.HasPrefix(b, []byte("<svg ")) || !bytes.HasSuffix(bytes.TrimSpace(b), []byte("</svg>")) {
		t.Errorf("begins %.60q, ends %q", b, b[len(b)-20:])
	}
	for _, want := range []string{`width="640"`, `height="400"`, `viewBox="0 0 480 300"`, `aria-label="Gram matrix of minibatch gradients. 25 × 25 cells."`, "Arial"} {
		if !bytes.Contains(b, []byte(want)) {
			t.Errorf("no %s", want)
		}
	}
	evil := Curves{Title: `</title><script>alert("1")</script>`, Series: []Series{{Name: "<b>&", X: []float64{1}, Y: []float64{1}}}}
	if b = mustSVG(t, evil, 300, 200); bytes.Contains(b, []byte("<script>")) || bytes.Contains(b, []byte("<b>")) {
		t.Error("text is not escaped")
	}
	anatomy(t, b)
}

func TestSameBytes(t *testing.T) {
	first := map[string][]byte{}
	for range 2 {
		for name, p := range samples() {
			a, err := p.PNG(320, 200)
			if err != nil {
				t.Fatal(err)
			}
			all := append(mustSVG(t, p, 320, 200), a...)
			if before, ok := first[name]; ok && !bytes.Equal(before, all) {
				t.Errorf("%s differs from one drawing to the next", name)
			}
			first[name] = all
		}
	}
}

func TestPNG(t *testing.T) {
	b, err := samples()["curves"].PNG(300, 200)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if s := img.Bounds().Size(); s.X != 600 || s.Y != 400 {
		t.Errorf("%d×%d dots, want 600×400", s.X, s.Y)
	}
	if r, g, b, a := img.At(1, 1).RGBA(); r&g&b&a != 0xffff {
		t.Error("the background is not white")
	}
	seen := map[[3]uint32]bool{}
	for y := range 400 {
		for x := range 600 {
			r, g, b, _ := img.At(x, y).RGBA()
			seen[[3]uint32{r >> 8, g >> 8, b >> 8}] = true
		}
	}
	for _, c := range series[:3] {
		if !seen[[3]uint32{uint32(c.line.R), uint32(c.line.G), uint32(c.line.B)}] {
			t.Errorf("no curve of colour %v", c.line)
		}
	}
}

// subpaths counts the separate strokes of a colour outside the legend: those
// of more than the legend's two points.
func subpaths(t *testing.T, svg []byte, stroke string) (n int) {
	t.Helper()
	each(t, svg, func(e xml.StartElement, _ string) {
		if attribute(e, "stroke") == stroke {
			for sub := range strings.SplitSeq(attribute(e, "d"), "M") {
				if strings.Count(sub, "L") > 1 {
					n++
				}
			}
		}
	})
	return n
}

func TestGaps(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	x := []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}
	y := []float64{nan, 1, 2, 3, nan, 5, 6, 5, -inf, 6, 7, 8, inf, 3, nan}
	if got := subpaths(t, mustSVG(t, Curves{Series: []Series{{X: x, Y: y}}}, 400, 300), "#0072b2"); got != 3 {
		t.Errorf("%d pieces, want 3", got)
	}
	// On a logarithmic axis, zero and −1 are gaps too.
	y = []float64{1, 2, 3, 0, 4, 5, 6, -1, 4, 5, 6, 7, 8, 9, 9}
	if got := subpaths(t, mustSVG(t, Curves{LogY: true, Series: []Series{{X: x, Y: y}}}, 400, 300), "#0072b2"); got != 3 {
		t.Errorf("%d pieces on a logarithmic axis, want 3", got)
	}
}

// Whatever the numbers, there is a picture.
func TestAnyNumbers(t *testing.T) {
	testenv.Slow(t)
	nan, inf := math.NaN(), math.Inf(1)
	odd := [][]float64{
		nil, {nan}, {inf, -inf}, {0}, {0, 0, 0}, {-5, -5}, {1e308, -1e308}, {math.MaxFloat64, -math.MaxFloat64},
		{5e-324, 1e-310}, {5e-324, math.MaxFloat64}, {1, 1 + 1e-15}, {1e20, 1e20 + 1e5}, {-1, nan, 3, inf, 0},
		{math.MaxFloat64, math.MaxFloat64}, {-math.MaxFloat64},
	}
	for _, x := range odd {
		for _, y := range odd {
			n := min(len(x), len(y))
			s := Series{Name: "λ_", X: x[:n], Y: y[:n], Lo: y[:n], Hi: x[:n], Line: x[:n]}
			var marks []Mark
			for _, v := range y {
				marks = append(marks, Mark{At: v, Name: "at"}, Mark{At: v, Name: "level", Level: true})
			}
			for _, p := range []Picture{
				Curves{Series: []Series{s}, Marks: marks},
				Curves{Series: []Series{s}, Marks: marks, LogY: true},
				Density{Series: []Series{s}, Marks: marks},
				HeatMap{Values: [][]float64{x[:n], y[:n]}},
				Plane{Paths: []Path{{X: x[:n], Y: y[:n], Values: y[:n]}}, Log: n%2 == 0},
			} {
				b := mustSVG(t, p, 200, 150)
				if bytes.Contains(b, []byte("NaN")) || bytes.Contains(b, []byte("Inf")) {
					t.Fatalf("%T of %v, %v has a place that is no number", p, x, y)
				}
				anatomy(t, b)
			}
		}
	}
}

func TestAnySize(t *testing.T) {
	for name, p := range samples() {
		for _, size := range [][2]int{{1, 1}, {5, 400}, {400, 5}, {60, 40}} {
			anatomy(t, mustSVG(t, p, size[0], size[1]))
			if _, err := p.PNG(size[0], size[1]); err != nil {
				t.Errorf("%s, %v: %v", name, size, err)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	good := Curves{}
	for name, p := range map[string]Picture{
		"lengths":   Curves{Series: []Series{{Name: "a", X: []float64{1}, Y: []float64{1, 2}}}},
		"band":      Curves{Series: []Series{{X: []float64{1}, Y: []float64{1}, Lo: []float64{1, 2}, Hi: []float64{1}}}},
		"half band": Curves{Series: []Series{{X: []float64{1}, Y: []float64{1}, Lo: []float64{1}}}},
		"density":   Density{Series: []Series{{X: []float64{1}}}},
		"ragged":    HeatMap{Values: [][]float64{{1, 2}, {3}}},
		"path":      Plane{Paths: []Path{{X: []float64{1}, Y: []float64{1}}}},
		"columns":   Panels{Columns: -1},
		"inside":    Panels{Pictures: []Picture{good, HeatMap{Values: [][]float64{{}, {3}}}}},
	} {
		if _, err := p.SVG(100, 100); err == nil || !strings.HasPrefix(err.Error(), "plot: ") {
			t.Errorf("%s: error %v", name, err)
		}
		if _, err := p.PNG(100, 100); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, size := range [][2]int{{0, 10}, {10, -1}, {maxSide + 1, 10}} {
		if _, err := good.SVG(size[0], size[1]); err == nil {
			t.Errorf("size %v: no error", size)
		}
	}
}

// Each piece of text says how long it is: in another font a raised digit stays where it
// was put. The width is that of the embedded font.
func TestTextKeepsItsPlace(t *testing.T) {
	n := 0
	each(t, mustSVG(t, samples()["curves"], 640, 400), func(e xml.StartElement, text string) {
		if e.Name.Local != "text" {
			return
		}
		n++
		size, err := strconv.ParseFloat(attribute(e, "font-size"), 64)
		if err != nil {
			t.Fatal(err)
		}
		face := lettering{size: vg.Points(size), bold: attribute(e, "font-weight") == "bold"}.face(1)
		length, err := strconv.ParseFloat(attribute(e, "textLength"), 64)
		if want := face.Width(text).Points(); err != nil || math.Abs(length-want) > 0.05+0.01*want {
			t.Errorf("%q is %g long (%v), want %g", text, length, err, want)
		}
	})
	if n < 10 {
		t.Errorf("%d texts", n)
	}
}

// What belongs to a run stands in groups of its class, and the pointer finds its values.
func TestGroupsAndSpots(t *testing.T) {
	p := Curves{Title: "Sharpness", X: "epoch", Series: []Series{
		{Name: "a", Colour: 2, X: []float64{0, 1}, Y: []float64{10, 20.5}, Lo: []float64{9, 20}, Hi: []float64{11, 21}},
		{Name: "theory", X: []float64{0, 1}, Y: []float64{1, 2}, Lo: []float64{0.5, 2}, Hi: []float64{1, 3}},
	}, Marks: []Mark{{At: 0.5, Name: "break-even", Colour: 2}, {At: 20, Name: "2/η", Level: true, Colour: 2}}}
	svg := string(mustSVG(t, p, 400, 300))
	for _, want := range []string{
		"<title>a, epoch 0: 10.0 ± 1.0</title>", "<title>a, epoch 1: 20.5 ± 0.5</title>", "<title>theory, epoch 0: 1 (0.5 to 1)</title>",
		"<title>break-even, epoch 0.5</title>", "<title>2/η = 20</title>",
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %s", want)
		}
	}
	if n := strings.Count(svg, `<g class="run2">`); n != 5 { // legend, band, two marks, curve
		t.Errorf("%d groups of run 2", n)
	}
	if strings.Contains(svg, "run1") || strings.Count(svg, "<g ") != 5 {
		t.Error("a curve without a run is in a group")
	}
	if want := "Sharpness. Over epoch. a: from 10 to 20.5. theory: from 1 to 2. Line at 2/η = 20."; alternative(t, []byte(svg)) != want {
		t.Errorf("alternative text %q, want %q", alternative(t, []byte(svg)), want)
	}
}

// contrast is that of WCAG 2.2.
func contrast(a, b color.NRGBA) float64 {
	light := func(c color.NRGBA) float64 {
		linear := func(v uint8) float64 {
			if x := float64(v) / 255; x > 0.04045 {
				return math.Pow((x+0.055)/1.055, 2.4)
			}
			return float64(v) / 255 / 12.92
		}
		return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
	}
	x, y := light(a), light(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrast(t *testing.T) {
	if c := contrast(white, color.NRGBA{0, 0, 0, 255}); math.Abs(c-21) > 1e-9 {
		t.Fatalf("black on white: %v", c)
	}
	for i, h := range series {
		if c := contrast(h.line, white); c < 3 {
			t.Errorf("lines %d: %.2f", i+1, c)
		}
		if c := contrast(h.letters, white); c < 4.5 {
			t.Errorf("letters %d: %.2f", i+1, c)
		}
		if c := contrast(h.dark, dark[white]); c < 4.5 {
			t.Errorf("dark %d: %.2f", i+1, c)
		}
	}
	for _, c := range []color.NRGBA{ink, muted} {
		if contrast(c, white) < 4.5 || contrast(dark[c], dark[white]) < 4.5 {
			t.Errorf("letters of %v: %.2f, in the dark %.2f", c, contrast(c, white), contrast(dark[c], dark[white]))
		}
	}
}

// A single measurement at the beginning stands at the beginning of its axis.
func TestSinglePoint(t *testing.T) {
	p := Curves{X: "epoch", Series: []Series{{X: []float64{0}, Y: []float64{2.3}}}}
	if x, y := p.ranges(); x.min != 0 || x.max != 1 || !(y.min < 2.3 && 2.3 < y.max) {
		t.Errorf("axes %+v, %+v", x, y)
	}
}
