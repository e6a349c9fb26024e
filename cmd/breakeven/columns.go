package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"breakeven/probe"
	"breakeven/run"
)

// favourites are the keys that a table of records shows first.
var favourites = []string{"loss", "accuracy", "valid_accuracy", "h_max", "k_max", "k_trace", "k_condition", "stability"}

// columns returns at most as many keys as there are favourites: those of them
// that the records have, and then others, in the order of probe.Keys. Keys of
// vectors make no column.
func columns(records []run.Record) []string {
	have := map[string]bool{}
	for _, r := range records {
		for _, v := range r.Values {
			have[v.Key] = v.Vector == nil
		}
	}
	var keys []string
	take := func(key string) {
		if have[key] && len(keys) < len(favourites) {
			keys = append(keys, key)
			delete(have, key)
		}
	}
	for _, key := range favourites {
		take(key)
	}
	for _, k := range probe.Keys() {
		take(k.Name)
	}
	return keys
}

// byStep are the heads of the columns that say of which step a record is.
var byStep = []string{"step", "epoch"}

func stepCells(r run.Record) []string {
	return []string{fmt.Sprint(r.Step), fmt.Sprintf("%.2f", r.Epoch)}
}

// recordTable returns a table with a row for each record.
func recordTable(records []run.Record, keys []string) *table {
	t := &table{head: slices.Concat(byStep, keys)}
	for _, r := range records {
		t.add(append(stepCells(r), keyCells(r, keys)...)...)
	}
	return t
}

// keyCells are the values of a record under some keys.
func keyCells(r run.Record, keys []string) (cells []string) {
	for _, key := range keys {
		cell := "-"
		if v, ok := r.Get(key); ok {
			cell = numbers(v)
		}
		cells = append(cells, cell)
	}
	return cells
}

// A liveTable prints records as they come. The first decides the columns of keys.
type liveTable struct {
	w    io.Writer
	head []string // of the columns before those of keys
	wide int      // least width of each of them
	keys []string
}

// liveByStep is a table of the records of a run.
func liveByStep(w io.Writer) liveTable { return liveTable{w: w, head: byStep, wide: 6} }

// add prints one line, whose first cells are given, and before the first one the head.
func (t *liveTable) add(first []string, r run.Record) {
	if t.keys == nil {
		t.keys = columns([]run.Record{r})
		for width := widthOf(t.w); width > 0 && len(t.keys) > 1 && t.width() > width; {
			t.keys = t.keys[:len(t.keys)-1]
		}
		t.line(slices.Concat(t.head, t.keys))
	}
	t.line(slices.Concat(first, keyCells(r, t.keys)))
}

// width is that of a line.
func (t *liveTable) width() int {
	n := -2
	for i := range len(t.keys) + len(t.head) {
		n += t.column(i) + 2
	}
	return n
}

// column is the width of column i.
func (t *liveTable) column(i int) int {
	if i < len(t.head) {
		return max(t.wide, len(t.head[i]))
	}
	return max(9, len(t.keys[i-len(t.head)]))
}

func (t *liveTable) line(cells []string) {
	var b strings.Builder
	for i, cell := range cells {
		b.WriteString(strings.Repeat(" ", max(0, t.column(i)-utf8.RuneCountInString(cell))) + cell + "  ")
	}
	fmt.Fprintln(t.w, strings.TrimRight(b.String(), " "))
}

// legend says of each key what it is, how its last value was made, and the
// largest error that it came with.
func legend(w io.Writer, records []run.Record, keys []string) {
	for _, key := range keys {
		k, _ := probe.LookupKey(key)
		var last, worst run.Value
		for _, r := range records {
			if v, ok := r.Get(key); ok {
				last = v
				if v.Error > worst.Error {
					worst = v
				}
			}
		}
		if last.Key == "" {
			continue
		}
		text := fmt.Sprintf("%s (%s%s): %s. %s", key, either(k.Symbol == "", "", k.Symbol+", "), last.Unit, k.Meaning, how(last.How))
		if worst.Error != 0 {
			text += "; error at most " + plusMinus(worst)
		}
		fmt.Fprintln(w, wrap(text, lineOf(w), "    "))
	}
}
