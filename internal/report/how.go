package report

import (
	"fmt"
	"strings"

	"breakeven/internal/digits"
	"breakeven/run"
)

// A howRow says how the numbers of one key were made.
type howRow struct {
	Key, Symbol, Meaning string
	Method, Sample       string
	Error, Cost, Note    string
}

// how returns a row for every key of a run, in the order of run.Measured, read from
// its last record that has the key.
func how(r Run) []howRow {
	var rows []howRow
	columns := run.ColumnsOf(r.Records)
	for _, k := range run.Measured(r.Records) {
		column := columns[k.Name]
		last, n := column[len(column)-1], len(column)
		seconds := 0.0
		for _, v := range column {
			seconds += v.How.Seconds
		}
		rows = append(rows, howRow{
			Key: k.Name, Symbol: k.Symbol, Meaning: k.Meaning,
			Method: last.How.Method, Sample: sample(last.How), Error: errorOf(last.How),
			Cost: cost(last.How, seconds/float64(n)), Note: last.How.Note,
		})
	}
	return rows
}

// sample says which examples a number was made of.
func sample(h run.How) string {
	var parts []string
	if h.L > 0 && h.M > 0 {
		parts = append(parts, fmt.Sprintf("L = %d of M = %d", h.L, h.M))
	}
	if h.Examples > 0 {
		parts = append(parts, digits.Thousands(h.Examples)+" examples")
	}
	if h.Batch > 0 {
		parts = append(parts, fmt.Sprintf("η = %g, S = %s, N = %s", h.LR, digits.Thousands(h.Batch), digits.Thousands(h.N)))
	}
	return strings.Join(parts, ", ")
}

// errorOf says what the errors are: that of the estimate, and that of its sample.
func errorOf(h run.How) string {
	var parts []string
	add := func(text string, there bool) {
		if there {
			parts = append(parts, text)
		}
	}
	add(h.Error, h.Error != "")
	add(fmt.Sprintf("rounding %.2g of it", h.Rounding), h.Rounding > 0)
	add(fmt.Sprintf("tolerance %g", h.Tolerance), h.Tolerance > 0)
	add("sampling error: "+h.Sampling, h.Sampling != "")
	return strings.Join(parts, ", ")
}

// cost says what one measurement took.
func cost(h run.How, seconds float64) string {
	var parts []string
	if h.Products > 0 {
		parts = append(parts, fmt.Sprintf("%d products", h.Products))
	}
	if seconds > 0 {
		parts = append(parts, fmt.Sprintf("%.2g s (probe %s)", seconds, h.Probe))
	}
	return strings.Join(parts, ", ")
}
