package report

import (
	"bytes"
	"strings"
	"testing"

	"breakeven/study"
)

// What a server shows of a page is in the page, word for word, and each picture has an address.
func TestPart(t *testing.T) {
	p := pages()["two runs"]
	var whole bytes.Buffer
	if err := Write(&whole, p); err != nil {
		t.Fatal(err)
	}
	part, err := Render(p)
	if err != nil || len(part.Main) < 10000 || !strings.Contains(whole.String(), string(part.Main)) || !strings.Contains(whole.String(), "<title>"+part.Title) {
		t.Errorf("a part of %d bytes, title %q, error %v: not in the page", len(part.Main), part.Title, err)
	}
	p.Pictures = "/pictures/"
	part, err = Render(p)
	figures := strings.Count(string(part.Main), "<figure>")
	if got := strings.Count(string(part.Main), `<a href="/pictures/`); err != nil || got != figures || got == 0 {
		t.Errorf("%d addresses of %d pictures, error %v", got, figures, err)
	}
	if got, err := Figures([]study.Figure{p.Analysis.Groups[0].Figures[0], {Title: "not measured"}}); err != nil || strings.Count(string(got), "<figure>") != 1 {
		t.Errorf("figures %.200s, error %v", got, err)
	}
	if svg, err := SVG(p.Analysis.Groups[0].Figures[0]); err != nil || !strings.HasPrefix(string(svg), "<svg") {
		t.Errorf("picture %.100s, error %v", svg, err)
	}
	if style := StyleSheet(2); !strings.Contains(style, ".run2 {") || strings.Contains(style, ".run3 {") {
		t.Error("the style sheet has no colours for two runs")
	}
}
