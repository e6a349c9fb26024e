package guo2020trojannet

import (
	"math"
	"slices"
	"strings"
	"testing"

	"breakeven/run"
	"breakeven/study"
)

// runsOf returns the runs of trials whose networks have the given accuracies at their ends, by way and
// number of tasks. A later seed has a little more.
func runsOf(trials []study.Trial, accuracy func(task, way string, tasks int) float64) (runs []study.Run) {
	for _, trial := range trials {
		s := trial.Spec
		r, w, data := study.Run{Spec: s, Status: run.Finished}, way(s), tasks(s)
		spread := map[string]float64{alone: 0.001, permuted: 0.0012, shared: 0.0008}[w] * float64(s.Seed)
		for step, part := range []float64{0.2, 1} {
			var vector []float64
			for _, task := range data {
				vector = append(vector, part*accuracy(task, w, len(data))+spread)
			}
			values := []run.Value{{Key: "valid_accuracy", Value: vector[0]}}
			if w != alone {
				values = []run.Value{{Key: "valid_task_accuracy", Vector: vector}}
			}
			own := map[string]string{alone: "", permuted: "carrier_", shared: "carrier_"}[w]
			factor := map[string]float64{alone: 1, permuted: 1.5 + spread, shared: 3}[w]
			values = append(values, run.Value{Key: own + "h_max", Value: 20 + part}, run.Value{Key: own + "k_max", Value: factor * (1 + part)})
			if w != alone {
				values = append(values, run.Value{Key: "h_max", Value: 1000})
			}
			if w == permuted {
				values = append(values, run.Value{Key: "other_key_accuracy", Vector: []float64{0.1, 0.25, 0.2}})
			}
			r.Records = append(r.Records, run.Record{Step: step, Epoch: float64(step), Values: values})
		}
		runs = append(runs, r)
	}
	return runs
}

func TestTasksAndWays(t *testing.T) {
	specs, err := Study.Specs(study.Demo, "")
	if err != nil {
		t.Fatal(err)
	}
	var ways []string
	for _, s := range specs {
		ways = append(ways, way(s))
	}
	if want := slices.Repeat([]string{alone, alone, permuted, shared}, 4); !slices.Equal(ways, want) {
		t.Errorf("ways %q", ways)
	}
	if got := tasks(specs[2]); !slices.Equal(got, []string{"fashion-mnist-sample:0-4", "fashion-mnist-sample:5-9"}) {
		t.Errorf("tasks %q", got)
	}
}

// Of one pair the finding says what hiding costs, what other keys read, and what the permutation is
// for.
func TestFindingOfAPair(t *testing.T) {
	carries := func(task string) bool { return strings.HasSuffix(task, "0-4") }
	of := func(byWay map[string][2]float64) study.Analysis {
		return analysis(runsOf(trials(demo()), func(task, way string, _ int) float64 {
			if carries(task) {
				return byWay[way][0]
			}
			return byWay[way][1]
		}))
	}
	byWay := map[string][2]float64{alone: {0.89, 0.95}, permuted: {0.885, 0.94}, shared: {0.8, 0.9}}
	a := of(byWay)
	for _, want := range []string{"88.68", "94.18", "trained alone 89.15", "best of 20 other keys 25", "is worth +6.31 ± 0.05 points", "it also helps"} {
		if !strings.Contains(a.Headline, want) {
			t.Errorf("headline %q has no %q", a.Headline, want)
		}
	}
	if len(a.Lead) != 1 || len(a.Lead[0].Figures[0].Curves) != 5 {
		t.Errorf("pictures %+v", a.Lead)
	}
	if len(a.Sections) != 3 || a.Sections[0].Badge != "0.72 points less" || a.Sections[0].Tone != "bad" || a.Sections[1].Tone != "good" {
		t.Errorf("sections %+v", a.Sections)
	}
	byWay[shared] = [2]float64{0.96, 0.96}
	if h := of(byWay).Headline; !strings.Contains(h, "costs accuracy") {
		t.Errorf("headline %q where sharing is better", h)
	}
	if h := analysis(nil).Headline; h != "" {
		t.Errorf("headline %q of nothing", h)
	}
}

// What a carrier's own loss shows is held against the same carrier alone, by seeds, with figures that
// have the one beside the other, and the runs themselves stay as they are.
func TestCarrierBesideItsTwin(t *testing.T) {
	runs := runsOf(trials(demo()), func(string, string, int) float64 { return 0.9 })
	a := analysis(runs)
	s := a.Sections[2]
	if s.Badge != "seen beside a twin" || !strings.Contains(s.Lines[0], "1 times the λ_H¹ and 1.5018 ± 0.0015 times the λ_K¹ of the same") || !strings.Contains(s.Lines[1], "difference in λ_K¹.") {
		t.Errorf("section %+v", s)
	}
	f := a.Groups[0].Figures[1]
	var names []string
	for _, c := range f.Curves {
		if len(c.Y) > 0 {
			names = append(names, c.Name)
		}
	}
	if f.Name != "carrier_k_max" || len(names) != 3 || !strings.Contains(names[0], "alone: mlp on") || len(f.Curves[2].Lo) == 0 {
		t.Errorf("figure %s with curves %q", f.Name, names)
	}
	if _, ok := runs[0].Records[0].Get("carrier_h_max"); ok {
		t.Error("the record of a run has changed")
	}
	if s := analysis(runs[:4]).Sections; len(s) != 3 || s[2].Badge != "open" {
		t.Errorf("sections of one seed %+v", s)
	}
}

// Of several groups it gives the means over pairs and over all together, a table with a column for each
// task, and a picture of what one set of weights holds.
func TestFindingOfGroups(t *testing.T) {
	a := analysis(runsOf(trials(small()), func(task, way string, tasks int) float64 {
		x := map[string]float64{"cifar10": 0.7, "cifar100": 0.3, "gtsrb": 0.9, "fashion-mnist": 0.92}[task] - 0.01*float64(tasks-1)
		if way == shared {
			x -= 0.02 * float64(tasks-1)
		}
		return x
	}))
	for _, want := range []string{"by −0.990 ± 0.014 points in 6 pairs and −2.990 ± 0.014 points in 4 networks in one set of weights.",
		"of 6 pairs is worth +2.020 ± 0.028 points", "of 4 networks in one set of weights is worth +6.020 ± 0.028 points"} {
		if !strings.Contains(a.Headline, want) {
			t.Errorf("headline %q has no %q", a.Headline, want)
		}
	}
	if len(a.Summary.Head) != 6 || len(a.Summary.Rows) != 15 || a.Summary.Rows[0][0] != alone || slices.Contains(a.Summary.Rows[0][1:5], study.Empty) {
		t.Errorf("table %+v", a.Summary)
	}
	if len(a.Lead) != 2 || len(a.Lead[0].Figures[0].Curves) != 8 || !slices.Equal(a.Lead[0].Figures[0].Curves[0].X, []float64{1, 2, 4}) {
		t.Errorf("pictures %+v", a.Lead)
	}
	if y := a.Lead[0].Figures[0].Curves[0].Y; math.Abs(y[2]-67.06) > 1e-9 {
		t.Errorf("cifar10 among four: %v", y)
	}
	if len(a.Sections) != 5 {
		t.Errorf("%d sections", len(a.Sections))
	}
}

// The trials of a seed differ in what is trained together and in the way alone, no two are the same,
// and all of them are trained as in the paper.
func TestSpecs(t *testing.T) {
	counts := map[string]int{study.Test: 8, study.Demo: 16, study.Small: 36, study.Paper: 22}
	for _, scale := range scales {
		seen := map[string]bool{}
		for _, trial := range scale.Trials() {
			s := trial.Spec
			if id := s.ID(); seen[id] {
				t.Errorf("%s: %s twice", scale.Name, title(s))
			} else {
				seen[id] = true
			}
			if s.Method != "adam" || s.LR != 0.001 || s.Schedule != "step" || s.Batch != 100 {
				t.Errorf("%s: %s is not trained as in the paper", scale.Name, title(s))
			}
			if slices.Contains(s.Probes, "otherkeys") != (way(s) == permuted) || slices.Contains(s.Probes, "carrier") != (way(s) != alone && scale.Name != study.Small) {
				t.Errorf("%s: %s measures %v", scale.Name, title(s), s.Probes)
			}
		}
		if len(seen) != counts[scale.Name] {
			t.Errorf("%s: %d trials, want %d", scale.Name, len(seen), counts[scale.Name])
		}
	}
	for _, trial := range trials(paper()) {
		if s := trial.Spec; s.Model != "resnet50" || s.Epochs != 150 || s.Steps != 0 || s.Train != 0 || !s.Augment {
			t.Errorf("%s is not the paper's", title(s))
		}
	}
}
