package study

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/run"
)

// Omissions says in a sentence for each reason which keys records have left out for it, and of
// several records in how many.
func Omissions(records []run.Record) []string {
	type omitted struct {
		keys    []string
		records int // with the first of the keys left out
	}
	by, whys := map[string]*omitted{}, []string{}
	for _, r := range records {
		for _, o := range r.Omitted {
			if by[o.Why] == nil {
				by[o.Why], whys = &omitted{}, append(whys, o.Why)
			}
			to := by[o.Why]
			if !slices.Contains(to.keys, o.Key) {
				to.keys = append(to.keys, o.Key)
			}
			if o.Key == to.keys[0] {
				to.records++
			}
		}
	}
	var lines []string
	for _, why := range whys {
		of, to := "", by[why]
		if len(records) > 1 {
			of = fmt.Sprintf(" of %d of %d measurements", to.records, len(records))
		}
		lines = append(lines, fmt.Sprintf("Left out%s: %s: %s.", of, strings.Join(to.keys, ", "), why))
	}
	return lines
}
