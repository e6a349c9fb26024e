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
	"breakeven/study"
	"breakeven/study/catalog"
	"breakeven/task"
)

// An analyzer says what runs show.
type analyzer func([]study.Run) study.Analysis

// analyzed reads the records of runs and says what these show. Runs of the same ID are told
// apart by their stores.
func analyzed(runs []located, analyze analyzer) ([]study.Run, study.Analysis, error) {
	count := map[string]int{}
	for _, r := range runs {
		count[r.ID]++
	}
	var list []study.Run
	for _, r := range runs {
		records, err := r.in.Records(r.ID)
		if err != nil {
			return nil, study.Analysis{}, err
		}
		one := studyRun(r.Run, records)
		if count[r.ID] > 1 {
			one.ID = r.title()
		}
		list = append(list, one)
	}
	return list, analyze(list), nil
}

// analyzeOne returns what the records of one run show.
func analyzeOne(r store.Run, records []run.Record) study.Analysis {
	return catalog.Analyze([]study.Run{studyRun(r, records)})
}

func studyRun(r store.Run, records []run.Record) study.Run {
	n, _ := trainSize(r.Spec, records)
	return study.Run{ID: r.ID, Name: r.Name, Spec: r.Spec, Status: r.Status, Train: n, Records: records}
}

// writeFindings prints what one run shows, in short: its table, the sentences
// that matter most, and what to bear in mind with them.
func writeFindings(w io.Writer, records []run.Record, a study.Analysis) {
	if len(records) == 0 {
		fmt.Fprintln(w, "nothing was measured yet")
		return
	}
	fmt.Fprintf(w, "\n%s\n", fitting(w, a.Summary))
	for _, f := range a.Runs {
		writeSentences(w, "", f.Section.Lines)
		writeSentences(w, "To bear in mind:", f.Section.Notes)
	}
}

// writeAllFindings prints what one run shows, and what to bear in mind.
func writeAllFindings(w io.Writer, records []run.Record, a study.Analysis) {
	if len(records) == 0 {
		fmt.Fprintln(w, "nothing was measured yet")
		return
	}
	fmt.Fprintf(w, "\n%s\n", fitting(w, a.Summary))
	for _, f := range a.Runs {
		writeSentences(w, "", slices.Concat(f.Section.Lines, f.Section.More))
		writeSentences(w, "Not decided:", f.Section.Open)
		writeSentences(w, "To bear in mind:", f.Section.Notes)
	}
}

// writeChoice prints what many runs show, in short: the finding, and which setting to take or, if
// there is no choice, a table of the runs.
func writeChoice(w io.Writer, a study.Analysis) {
	writeHeadline(w, a)
	if len(a.Choice.Rows) > 0 {
		writeChosen(w, a)
		return
	}
	fmt.Fprintf(w, "\n%s", fitting(w, a.Summary))
}

func writeHeadline(w io.Writer, a study.Analysis) {
	if a.Headline != "" {
		fmt.Fprintf(w, "\n%s\n", wrap(a.Headline, lineOf(w), ""))
	}
}

func writeChosen(w io.Writer, a study.Analysis) {
	fmt.Fprintf(w, "\n%s\n%s", a.Choice.Title, fitting(w, a.Choice))
}

// writeAnalysis prints the finding, what each of several runs shows, in short, and all of
// them together.
func writeAnalysis(w io.Writer, a study.Analysis) {
	writeHeadline(w, a)
	fmt.Fprintf(w, "\n%s", fitting(w, a.Summary))
	if len(a.Choice.Rows) > 0 {
		writeChosen(w, a)
	}
	for _, f := range a.Runs {
		writeSentences(w, titled(f.Section), f.Section.Lines)
	}
	var notes []string
	for _, s := range a.Sections {
		writeSentences(w, titled(s), s.Lines)
		if len(s.Rows) > 0 {
			fmt.Fprintln(w)
			fmt.Fprint(w, fitting(w, study.Table{Head: s.Head, Rows: s.Rows}))
		}
		for _, n := range s.Notes {
			if !slices.Contains(notes, n) {
				notes = append(notes, n)
			}
		}
	}
	notes = append(notes, a.Notes...)
	notes = append(notes, gather(a.Runs, func(s study.Section) []string { return s.Open })...)
	notes = append(notes, gather(a.Runs, func(s study.Section) []string { return s.Notes })...)
	writeSentences(w, "To bear in mind:", notes)
}

// fitting returns a table as wide as the terminal; elsewhere of 120 characters.
func fitting(w io.Writer, t study.Table) string {
	if width := widthOf(w); width > 0 {
		return t.Text(width)
	}
	return t.String()
}

func titled(s study.Section) string {
	if s.Badge == "" {
		return s.Title
	}
	return s.Title + ": " + s.Badge
}

// gather returns the sentences of all runs: once those that hold of every run,
// and with the name of the run those that do not.
func gather(all []study.Finding, sentences func(study.Section) []string) []string {
	count := map[string]int{}
	for _, f := range all {
		for _, line := range sentences(f.Section) {
			count[line]++
		}
	}
	var lines []string
	for i, f := range all {
		for _, line := range sentences(f.Section) {
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
		fmt.Fprintln(w, indent+wrap(text, lineOf(w), strings.Repeat(" ", len(indent))))
	}
}

// lineOf is how long a line of sentences gets, in characters.
func lineOf(w io.Writer) int {
	const readable = 96
	if width := widthOf(w); width > 0 {
		return min(width, readable)
	}
	return readable
}

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
