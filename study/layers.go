package study

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"breakeven/run"
)

// Layers returns what the last record of a run, among those in which something was measured in each
// layer, says of them: a row for each layer and a column for each key. It is false if there is none.
func Layers(records []run.Record) (Table, bool) {
	for _, r := range slices.Backward(records) {
		i := slices.IndexFunc(r.Values, func(v run.Value) bool { return v.Names != nil })
		if i < 0 {
			continue
		}
		names := r.Values[i].Names
		t := Table{Title: fmt.Sprintf("Layers at step %d", r.Step), Head: []string{"layer"}}
		for _, name := range names {
			t.Rows = append(t.Rows, []string{name})
		}
		for _, v := range r.Values {
			if !slices.Equal(v.Names, names) || len(v.Vector) != len(names) {
				continue
			}
			t.Head = append(t.Head, v.Key)
			for i := range names {
				t.Rows[i] = append(t.Rows[i], elementText(v, i))
			}
		}
		return t, true
	}
	return Table{}, false
}

// elementText writes an element of a vector with its error.
func elementText(v run.Value, i int) string {
	x := v.Vector[i]
	if math.IsNaN(x) {
		return Empty
	}
	text := strconv.FormatFloat(x, 'g', 4, 64)
	e := 0.0 // as an estimate for all examples
	for _, errors := range [][]float64{v.Errors, v.Samples} {
		if i < len(errors) {
			e = math.Hypot(e, errors[i])
		}
	}
	if e > 0 {
		text += " ± " + strconv.FormatFloat(e, 'g', 2, 64)
	}
	return text
}
