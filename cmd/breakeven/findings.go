package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"breakeven/internal/store"
	"breakeven/run"
	breakeven2020 "breakeven/study/jastrzebski2020breakeven"
)

// analyze returns what the records of a run show of its break-even point.
func analyze(r store.Run, records []run.Record) breakeven2020.Findings {
	n, _ := trainSize(r.Spec)
	return breakeven2020.Analyze(breakeven2020.Run{Spec: r.Spec, Status: r.Status, Train: n, Records: records})
}

// writeFindings prints the findings of one run: a table of maxima, sentences,
// and what to bear in mind.
func writeFindings(w io.Writer, f breakeven2020.Findings) {
	if f.Records == 0 {
		fmt.Fprintln(w, "nothing was measured yet")
		return
	}
	fmt.Fprintf(w, "\n%s\n", filled(breakeven2020.Maxima([]breakeven2020.Findings{f})))
	writeSentences(w, "", f.Lines())
	writeSentences(w, "Not decided:", f.Open)
	writeSentences(w, "To bear in mind:", f.Warnings)
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
