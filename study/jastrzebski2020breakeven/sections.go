package breakeven2020

import (
	"fmt"
	"slices"
)

// A Section is a finding in words, for a page. Tone is "good" where a conjecture
// held, "bad" where it did not, and empty otherwise.
type Section struct {
	Title string
	Badge string     // says it in a few words
	Tone  string     //
	Lines []string   // say it whole
	Head  []string   // of a table of figures; nil for none
	Rows  [][]string //
	More  []string   // what stands behind it
	Notes []string   // to bear in mind
}

// A Mark names an epoch of a run. A main one is shown beside many other runs,
// too.
type Mark struct {
	Epoch float64
	Name  string
	Main  bool
}

// Section returns what a run shows, for a page.
func (f Findings) Section() Section {
	return Section{
		Title: f.Name, Badge: f.Reached.badge(), Lines: f.first(), More: f.behind(),
		Notes: slices.Concat(prefixed(f.Name+": ", f.Warnings), prefixed(f.Name+", not decided: ", f.Open)),
	}
}

func (b BreakEven) badge() string {
	switch b.State {
	case Bracketed:
		return fmt.Sprintf("break-even at step %d–%d", b.Before.Step, b.At.Step)
	case AtStart:
		return fmt.Sprintf("break-even at step %d or before", b.At.Step)
	default:
		return "break-even " + string(b.State)
	}
}

// Marks returns the epochs of break-even and of the accuracy line. Break-even is
// marked where it was first seen, at the end of its bracket.
func (f Findings) Marks() []Mark {
	var marks []Mark
	if f.Reached.crossed() {
		marks = append(marks, Mark{f.Reached.At.Epoch, "break-even", true})
	}
	if f.Line.Passed {
		marks = append(marks, Mark{f.Line.At.Epoch, fmt.Sprintf("%.0f %% accuracy", 100*f.Line.Accuracy), false})
	}
	return marks
}

// Sections returns what the sweeps show, for a page: one section for each
// conjecture of each sweep.
func (c Comparison) Sections() []Section {
	var all []Section
	for _, s := range c.Sweeps {
		for i, v := range s.Conjectures {
			sec := v.section(s)
			if i == 0 {
				sec.More = s.Forecasts
			}
			all = append(all, sec)
		}
	}
	return all
}

func (v Verdict) section(s Sweep) Section {
	sec := Section{
		Title: v.Name, Badge: string(v.Outcome), Head: []string{"maximum of"}, Notes: s.Warnings,
		Lines: []string{fmt.Sprintf("It says: %s. It %s for %s.", v.Statement, v.verb(), s.all())},
	}
	switch v.Outcome {
	case Held:
		sec.Tone = "good"
	case NotHeld:
		sec.Tone = "bad"
	}
	for _, set := range s.Settings {
		sec.Head = append(sec.Head, s.name(set))
	}
	sec.Head = append(sec.Head, "")
	for _, p := range v.Parts {
		row := []string{symbol(p.Key)}
		for i := range s.Settings {
			if p.Outcome == Untested {
				row = append(row, "–")
			} else {
				row = append(row, p.Figures[i].String())
			}
		}
		outcome := string(p.Outcome)
		if !p.Decides {
			outcome += " (does not decide)"
		}
		sec.Rows = append(sec.Rows, append(row, outcome))
		if p.Why != "" {
			sec.Lines = append(sec.Lines, fmt.Sprintf("%s: %s.", symbol(p.Key), p.Why))
		}
	}
	return sec
}

func prefixed(prefix string, lines []string) []string {
	var all []string
	for _, l := range lines {
		all = append(all, prefix+l)
	}
	return all
}
