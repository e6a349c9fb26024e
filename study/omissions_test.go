package study

import (
	"slices"
	"testing"

	"breakeven/run"
)

// Each reason is one sentence with its keys, and of several records with their number.
func TestOmissions(t *testing.T) {
	zero := run.Record{Omitted: []run.Omission{{Key: "k_rank", Why: "K is 0"}, {Key: "topspace", Why: "K is 0"}, {Key: "step_margin", Why: "the loss is 0"}}}
	for name, c := range map[string]struct {
		records []run.Record
		want    []string
	}{
		"none": {[]run.Record{{}}, nil},
		"one":  {[]run.Record{zero}, []string{"Left out: k_rank, topspace: K is 0.", "Left out: step_margin: the loss is 0."}},
		"two of three": {[]run.Record{zero, {}, {Omitted: zero.Omitted[:1]}},
			[]string{"Left out of 2 of 3 measurements: k_rank, topspace: K is 0.", "Left out of 1 of 3 measurements: step_margin: the loss is 0."}},
	} {
		if got := Omissions(c.records); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	r := Run{Name: "a", Records: []run.Record{zero}}
	if notes := Plain([]Run{r}).Runs[0].Section.Notes; len(notes) != 2 {
		t.Errorf("a plain analysis says %q", notes)
	}
}
