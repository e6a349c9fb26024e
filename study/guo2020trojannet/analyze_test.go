package guo2020trojannet

import (
	"slices"
	"strings"
	"testing"

	"breakeven/run"
	"breakeven/study"
)

// runsOf returns the runs of a scale with the given accuracies at their ends: of a network alone, and
// of carrier and secret network by way.
func runsOf(trials []study.Trial, carrier, secret map[string]float64) (runs []study.Run) {
	for _, trial := range trials {
		s := trial.Spec
		r, w, spread := study.Run{Spec: s, Status: run.Finished}, way(s), 0.001*float64(s.Seed)
		for step, part := range []float64{0.2, 1} {
			var values []run.Value
			if w == alone {
				a := carrier[w]
				if tasks(s)[0] == "fashion-mnist-sample:5-9" {
					a = secret[w]
				}
				values = []run.Value{{Key: "valid_accuracy", Value: part*a + spread}}
			} else {
				values = []run.Value{{Key: "valid_task_accuracy", Vector: []float64{part*carrier[w] + spread, part*secret[w] + spread}},
					{Key: "other_key_accuracy", Vector: []float64{0.1, 0.25, 0.2}}}
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
	if want := slices.Concat(slices.Repeat([]string{alone}, 8), slices.Repeat([]string{permuted}, 4), slices.Repeat([]string{shared}, 4)); !slices.Equal(ways, want) {
		t.Errorf("ways %q", ways)
	}
	if got := tasks(specs[8]); !slices.Equal(got, []string{"fashion-mnist-sample:0-4", "fashion-mnist-sample:5-9"}) {
		t.Errorf("tasks %q", got)
	}
}

// The finding says what hiding costs, what other keys read, and what the permutation is for.
func TestFinding(t *testing.T) {
	trials := trials(demo())
	carrier, secret := map[string]float64{alone: 0.89, permuted: 0.885, shared: 0.8}, map[string]float64{alone: 0.95, permuted: 0.94, shared: 0.9}
	a := analysis(runsOf(trials, carrier, secret))
	for _, want := range []string{"88.65", "94.15", "trained alone 89.15", "best of 20 other keys 25", "the permutation also helps"} {
		if !strings.Contains(a.Headline, want) {
			t.Errorf("headline %q has no %q", a.Headline, want)
		}
	}
	if len(a.Lead) != 1 || len(a.Lead[0].Figures[0].Curves) != 5 {
		t.Errorf("pictures %+v", a.Lead)
	}
	if len(a.Sections) != 4 || a.Sections[0].Tone != "bad" || a.Sections[1].Tone != "good" {
		t.Errorf("sections %+v", a.Sections)
	}
	secret[shared], carrier[shared] = 0.941, 0.884
	if h := analysis(runsOf(trials, carrier, secret)).Headline; !strings.Contains(h, "not decided by so many seeds") {
		t.Errorf("headline %q of ways that do not differ", h)
	}
	secret[shared], carrier[shared] = 0.96, 0.9
	if h := analysis(runsOf(trials, carrier, secret)).Headline; !strings.Contains(h, "costs accuracy") {
		t.Errorf("headline %q where sharing is better", h)
	}
}

// The trials of a seed differ in the way alone, and no two are the same.
func TestSpecs(t *testing.T) {
	for _, scale := range scales {
		seen := map[string]bool{}
		for _, trial := range scale.Trials() {
			if id := trial.Spec.ID(); seen[id] {
				t.Errorf("%s: %s twice", scale.Name, title(trial.Spec))
			} else {
				seen[id] = true
			}
			if trial.Spec.Method != "adam" || trial.Spec.LR != 0.001 || trial.Spec.Schedule != "step" {
				t.Errorf("%s: %s is not trained as in the paper", scale.Name, title(trial.Spec))
			}
		}
	}
}
