package report

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"

	"breakeven/internal/atomicfile"
	"breakeven/study"
)

// A Page is everything that a report shows.
type Page struct {
	Title    string // "" means what was trained on what
	Source   string // of a study: the paper; "" for none
	Program  string // name and version of the program that made the records
	ISA      string // instruction set of its kernels: part of what decides the bits
	Runs     []Run  // in the order of their colours
	Analysis study.Analysis
	Notes    []string // footnotes about the whole page
	Pictures string   // address of a place that has each figure as NAME.svg; "": nowhere
}

// A Run is one trajectory. The analysis of the page has its name, its figures and
// what was found in it.
type Run struct {
	study.Run
	Message string // why the run ended
	Params  int    // parameters of the network; 0: not shown
}

//go:embed page.tmpl style.css
var files embed.FS

var page = template.Must(template.New("page.tmpl").Funcs(template.FuncMap{"formula": formula, "inc": func(i int) int { return i + 1 }}).ParseFS(files, "page.tmpl"))

// script matches λ_K and the like, whose last letter is lowered.
var script = regexp.MustCompile(`([λe])_([A-ZΘ])`)

// together holds the parts of "η = 0.1" and "3.0 ± 0.2" on one line.
var together = strings.NewReplacer(" = ", "\u00a0=\u00a0", " ± ", "\u00a0±\u00a0")

// formula returns text with λ_K¹ set as mathematics are.
func formula(text string) template.HTML {
	text = template.HTMLEscapeString(together.Replace(text))
	return template.HTML(script.ReplaceAllString(text, "$1<sub>$2</sub>"))
}

// style is trusted: it is part of the program.
var style = func() template.CSS {
	b, err := files.ReadFile("style.css")
	if err != nil {
		panic(err)
	}
	return template.CSS(b)
}()

// Write writes the page as HTML. Nothing is written if a picture cannot be
// drawn.
func Write(w io.Writer, p Page) error {
	v, err := newView(p)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := page.Execute(&b, v); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// Save writes the page to a file, whole or not at all.
func Save(path string, p Page) error {
	return atomicfile.Write(path, func(w io.Writer) error { return Write(w, p) })
}
