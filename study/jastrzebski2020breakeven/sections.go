package jastrzebski2020breakeven

import (
	"cmp"
	"fmt"

	"breakeven/study"
)

// Section returns what a run shows, for a page.
func (f Findings) Section() study.Section {
	return study.Section{
		Title: f.Name, Badge: cmp.Or(f.collapseBadge(), f.Reached.badge()), Lines: f.first(), More: f.behind(), Open: f.Open, Notes: f.Warnings,
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
func (f Findings) Marks() []study.Mark {
	var marks []study.Mark
	if f.Reached.crossed() {
		marks = append(marks, study.Mark{At: f.Reached.At.Epoch, Name: "break-even"})
	}
	if f.Line.Passed {
		marks = append(marks, study.Mark{At: f.Line.At.Epoch, Name: fmt.Sprintf("%.0f %% accuracy", 100*f.Line.Accuracy), Minor: true})
	}
	return marks
}

// Sections returns what the sweeps show, for a page: one section for each
// conjecture of each sweep.
func (c Comparison) Sections() []study.Section {
	var all []study.Section
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

func (v Verdict) section(s Sweep) study.Section {
	sec := study.Section{
		Title: v.Name, Badge: v.badge(s), Head: []string{"maximum of"}, Notes: s.Warnings,
		Lines: []string{fmt.Sprintf("It says: %s. It %s for %s.", v.Statement, v.verb(), s.all())},
	}
	if s.Of != "" {
		sec.Title += ": " + s.Of
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
	sec.Head = append(sec.Head, "change", "")
	for _, p := range v.Parts {
		row := []string{symbol(p.Key)}
		for i := range s.Settings {
			if p.Outcome == Untested {
				row = append(row, study.Empty)
			} else {
				row = append(row, p.Figures[i].String())
			}
		}
		outcome := string(p.Outcome)
		if !p.Decides {
			outcome += " (does not decide)"
		}
		sec.Rows = append(sec.Rows, append(row, p.Effect.String(), outcome))
		if p.Why != "" {
			sec.Lines = append(sec.Lines, fmt.Sprintf("%s: %s.", symbol(p.Key), p.Why))
		}
	}
	return sec
}

// badge says what was found of how many runs: never the one without the other.
func (v Verdict) badge(s Sweep) string {
	if v.Outcome == Untested {
		return string(v.Outcome)
	}
	return string(v.Outcome) + ", " + s.seeds()
}
