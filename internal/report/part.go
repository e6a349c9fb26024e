package report

import (
	"bytes"
	"fmt"
	"html/template"

	"breakeven/study"
)

// A Part is what a page shows without its head, header and footer, for servers that have their own.
type Part struct {
	Title, Subtitle string
	Main            template.HTML // sections
}

// Render returns the part of a page between its header and its footer. It needs StyleSheet.
func Render(p Page) (Part, error) {
	v, err := newView(p)
	if err != nil {
		return Part{}, err
	}
	main, err := execute("main", v)
	return Part{Title: v.Title, Subtitle: v.Subtitle, Main: main}, err
}

// Figures returns figures side by side, without those that have no curves.
func Figures(list []study.Figure) (template.HTML, error) {
	var g drawnGroup
	for _, f := range list {
		if len(f.Curves) == 0 {
			continue
		}
		d, err := draw(f)
		if err != nil {
			return "", err
		}
		g.Figures = append(g.Figures, d)
	}
	return execute("figures", g)
}

// SVG returns a figure as a file of its own, with the names of all its runs.
func SVG(f study.Figure) ([]byte, error) {
	svg, err := picture(f, true).SVG(width, height)
	if err != nil {
		return nil, fmt.Errorf("report: figure %s: %w", f.Title, err)
	}
	return svg, nil
}

// StyleSheet returns the style of pages with up to so many runs.
func StyleSheet(runs int) string { return string(style + colours(runs)) }

// Formula returns text with λ_K¹ and the like set as mathematics are.
func Formula(text string) template.HTML { return formula(text) }

func execute(name string, data any) (template.HTML, error) {
	var b bytes.Buffer
	if err := page.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	return template.HTML(b.String()), nil
}
