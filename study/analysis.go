package study

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"breakeven/run"
)

// A Run is one trajectory, as an analysis reads it.
type Run struct {
	ID      string // in its store; "" if it has none
	Name    string // as shown; "" leaves it to the analysis
	Spec    run.Spec
	Status  run.Status
	Train   int          // N, training examples; 0 means Spec.Train, and if that is 0, unknown
	Records []run.Record // in order of steps
}

// An Analysis is what runs show, ready to be drawn and printed.
type Analysis struct {
	Subject  string    // what the runs are about, if their network and data do not say it
	Runs     []Finding // one for each run, in their order
	Sections []Section // what they show together
	Heart    Figure    // the picture that the page begins with, and then Sections; without curves the page begins with Runs
	Summary  Table     // of the runs, for page and terminal
	Choice   Table     // which of several settings to take; no rows if there is no choice
	Tables   []Table   // further ones, for the page
	Groups   []Group   // figures under headings

	Notes     []string // to bear in mind with all of it
	Footnotes []string // the same, of the page alone
	Data      any      // what they show together, in numbers, for JSON; nil: nothing
}

// A Finding is what one run shows.
type Finding struct {
	Name    string  // of the run: of every table, curve and sentence. No two are alike
	Section Section // its Title is Name
	Data    any     // in numbers, for JSON
}

// A Section is a finding in words. Tone is "good" if a claim held, "bad" if it
// did not, and anything else for neither.
type Section struct {
	Title string
	Badge string     // says it in a few words; "" for none
	Tone  string     //
	Lines []string   // say it whole
	Head  []string   // of a table of figures; nil for none
	Rows  [][]string //
	More  []string   // what stands behind it
	Open  []string   // what could not be decided, and why
	Notes []string   // to bear in mind with it
}

// A Table is a head and rows of cells, all of the same length. The first cell
// of a row names it. Note says how to read it.
type Table struct {
	Title string     `json:"title"`
	Head  []string   `json:"head"`
	Rows  [][]string `json:"rows"`
	Note  string     `json:"note,omitempty"`
}

// Empty is the cell of what was not measured.
const Empty = "–"

// Filled returns the table without the rows that hold nothing.
func (t Table) Filled() Table {
	t.Rows = slices.DeleteFunc(slices.Clone(t.Rows), func(row []string) bool {
		return !slices.ContainsFunc(row[1:], func(cell string) bool { return cell != Empty })
	})
	return t
}

// widest is the width of a table in a terminal, in characters; what is wider is
// written in several blocks of columns.
const widest = 120

// String returns the table with aligned columns, and its note if that is short,
// for a terminal.
func (t Table) String() string {
	width := make([]int, len(t.Head))
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		for j, cell := range row {
			width[j] = max(width[j], utf8.RuneCountInString(cell)+2)
		}
	}
	var b strings.Builder
	for from := 1; ; {
		to, used := from, 0
		if len(width) > 0 {
			used = width[0]
		}
		for to < len(width) && (to == from || used+width[to] <= widest+2) {
			used += width[to]
			to++
		}
		t.block(&b, width, from, to)
		if from = to; from >= len(width) {
			break
		}
		b.WriteByte('\n')
	}
	if n := utf8.RuneCountInString(t.Note); n > 0 && n < 80 {
		b.WriteString(t.Note + "\n")
	}
	return b.String()
}

// block writes the first column and those of from ≤ j < to.
func (t Table) block(b *strings.Builder, width []int, from, to int) {
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		line := ""
		for j, cell := range row {
			if j == 0 || j >= from && j < to {
				line += cell + strings.Repeat(" ", width[j]-utf8.RuneCountInString(cell))
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// Named returns the runs with names of which no two are alike: those without one get
// what label says, and equal names get the ID of the run after them, or its place if
// IDs are equal, too.
func Named(runs []Run, label func(run.Spec) string) []Run {
	runs = slices.Clone(runs)
	times := map[string]int{}
	for i := range runs {
		r := &runs[i]
		if r.ID == "" {
			r.ID = r.Spec.ID()
		}
		if r.Name == "" {
			r.Name = label(r.Spec)
		}
		times[r.Name]++
	}
	seen := map[string]bool{}
	for i := range runs {
		name := runs[i].Name
		if times[name] > 1 {
			runs[i].Name = fmt.Sprintf("%s (%s)", name, runs[i].ID)
		}
		if seen[runs[i].Name] {
			runs[i].Name = fmt.Sprintf("%s (%s, %d)", name, runs[i].ID, i+1)
		}
		seen[runs[i].Name] = true
	}
	return runs
}
