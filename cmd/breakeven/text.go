package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

// printJSON writes v, indented, with a line break at its end.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// A table is rows of cells under a head. Columns whose cells are numbers stand
// to the right.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// write prints the table as wide as the terminal, and in whole lines elsewhere.
func (t *table) write(w io.Writer) error {
	_, err := io.WriteString(w, study.Table{Head: t.head, Rows: t.rows}.Text(widthOf(w)))
	return err
}

// writeLayers prints what was measured in single layers, if anything was, after the given text.
func (a *app) writeLayers(records []run.Record, before string) error {
	t, ok := study.Layers(records)
	if !ok {
		return nil
	}
	_, err := fmt.Fprintf(a.stdout, "%s%s\n%s\n", before, t.Title, t.Text(widthOf(a.stdout)))
	return err
}

// num writes a measured number with four digits.
func num(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

// numbers writes a value: one number, or the first few of several.
func numbers(v run.Value) string {
	if v.Vector == nil {
		return num(v.Value)
	}
	const shown = 5
	var words []string
	for i, x := range v.Vector {
		if i == shown {
			return fmt.Sprintf("%s … (%d numbers)", strings.Join(words, " "), len(v.Vector))
		}
		words = append(words, num(x))
	}
	return strings.Join(words, " ")
}

// how says in a phrase how a value was made.
func how(h run.How) string {
	var words []string
	add := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	if h.Method != "" {
		add("%s", h.Method)
	}
	switch {
	case h.L > 0 && h.M > 0:
		add("%d × %d examples", h.L, h.M)
	case h.Examples > 0:
		add("%d examples", h.Examples)
	}
	if h.Batch > 0 {
		add("η = %g, S = %d, N = %d", h.LR, h.Batch, h.N)
	}
	if h.Products > 0 {
		add("%d products", h.Products)
	}
	if h.Note != "" {
		add("%s", h.Note)
	}
	return strings.Join(words, ", ")
}

// plusMinus writes the errors of a value, that of the estimate and that of its sample;
// nothing where it is exact up to rounding.
func plusMinus(v run.Value) string {
	var words []string
	if v.Error != 0 {
		words = append(words, strings.TrimSpace(num(v.Error)+" "+v.How.Error))
	}
	if v.Sample != 0 {
		words = append(words, num(v.Sample)+" sampling")
	}
	return strings.Join(words, ", ")
}

// bytesText writes an amount of memory.
func bytesText(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.0f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.0f kB", math.Ceil(float64(n)/1e3))
}

// duration writes a time to the second, or the minute.
func duration(d time.Duration) string {
	switch {
	case d >= time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	case d >= time.Minute:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%ds", int(d.Seconds()))
}

// plural writes "1 run", "2 runs".
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return digits.Thousands(n) + " " + thing + "s"
}
