package izadi2020natural

import (
	"math"
	"slices"
	"strings"
	"testing"

	"breakeven/run"
	"breakeven/study"
)

// record is one with a training loss, a validation loss and a test accuracy.
func record(step int, loss, valid, test float64) run.Record {
	return run.Record{Step: step, Epoch: float64(step), Values: []run.Value{
		{Key: "loss", Value: loss}, {Key: "valid_loss", Value: valid}, {Key: "test_accuracy", Value: test}}}
}

// runsOf returns three seeds of a way with test accuracies around a mean.
func runsOf(mean float64, ways ...way) (runs []study.Run) {
	for i, t := range seeds(cora(), 3, ways...) {
		a := mean + 0.002*float64(i-1)
		runs = append(runs, study.Run{Spec: t.Spec, Status: run.Finished, Records: []run.Record{
			record(0, 1.9, 1.9, 0.1), record(2, 0.9, 0.7, a), record(4, 0.2, 0.8, 0.99)}})
	}
	return runs
}

// Runs that differ in the seed alone are one setting; the accuracy that counts is that at the
// least validation loss.
func TestSettings(t *testing.T) {
	list := settings(append(runsOf(0.8, adam), runsOf(0.82, adam, predicted(1))...))
	if len(list) != 2 || list[0].Runs != 3 || list[1].Name != "Adam, γ = 1" {
		t.Fatalf("%+v", list)
	}
	a := list[0].Accuracy
	if math.Abs(a.Mean-80) > 1e-9 || math.Abs(a.Deviation-0.2) > 1e-9 || list[0].Steps.Mean != 2 || list[0].Valid.Mean != 0.7 {
		t.Errorf("%+v", list[0])
	}
	if !list[1].Accuracy.Above(a) || a.Above(list[1].Accuracy) {
		t.Error("2 % more are above, by deviations of 0.2 %")
	}
}

// The finding says where what is gained comes from.
func TestFinding(t *testing.T) {
	runs := append(runsOf(0.8, adam), runsOf(0.802, adam, with("kfac", 0.2154))...)
	runs = append(runs, runsOf(0.82, adam, predicted(1))...)
	for both, want := range map[float64]string{0.82: "needs no curvature", 0.84: "add to what the labels gain"} {
		a := analysis(append(runs[:9:9], runsOf(both, adam, with("kfac", 0.2154), predicted(1))...))
		if !strings.Contains(a.Headline, want) || !strings.Contains(a.Headline, "cora, public") {
			t.Errorf("headline %q, want %q", a.Headline, want)
		}
		if strings.Contains(a.Headline, "SGD") {
			t.Errorf("headline %q without a run of SGD", a.Headline)
		}
		badges := ""
		for _, s := range a.Sections {
			badges += s.Badge + "; "
		}
		if len(a.Sections) != 3 || !strings.HasPrefix(badges, "no difference; they help; ") {
			t.Errorf("sections say %q", badges)
		}
		if len(a.Summary.Rows) != 4 || a.Summary.Rows[3][5] != "82.84 ± 0.87" || a.Summary.Rows[0][5] != study.Empty {
			t.Errorf("summary %q", a.Summary.Rows)
		}
		if len(a.Lead) != 1 || len(a.Lead[0].Figures[0].Curves) != 4 {
			t.Errorf("figures %+v", a.Lead)
		}
	}
}

// Every spec of the scales is what the released program does, but for what is named.
func TestSpecs(t *testing.T) {
	for _, scale := range scales {
		seen := map[string]bool{}
		for _, trial := range scale.Trials() {
			s := trial.Spec
			if id := s.ID(); seen[id] {
				t.Errorf("%s: %s twice", scale.Name, label(s))
			} else {
				seen[id] = true
			}
			if s.Text("precondition") != "" && s.Text("factors") != "released" {
				t.Errorf("%s: %s has other factors", scale.Name, label(s))
			}
			if s.LR != 0.01 || s.Batch != 0 || s.Method == "momentum" && s.WeightDecay != 0 {
				t.Errorf("%s: %s has η = %v, S = %d and λ = %v", scale.Name, label(s), s.LR, s.Batch, s.WeightDecay)
			}
		}
	}
}

// The finding about SGD compares the factors with their step lengths alone.
func TestFindingAboutSGD(t *testing.T) {
	var runs []study.Run
	for mean, w := range map[float64][]way{
		0.8: {adam}, 0.801: {adam, with("kfac", 0.2154)}, 0.82: {adam, predicted(1)}, 0.821: {adam, with("kfac", 0.2154), predicted(1)},
		0.2: {sgd}, 0.805: {sgd, with("kfac", 0.01)},
	} {
		runs = append(runs, runsOf(mean, w...)...)
	}
	for steps, want := range map[float64]string{0.804: "the steps count, not the directions", 0.7: "the directions count"} {
		if h := analysis(append(runs[:len(runs):len(runs)], runsOf(steps, sgd, with("steps", 0.01))...)).Headline; !strings.Contains(h, want) {
			t.Errorf("headline %q, want %q", h, want)
		}
	}
}

// Runs whose curvature is measured make figures and sentences of their own. One that stands among
// the others with the same seed counts once.
func TestEdges(t *testing.T) {
	runs := runsOf(0.8, adam)
	for _, trial := range alongTrials(cora()) {
		r := study.Run{Spec: trial.Spec, Status: run.Finished}
		for step, edge := range []float64{0.5, 1.5, 0.9} {
			r.Records = append(r.Records, run.Record{Step: 10 * step, Epoch: float64(10 * step), Values: []run.Value{
				{Key: "test_accuracy", Value: 0.5}, {Key: "valid_loss", Value: 1}, {Key: "h_max", Value: 3}, {Key: "edge", Value: edge}}})
		}
		runs = append(runs, r)
	}
	a := analysis(runs)
	if len(a.Summary.Rows) != 4 || a.Summary.Rows[0][1] != "3" || len(a.Runs) != len(runs) {
		t.Errorf("settings %q of %d runs", a.Summary.Rows, len(a.Runs))
	}
	last := a.Groups[len(a.Groups)-1]
	if len(last.Figures) != 2 || last.Figures[0].Name != "edge" || len(last.Figures[0].Curves) != 4 || len(last.Figures[1].Curves[3].X) != 3 {
		t.Errorf("figures %+v", last)
	}
	said := a.Sections[len(a.Sections)-1].Lines
	if want := "Adam: at most 1.5 of its bound, at step 10; 0.9 at the end. It is above the bound from step 10."; len(said) != 4 || said[0] != want {
		t.Errorf("said %q, want %q first", said, want)
	}
}

// Three values of a setting make a curve over it, in order.
func TestGrids(t *testing.T) {
	var runs []study.Run
	for _, period := range []int{64, 4, 16} {
		runs = append(runs, runsOf(0.8, sgd, with("kfac", 0.01), every(period))...)
	}
	for _, g := range []float64{5, 1, 2} {
		runs = append(runs, runsOf(0.8, adam, predicted(g))...)
	}
	var found []string
	for _, g := range curves(settings(runs)) {
		for _, c := range g.Figures[0].Curves {
			found = append(found, g.Figures[0].Name+" "+c.Name)
			if !slices.IsSorted(c.X) || len(c.X) != 3 || len(c.Lo) != 3 {
				t.Errorf("%s over %v", c.Name, c.X)
			}
		}
	}
	if want := []string{"period cora, public: SGD", "gamma cora, public: Adam"}; !slices.Equal(found, want) {
		t.Errorf("curves %q, want %q", found, want)
	}
}
