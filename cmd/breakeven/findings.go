package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"breakeven/internal/store"
	"breakeven/run"
	breakeven2020 "breakeven/study/jastrzebski2020breakeven"
	"breakeven/task"
)

// analyze returns what the records of a run show of its break-even point.
func analyze(r store.Run, records []run.Record) breakeven2020.Findings {
	n, _ := trainSize(r.Spec, records)
	return breakeven2020.Analyze(breakeven2020.Run{Spec: r.Spec, Status: r.Status, Train: n, Records: records})
}

// writeFindings prints what one run shows, in short: a table of maxima, and the
// sentences that matter most.
func writeFindings(w io.Writer, f breakeven2020.Findings) {
	if f.Records == 0 {
		fmt.Fprintln(w, "nothing was measured yet")
		return
	}
	fmt.Fprintf(w, "\n%s\n", filled(breakeven2020.Maxima([]breakeven2020.Findings{f})))
	writeSentences(w, "", f.Section().Lines)
}

// writeAllFindings prints what one run shows, and what to bear in mind.
func writeAllFindings(w io.Writer, f breakeven2020.Findings) {
	if f.Records == 0 {
		fmt.Fprintln(w, "nothing was measured yet")
		return
	}
	fmt.Fprintf(w, "\n%s\n", filled(breakeven2020.Maxima([]breakeven2020.Findings{f})))
	writeSentences(w, "", f.Lines())
	writeSentences(w, "Not decided:", f.Open)
	writeSentences(w, "To bear in mind:", f.Warnings)
}

// writeComparison prints what each run shows, in short, and all of them
// together.
func writeComparison(w io.Writer, all []breakeven2020.Findings, c breakeven2020.Comparison) error {
	fmt.Fprintf(w, "\n%s", filled(breakeven2020.Maxima(all)))
	var notes []string
	for _, f := range all {
		s := f.Section()
		writeSentences(w, s.Title+": "+s.Badge, s.Lines)
	}
	for _, s := range c.Sections() {
		writeSentences(w, s.Title+": "+s.Badge, s.Lines)
		if len(s.Rows) > 0 {
			fmt.Fprintln(w)
			if err := (&table{s.Head, s.Rows}).write(w); err != nil {
				return err
			}
		}
		for _, n := range s.Notes {
			if !slices.Contains(notes, n) {
				notes = append(notes, n)
			}
		}
	}
	notes = append(notes, c.Notes...)
	notes = append(notes, gather(all, func(f breakeven2020.Findings) []string { return f.Open })...)
	notes = append(notes, gather(all, func(f breakeven2020.Findings) []string { return f.Warnings })...)
	writeSentences(w, "To bear in mind:", notes)
	return nil
}

// gather returns the sentences of all runs: once those that hold of every run,
// and with the name of the run those that do not.
func gather(all []breakeven2020.Findings, sentences func(breakeven2020.Findings) []string) []string {
	count := map[string]int{}
	for _, f := range all {
		for _, line := range sentences(f) {
			count[line]++
		}
	}
	var lines []string
	for i, f := range all {
		for _, line := range sentences(f) {
			switch {
			case count[line] < len(all):
				lines = append(lines, f.Name+": "+line)
			case i == 0:
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// filled returns a table without the rows that hold nothing.
func filled(t breakeven2020.Table) breakeven2020.Table {
	t.Rows = slices.DeleteFunc(slices.Clone(t.Rows), func(row []string) bool {
		return !slices.ContainsFunc(row[1:], func(cell string) bool { return cell != "–" })
	})
	return t
}

// writeSentences prints a list under a title.
func writeSentences(w io.Writer, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	if title != "" {
		fmt.Fprintf(w, "\n%s\n", title)
	}
	for _, line := range lines {
		text, indent := line, "- "
		if sub, nested := strings.CutPrefix(line, "  "); nested {
			text, indent = sub, "  - "
		}
		fmt.Fprintln(w, indent+wrap(text, lineWidth, strings.Repeat(" ", len(indent))))
	}
}

// lineWidth is how long a line of sentences gets, in characters.
const lineWidth = 96

// wrap breaks a text into lines of at most so many characters where it can;
// all but the first begin with indent.
func wrap(text string, width int, indent string) string {
	var b strings.Builder
	used := len(indent)
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case used+1+n > width:
			b.WriteString("\n" + indent)
			used = len(indent)
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += n
	}
	return b.String()
}

// trainSize returns how many examples a run trains on: by its spec or, if only the data
// say, by how many steps make an epoch.
func trainSize(s run.Spec, records []run.Record) (int, bool) {
	if n, ok := task.TrainSize(s); ok {
		return n, true
	}
	for _, r := range records {
		if r.Step > 0 && r.Epoch > 0 {
			return int(math.Round(float64(r.Step*s.Batch) / r.Epoch)), true
		}
	}
	return 0, false
}
