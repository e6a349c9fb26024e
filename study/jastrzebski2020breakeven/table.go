package breakeven2020

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Table is a head and rows of cells, all of the same length.
type Table struct {
	Title string     `json:"title"`
	Head  []string   `json:"head"`
	Rows  [][]string `json:"rows"`
}

// Maxima returns the table of break-even points and maxima: a row for each
// quantity, a column for each run.
func Maxima(runs []Findings) Table {
	t := Table{Title: "Break-even and maxima", Head: []string{""}}
	for _, f := range runs {
		t.Head = append(t.Head, f.Name)
	}
	t.row("break-even step", runs, func(f Findings) string {
		switch b := f.Reached; b.State {
		case Bracketed:
			return fmt.Sprintf("%d–%d", b.Before.Step, b.At.Step)
		case AtStart:
			return fmt.Sprintf("≤ %d", b.At.Step)
		default:
			return string(b.State)
		}
	})
	t.row("  epoch there", runs, atBreakEven(func(b BreakEven) string { return digits(b.At.Epoch, 3) }))
	t.row("  accuracy there", runs, atBreakEven(func(b BreakEven) string { return b.At.Accuracy.String() }))
	t.row("  λ_H¹ there", runs, atBreakEven(func(b BreakEven) string { return b.H.String() }))
	t.row("  λ_K¹ there", runs, atBreakEven(func(b BreakEven) string { return b.K.String() }))
	t.row(fmt.Sprintf("step of accuracy %.2f", AccuracyLine), runs, func(f Findings) string {
		if !f.Line.Passed {
			return "not reached"
		}
		return fmt.Sprint(f.Line.At.Step)
	})
	for _, key := range MaximaKeys {
		t.row("max "+symbol(key), runs, func(f Findings) string { return f.Maximum(key).cell() })
	}
	return t
}

func (t *Table) row(name string, runs []Findings, cell func(Findings) string) {
	row := []string{name}
	for _, f := range runs {
		row = append(row, cell(f))
	}
	t.Rows = append(t.Rows, row)
}

func atBreakEven(cell func(BreakEven) string) func(Findings) string {
	return func(f Findings) string {
		if !f.Reached.crossed() {
			return "–"
		}
		return cell(f.Reached)
	}
}

// cell returns "0.87 ± 0.02 at step 94", with a + where it may still rise.
func (e Extreme) cell() string {
	if e.Count == 0 {
		return "–"
	}
	rise := ""
	if e.Last {
		rise = "+"
	}
	return fmt.Sprintf("%v%s at step %d", e.Figure, rise, e.At.Step)
}

// Forecasts returns the table of what the closed form says of other settings,
// with no rows where it says nothing.
func (f Findings) Forecasts() Table {
	t := Table{
		Title: "Break-even by the closed form, from " + f.Name,
		Head:  []string{"setting", "λ_H¹", "λ_K¹"},
	}
	for _, c := range f.forecasts() {
		row := []string{fmt.Sprintf("η = %s, S = %d", digits(c.Eta, 6), c.S), c.H.String(), c.K.String()}
		if c.H.Value <= 0 {
			row[1], row[2] = "nothing is stable", "–"
		}
		if c.Eta == f.Spec.LR && c.S == f.Spec.Batch {
			row[0] += " (this run)"
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// String returns the table with aligned columns, for a terminal.
func (t Table) String() string {
	width := make([]int, len(t.Head))
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		for j, cell := range row {
			width[j] = max(width[j], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		line := ""
		for j, cell := range row {
			line += cell + strings.Repeat(" ", width[j]-utf8.RuneCountInString(cell)+2)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}
