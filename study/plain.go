package study

import (
	"fmt"

	"breakeven/run"
)

// Plain is the analysis of runs that no study reads: it draws every key that was
// measured and finds nothing.
func Plain(runs []Run) Analysis {
	runs = Named(runs, func(s run.Spec) string { return fmt.Sprintf("%s on %s", s.Model, s.Data) })
	var a Analysis
	a.Summary = Table{Title: "Runs", Head: []string{"", "measurements", "last step"}}
	for _, r := range runs {
		f := Finding{Name: r.Name, Section: Section{Title: r.Name, Notes: Omissions(r.Records)}}
		last := Empty
		if n := len(r.Records); n > 0 {
			last = fmt.Sprint(r.Records[n-1].Step)
		} else {
			f.Section.Open = []string{"Nothing was measured yet, so nothing can be said."}
		}
		a.Runs = append(a.Runs, f)
		a.Summary.Rows = append(a.Summary.Rows, []string{r.Name, fmt.Sprint(len(r.Records)), last})
	}
	a.Groups = Draw(nil, Trajectories(runs, func(int) []Mark { return nil }))
	a.Groups[0].Title = "Measurements"
	return a
}
