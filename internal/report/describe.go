package report

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/internal/digits"
	"breakeven/run"
)

// title says what was trained on what, as far as the runs share it.
func title(runs []Run) string {
	if len(runs) == 0 {
		return "No runs"
	}
	s, differ := runs[0].Spec, differences(runs)
	switch {
	case slices.Contains(differ, "model") && slices.Contains(differ, "data"):
		return "Several networks and data sets"
	case slices.Contains(differ, "model"):
		return "Several networks on " + s.Data
	case slices.Contains(differ, "data"):
		return s.Model + " on several data sets"
	}
	return s.Model + " on " + s.Data
}

// differences returns the settings in which the runs differ.
func differences(runs []Run) []string {
	var names []string
	var specs []run.Spec
	for _, r := range runs {
		specs = append(specs, r.Spec)
	}
	for _, field := range run.Names(specs...) {
		for _, r := range runs {
			if r.Spec.Text(field) != runs[0].Spec.Text(field) {
				names = append(names, field)
				break
			}
		}
	}
	return names
}

// subtitle says in a line how many runs there are and what they share: the subject, if
// there is one.
func subtitle(runs []Run, subject string) string {
	if len(runs) == 0 {
		return ""
	}
	r, differ := runs[0], differences(runs)
	parts := []string{"1 run"}
	if len(runs) > 1 {
		parts[0] = fmt.Sprintf("%d runs", len(runs))
	}
	if subject != "" {
		return strings.Join(append(parts, subject), " · ")
	}
	add := func(field, name string) {
		if !slices.Contains(differ, field) {
			parts = append(parts, name+r.Spec.Text(field))
		}
	}
	add("method", "")
	add("lr", "learning rate ")
	add("batch", "batch ")
	if !slices.Contains(differ, "model") && r.Params > 0 {
		parts = append(parts, digits.Thousands(r.Params)+" parameters")
	}
	if !slices.Contains(differ, "data") && !slices.Contains(differ, "train") && r.Train > 0 {
		parts = append(parts, digits.Thousands(r.Train)+" training examples")
	}
	add("seed", "seed ")
	return strings.Join(parts, " · ")
}

// facts names the settings of a run that others do not share.
func facts(r Run, differ []string) string {
	var parts []string
	for _, field := range differ {
		parts = append(parts, field+" "+r.Spec.Text(field))
	}
	return strings.Join(parts, ", ")
}

// progress says how far a run is.
func progress(r Run) string {
	n := len(r.Records)
	switch n {
	case 0:
		return "no measurement yet"
	case 1:
		return fmt.Sprintf("1 measurement, at step %d", r.Records[0].Step)
	}
	last := r.Records[n-1]
	if last.Epoch == 0 {
		return fmt.Sprintf("%d measurements to step %d", n, last.Step)
	}
	return fmt.Sprintf("%d measurements to step %d, epoch %.3g", n, last.Step, last.Epoch)
}
