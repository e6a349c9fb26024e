package jastrzebski2020breakeven

import (
	"slices"
	"strings"
	"testing"

	"breakeven/run"
	"breakeven/study"
)

// valued is a run with these losses and accuracies on the validation data.
func valued(eta float64, seed uint64, accuracy ...float64) study.Run {
	r := study.Run{Spec: spec(eta, 32), Train: 6000, Status: run.Finished}
	r.Spec.Seed = seed
	for i, a := range accuracy {
		r.Records = append(r.Records, at(10*i, "loss", 2-a, "valid_loss", 2.1-a, "valid_accuracy", a, "constant_loss", 2.3))
	}
	return r
}

func choices(runs ...study.Run) study.Table {
	var all []Findings
	for _, r := range runs {
		all = append(all, Analyze(r))
	}
	return Choices(runs, all)
}

// The best setting is that of the highest validation accuracy at the end, over seeds, and
// its margin is over the next one.
func TestChoices(t *testing.T) {
	gone := valued(0.4, 0, 0.1, 0.99)
	gone.Status = run.Diverged
	stuck := valued(0.2, 0, 0.1, 0.95)
	stuck.Records[1].Values[0].Value = 2.3 // its loss
	table := choices(valued(0.01, 0, 0.1, 0.5), valued(0.01, 1, 0.1, 0.52), valued(0.1, 0, 0.1, 0.8), valued(0.1, 1, 0.9, 0.7), gone, stuck).String()
	for _, want := range []string{"η = 0.01, S = 32 ", "0.510 ± 0.010", "Best: η = 0.1, S = 32, by 0.24 ± 0.05 in validation accuracy, over seeds.", "diverged", "collapsed", "0.75 ± 0.05"} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in\n%s", want, table)
		}
	}
	for _, line := range strings.Split(table, "\n") {
		if strings.HasSuffix(line, " best") && !strings.Contains(line, "η = 0.1, ") {
			t.Errorf("the best is\n%s", line)
		}
	}
	if one := choices(valued(0.1, 0, 0.1, 0.5), valued(0.2, 0, 0.1, 0.6)).String(); !strings.Contains(one, ", by 0.1 in validation accuracy, one seed.") {
		t.Errorf("one seed:\n%s", one)
	}
	if same := choices(valued(0.1, 0, 0.5), valued(0.1, 1, 0.5), valued(0.2, 0, 0.6), valued(0.2, 1, 0.7)).String(); !strings.Contains(same, "in validation accuracy, over seeds.") {
		t.Errorf("two seeds of the same accuracy:\n%s", same)
	}
	over := choices(valued(0.1, 0, 0.9, 0.5), valued(0.1, 1, 0.9, 0.52))
	if text := over.String(); over.Title != "Over the seeds" || !strings.Contains(text, "valid. acc.           0.510 ± 0.014") ||
		!strings.Contains(text, "0.500    0.520") {
		t.Errorf("two seeds of one setting:\n%s", text)
	}
	if rows := choices(valued(0.1, 0, 0.5)).Rows; len(rows) > 0 {
		t.Errorf("one run has the rows %v", rows)
	}
	// What was not measured was not found to be missing.
	below := valued(0.2, 0, 0.6)
	below.Records[0].Values = append(below.Records[0].Values, run.Value{Key: "stability", Value: 0.5})
	if rows := choices(valued(0.1, 0, 0.5), below).Rows; !slices.Contains(rows[1], "not reached") || slices.Contains(rows[0], "not reached") {
		t.Errorf("break-even steps in %q", rows)
	}
	// Without validation data the training loss decides.
	a, b := valued(0.1, 0, 0.5), valued(0.2, 0, 0.6)
	a.Records[0].Values, b.Records[0].Values = a.Records[0].Values[:1], b.Records[0].Values[:1]
	if table := choices(a, b).String(); !strings.Contains(table, "Best: η = 0.2, S = 32, by 0.1 in loss, one seed.") {
		t.Errorf("by loss:\n%s", table)
	}
}

// Gradients that are preconditioned are not those of plain SGD: there is no bound, and Eq. 1 is
// not defined.
func TestPreconditioned(t *testing.T) {
	s := run.Default()
	s.Method = "sgd"
	s.More = map[string]string{"precondition": "kfac"}
	if bound, ok := Bound(s); ok {
		t.Errorf("a bound of %v", bound)
	}
	f := Analyze(study.Run{Name: "one", Spec: s, Records: []run.Record{{Values: []run.Value{{Key: "stability", Value: 2}, {Key: "loss", Value: 1}}}}})
	if f.Reached.State != NotDefined || len(f.Open) == 0 || !strings.Contains(strings.Join(f.Open, ""), "sgd with kfac") {
		t.Errorf("%v, %q", f.Reached.State, f.Open)
	}
}
