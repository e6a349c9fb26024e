package breakeven2020

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Table is a head and rows of cells, all of the same length. Note says how to
// read it.
type Table struct {
	Title string     `json:"title"`
	Head  []string   `json:"head"`
	Rows  [][]string `json:"rows"`
	Note  string     `json:"note,omitempty"`
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
		if slices.ContainsFunc(runs, func(f Findings) bool { return f.Maximum(key).Last }) {
			t.Note = "+: largest at the last measurement, so that it may still rise."
		}
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

// Forecasts returns the table of the closed form's λ_H¹ and λ_K¹ at break-even
// for the settings of the runs and their neighbours, as each run predicts them,
// beside what was measured. It has no rows where no run predicts anything.
func Forecasts(runs []Findings) Table {
	t := Table{Title: "Break-even by the closed form", Note: Assumptions, Head: []string{"setting"}}
	var from []Findings
	for _, f := range runs {
		if _, ok := f.Forecast(f.Spec.LR, f.Spec.Batch); ok {
			from = append(from, f)
			t.Head = append(t.Head, "λ_H¹ from "+f.Name, "λ_K¹")
		}
	}
	if len(from) == 0 {
		return t
	}
	t.Head = append(t.Head, "λ_H¹ measured")
	for _, c := range neighbours(from) {
		row := []string{fmt.Sprintf("η = %s, S = %d", digits(c.eta, 6), c.S)}
		for _, f := range from {
			p, ok := f.Forecast(c.eta, c.S)
			switch {
			case !ok:
				row = append(row, "–", "–")
			case p.H.Value <= 0:
				row = append(row, "none is stable", "–")
			default:
				row = append(row, p.H.String(), p.K.String())
			}
		}
		t.Rows = append(t.Rows, append(row, measuredAt(runs, c)))
	}
	return t
}

// A setting is a learning rate and a batch size.
type setting struct {
	eta float64
	S   int
}

// neighbours returns the settings of the runs with half, twice and four times
// the learning rate and a quarter and four times the batch.
func neighbours(runs []Findings) []setting {
	var list []setting
	add := func(eta float64, S int) {
		eta, _ = strconv.ParseFloat(strconv.FormatFloat(eta, 'g', 12, 64), 64) // so that equal settings are equal
		c := setting{eta, S}
		if !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	for _, f := range runs {
		eta, S := f.Spec.LR, f.Spec.Batch
		for _, factor := range []float64{0.5, 1, 2} {
			add(factor*eta, S)
		}
		if S >= 4 {
			add(eta, S/4)
		}
		if 4*S <= f.Train {
			add(eta, 4*S)
		}
	}
	slices.SortFunc(list, func(a, b setting) int {
		return cmp.Or(cmp.Compare(a.S, b.S), cmp.Compare(a.eta, b.eta))
	})
	return list
}

// measuredAt returns λ_H¹ at break-even of the first run with a setting.
func measuredAt(runs []Findings, c setting) string {
	for _, f := range runs {
		if f.Spec.Batch != c.S || math.Abs(f.Spec.LR-c.eta) > 1e-9*c.eta {
			continue
		}
		if f.Reached.crossed() {
			return f.Reached.H.String()
		}
		return "not reached"
	}
	return ""
}

// String returns the table with aligned columns, and its note if that is short,
// for a terminal.
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
	if n := utf8.RuneCountInString(t.Note); n > 0 && n < 80 {
		b.WriteString(t.Note + "\n")
	}
	return b.String()
}
