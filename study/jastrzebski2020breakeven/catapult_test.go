package jastrzebski2020breakeven

import (
	"math"
	"strings"
	"testing"

	"breakeven/run"
)

// A catapult is a loss that rises by more than a tenth and its errors, falls below its first value, and
// leaves a λ_H¹ that is lower by more than its errors.
func TestCatapult(t *testing.T) {
	none := math.NaN()
	for name, c := range map[string]struct {
		loss, h []float64
		err     float64
		seen    bool
	}{
		"catapult":               {[]float64{2.3, 3, 5, 2.4, 1.9}, []float64{30, 40, 12, 10, 8}, 0.01, true},
		"h is measured later":    {[]float64{2.3, 5, 2.2, 1.9, 1.8}, []float64{30, none, none, none, 8}, 0.01, true},
		"no rise":                {[]float64{2.3, 2.2, 2.0, 1.9}, []float64{30, 20, 12, 10}, 0.01, false},
		"a small rise":           {[]float64{2.3, 2.4, 2.0, 1.9}, []float64{30, 20, 12, 10}, 0.01, false},
		"a rise within errors":   {[]float64{2.3, 2.6, 2.0, 1.9}, []float64{30, 20, 12, 10}, 0.2, false},
		"as sharp as before":     {[]float64{2.3, 5, 2.0, 1.9}, []float64{30, 20, 31, 32}, 0.01, false},
		"never below":            {[]float64{2.3, 5, 2.4, 2.4}, []float64{30, 20, 12, 10}, 0.01, false},
		"diverged":               {[]float64{2.3, 5, math.Inf(1)}, []float64{30, 20, none}, 0.01, false},
		"h is not measured":      {[]float64{2.3, 5, 2.0}, []float64{none, none, none}, 0.01, false},
		"nothing":                {nil, nil, 0, false},
		"later rises are others": {[]float64{2.3, 2.0, 5, 1.9}, []float64{30, 20, 12, 10}, 0.01, false},
	} {
		var records []run.Record
		for i, loss := range c.loss {
			values := []run.Value{{Key: "loss", Value: loss, Error: c.err}}
			if !math.IsNaN(c.h[i]) {
				values = append(values, run.Value{Key: "h_max", Value: c.h[i], Error: c.err})
			}
			records = append(records, run.Record{Step: 5 * i, Values: values})
		}
		got := catapult(records)
		if got.Seen != c.seen || (got.line() != "") != c.seen {
			t.Errorf("%s: %+v", name, got)
		}
		if name == "h is measured later" && (got.Peak.Step != 5 || got.After.Step != 20 || !strings.Contains(got.line(), "λ_H¹ went from 30")) {
			t.Errorf("%s: %s", name, got.line())
		}
		if len(records) > 0 {
			records[0].Step = 1
			if catapult(records).Seen {
				t.Errorf("%s: seen without step 0", name)
			}
		}
	}
}
