package jastrzebski2020breakeven

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"breakeven/internal/digits"
	"breakeven/study"
)

// Maxima returns the table of break-even points and maxima: a row for each
// quantity, a column for each run.
func Maxima(runs []Findings) study.Table {
	t := study.Table{Title: "Break-even and maxima", Head: []string{""}}
	for _, f := range runs {
		t.Head = append(t.Head, f.Name)
	}
	row(&t, "break-even step", runs, func(f Findings) string {
		switch b := f.Reached; b.State {
		case Bracketed:
			return fmt.Sprintf("%d–%d", b.Before.Step, b.At.Step)
		case AtStart:
			return fmt.Sprintf("≤ %d", b.At.Step)
		default:
			return string(b.State)
		}
	})
	row(&t, "  epoch there", runs, atBreakEven(func(b BreakEven) string { return digits.Significant(b.At.Epoch, 3) }))
	row(&t, "  accuracy there", runs, atBreakEven(func(b BreakEven) string { return b.At.Accuracy.String() }))
	row(&t, "  λ_H¹ there", runs, atBreakEven(func(b BreakEven) string { return b.H.String() }))
	row(&t, "  λ_K¹ there", runs, atBreakEven(func(b BreakEven) string { return b.K.String() }))
	row(&t, lineName(runs), runs, func(f Findings) string {
		if !f.Line.Passed {
			return "not reached"
		}
		return fmt.Sprint(f.Line.At.Step)
	})
	last := false
	for _, key := range MaximaKeys {
		row(&t, "max "+symbol(key), runs, func(f Findings) string { return f.Maximum(key).cell() })
		if slices.ContainsFunc(runs, func(f Findings) bool { return f.Maximum(key).Solver > 0 }) {
			row(&t, "  solver's part of ±", runs, func(f Findings) string { return f.Maximum(key).solver() })
		}
		last = last || slices.ContainsFunc(runs, func(f Findings) bool { return f.Maximum(key).Last })
	}
	var notes []string
	if slices.ContainsFunc(t.Rows, func(row []string) bool { return strings.Contains(strings.Join(row[1:], " "), "±") }) {
		notes = append(notes, "±: solver and sample together.")
	}
	if last {
		notes = append(notes, "+: largest when last measured, may still rise.")
	}
	t.Note = strings.Join(notes, " ")
	return t
}

// lineName names the row of the accuracy line, by its accuracy if that is the same
// for all runs.
func lineName(runs []Findings) string {
	for _, f := range runs {
		if f.Line.Accuracy != runs[0].Line.Accuracy {
			runs = nil
			break
		}
	}
	if len(runs) == 0 {
		return "step of the accuracy line"
	}
	return fmt.Sprintf("step of accuracy %.2f", runs[0].Line.Accuracy)
}

func row(t *study.Table, name string, runs []Findings, cell func(Findings) string) {
	cells := []string{name}
	for _, f := range runs {
		cells = append(cells, cell(f))
	}
	t.Rows = append(t.Rows, cells)
}

func atBreakEven(cell func(BreakEven) string) func(Findings) string {
	return func(f Findings) string {
		if !f.Reached.crossed() {
			return study.Empty
		}
		return cell(f.Reached)
	}
}

// cell returns "0.87 ± 0.02 at step 94", with a + where it may still rise.
func (e Extreme) cell() string {
	if e.Count == 0 {
		return study.Empty
	}
	rise := ""
	if e.Last {
		rise = "+"
	}
	return fmt.Sprintf("%v%s at step %d", e.Figure, rise, e.At.Step)
}

// solver returns the error of the estimate where the sample has one, too.
func (e Extreme) solver() string {
	if e.Solver == 0 {
		return study.Empty
	}
	return digits.Significant(e.Solver, 1)
}

// Forecasts returns the table of the closed form's λ_H¹ and λ_K¹ at break-even
// for the settings of the runs and their neighbours, as each run predicts them,
// beside what was measured. It has no rows where no run predicts anything.
func Forecasts(runs []Findings) study.Table {
	t := study.Table{Title: "Break-even by the closed form", Note: Assumptions, Head: []string{"setting"}}
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
		row := []string{fmt.Sprintf("η = %s, S = %d", digits.Significant(c.eta, 6), c.S)}
		for _, f := range from {
			p, ok := f.Forecast(c.eta, c.S)
			switch {
			case !ok:
				row = append(row, study.Empty, study.Empty)
			case p.H.Value <= 0:
				row = append(row, "none is stable", study.Empty)
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
		return string(f.Reached.State)
	}
	return ""
}
