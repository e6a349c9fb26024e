package study

import (
	"fmt"
	"slices"

	"breakeven/run"
)

// A Run is one trajectory, as an analysis reads it.
type Run struct {
	ID      string // in its store; "" if it has none
	Name    string // that its user gave it; "" for none
	Spec    run.Spec
	Status  run.Status
	Train   int          // N, training examples; 0 means Spec.Train, and if that is 0, unknown
	Records []run.Record // in order of steps

	// Pictures says that of long runs only pictures are wanted, and no table of each of their numbers.
	Pictures bool
}

// An Analysis is what runs show, ready to be drawn and printed.
type Analysis struct {
	Subject  string    // what the runs are about, if their network and data do not say it
	Headline string    // the finding in one sentence; "" if there is none
	Lead     []Group   // the pictures that show it
	Runs     []Finding // one for each run, in their order
	Sections []Section // what they show together
	Summary  Table     // of the runs, for page and terminal
	Choice   Table     // which of several settings to take; no rows if there is no choice
	Tables   []Table   // further ones, for the page
	Groups   []Group   // further figures under headings

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

// Named returns the runs with names of which no two are alike: each gets what label
// says, after the name that its user gave it, if any; equal names get the ID of the run
// after them, or its place if IDs are equal, too.
func Named(runs []Run, label func(run.Spec) string) []Run {
	runs = slices.Clone(runs)
	times := map[string]int{}
	for i := range runs {
		r := &runs[i]
		if r.ID == "" {
			r.ID = r.Spec.ID()
		}
		if r.Name != "" {
			r.Name += ": "
		}
		r.Name += label(r.Spec)
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
