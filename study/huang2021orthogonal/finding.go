package huang2021orthogonal

import (
	"fmt"
	"strings"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

// shown are the keys whose last values a run is described by.
var shown = []string{"nngp_mean_error", "ntk_mean_error", "ntk_spread", "loss", "accuracy", "valid_accuracy", "ntk_change", "h_max", "k_max"}

// finding says what one run shows.
func finding(r study.Run) study.Finding {
	f := study.Finding{Name: r.Name, Section: study.Section{Title: r.Name, Badge: string(r.Status)}}
	found := map[string]float64{}
	var words []string
	for _, key := range shown {
		if v, ok := last(r, key); ok {
			found[key] = v.Value
			words = append(words, fmt.Sprintf("%s %s", key, digits.Significant(v.Value, 4)))
		}
	}
	if len(words) > 0 {
		f.Section.Lines = append(f.Section.Lines, "At the end: "+strings.Join(words, ", ")+".")
	}
	if len(r.Records) == 0 {
		f.Section.Open = []string{"Nothing was measured yet, so nothing can be said."}
	}
	if r.Spec.Until > 0 {
		n, reached := steps(r)
		if reached {
			f.Section.Lines = append(f.Section.Lines, fmt.Sprintf("An accuracy of %v was reached in %v steps.", r.Spec.Until, n))
		} else {
			f.Section.Lines = append(f.Section.Lines, fmt.Sprintf("An accuracy of %v was not reached (%s).", r.Spec.Until, r.Status))
		}
	}
	f.Data = struct {
		Name   string             `json:"name"`
		Spec   run.Spec           `json:"spec"`
		Status run.Status         `json:"status"`
		Last   map[string]float64 `json:"last"`
	}{r.Name, r.Spec, r.Status, finiteOnly(found)}
	return f
}

// finiteOnly leaves out what JSON has no number for.
func finiteOnly(m map[string]float64) map[string]float64 {
	for key, v := range m {
		if v-v != 0 {
			delete(m, key)
		}
	}
	return m
}

// summary is a row for each run, for page and terminal.
func summary(runs []study.Run) study.Table {
	t := study.Table{Title: "Runs", Head: []string{"", "records", "last step"}}
	for _, key := range shown {
		if !anyHas(runs, key) {
			continue
		}
		t.Head = append(t.Head, key)
	}
	for _, r := range runs {
		step := study.Empty
		if n := len(r.Records); n > 0 {
			step = fmt.Sprint(r.Records[n-1].Step)
		}
		row := []string{r.Name, fmt.Sprint(len(r.Records)), step}
		for _, key := range t.Head[3:] {
			cell := study.Empty
			if v, ok := last(r, key); ok {
				cell = digits.Significant(v.Value, 3)
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func anyHas(runs []study.Run, key string) bool {
	for _, r := range runs {
		if has(r, key) {
			return true
		}
	}
	return false
}
