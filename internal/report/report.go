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
	"breakeven/run"
)

// A Page is everything that a report shows.
type Page struct {
	Title    string    // "" means the names of the runs
	Program  string    // name and version of the program that made the records
	ISA      string    // instruction set of its kernels: part of what decides the bits
	Runs     []Run     // in the order of their colours
	Findings []Section // what the runs show together: conjectures, comparisons
	Tables   []Table   // the first stands before the pictures, the others behind them
	Notes    []string  // footnotes about the whole page
}

// A Run is one trajectory with what was found in it.
type Run struct {
	Name    string
	ID      string // "" means that of Spec
	Spec    run.Spec
	Status  run.Status
	Message string // why the run ended
	Train   int    // training examples; 0: not shown
	Params  int    // parameters of the network; 0: not shown
	Records []run.Record
	Marks   []Mark  // vertical lines at epochs
	Finding Section // of this run alone; its Title is not shown
}

// A Mark names an epoch of a run. Beyond a few runs only main ones are drawn.
type Mark struct {
	Epoch float64
	Name  string
	Main  bool
}

// A Section is a finding in words. Tone is the colour of the badge: "good",
// "bad", or anything else for neither.
type Section struct {
	Title string
	Badge string     // a few words that say it all; "" for none
	Tone  string     //
	Lines []string   // what was found
	Head  []string   // of a table of figures; nil for none
	Rows  [][]string //
	More  []string   // what stands behind it, folded away
	Notes []string   // warnings, shown as footnotes
}

// A Table is a head and rows of cells, all of the same length. The first cell
// of a row names it.
type Table struct {
	Title string
	Head  []string
	Rows  [][]string
	Note  string // how to read it; "" for none
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
