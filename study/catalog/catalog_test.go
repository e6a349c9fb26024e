package catalog

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"breakeven/run"
	"breakeven/study"
)

// Every study is complete, and has the name of its folder, which is unique.
func TestStudies(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Studies {
		if err := s.Check(); err != nil {
			t.Error(err)
		}
		if seen[s.Name] {
			t.Errorf("two studies are called %s", s.Name)
		}
		seen[s.Name] = true
	}
}

// Every analysis accepts no runs, runs without records, and runs of all its trials;
// figures have names and captions, and the findings can be written as JSON.
func TestAnalyses(t *testing.T) {
	for _, s := range Studies {
		for _, scale := range append(slices.Clone(s.Scales), study.Scale{Trials: func() []study.Trial { return nil }}) {
			var runs []study.Run
			for i, trial := range scale.Trials() {
				r := study.Run{Spec: trial.Spec, Status: run.Finished, Train: 6000}
				for step := range min(i, 4) { // the first has no record
					rec := run.Record{Step: step, Epoch: float64(step)}
					for _, k := range run.Keys {
						rec.Values = append(rec.Values, run.Value{Key: k.Name, Value: 1 / float64(step+1), Error: 0.1})
					}
					r.Records = append(r.Records, rec)
				}
				runs = append(runs, r)
			}
			check(t, s.Name+", "+scale.Name, s.Analyze(runs), runs)
		}
	}
}

func check(t *testing.T, name string, a study.Analysis, runs []study.Run) {
	t.Helper()
	if len(a.Runs) != len(runs) {
		t.Fatalf("%s: findings of %d of %d runs", name, len(a.Runs), len(runs))
	}
	called, files := map[string]bool{}, map[string]bool{}
	for _, f := range a.Runs {
		if f.Name == "" || called[f.Name] || f.Section.Title != f.Name {
			t.Errorf("%s: a run is called %q, its section %q", name, f.Name, f.Section.Title)
		}
		called[f.Name] = true
		if _, err := json.Marshal(f.Data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := json.Marshal(a.Data); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	for _, g := range a.Groups {
		for _, f := range g.Figures {
			if f.Name == "" || files[f.Name] || f.Title == "" || f.Caption == "" {
				t.Errorf("%s: figure %q, %q, %q", name, f.Name, f.Title, f.Caption)
			}
			files[f.Name] = true
		}
	}
	for _, table := range append(a.Tables, a.Summary) {
		for _, row := range table.Rows {
			if len(row) != len(table.Head) {
				t.Errorf("%s: table %s has a row %q", name, table.Title, row)
			}
		}
	}
}

func TestFind(t *testing.T) {
	for _, name := range Names() {
		if s, err := Find(name); err != nil || s.Name != name {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Find(name + "x"); err == nil || !strings.Contains(err.Error(), "did you mean") {
			t.Error(err)
		}
	}
	if _, err := Find("nothing of the kind"); err == nil || !strings.Contains(err.Error(), "there is "+Names()[0]) {
		t.Error(err)
	}
}

// Runs that a study prefers are its own, unless others are among them.
func TestAnalyzePreferred(t *testing.T) {
	wide, other := run.Default(), run.Default()
	wide.Model = "wide"
	own := Analyze([]study.Run{{Spec: wide}}).Subject
	if mixed := Analyze([]study.Run{{Spec: wide}, {Spec: other}}).Subject; own == "" || mixed == own {
		t.Errorf("runs of the model wide are about %q, among others about %q", own, mixed)
	}
	plain, factors := run.Default(), run.Default()
	plain.Model, factors.Model = "gcn", "gcn"
	factors.More = map[string]string{"precondition": "kfac"}
	about := func(specs ...run.Spec) string {
		var runs []study.Run
		for _, s := range specs {
			runs = append(runs, study.Run{Spec: s})
		}
		return Analyze(runs).Summary.Title
	}
	if both := about(plain, factors); both != about(factors) || both == about(plain) || both == about(other, factors) {
		t.Errorf("runs with factors are about %q, beside plain ones about %q", about(factors), both)
	}
}

// Runs of a kind that no study reads are drawn as well.
func TestAnalyzeWithoutStudy(t *testing.T) {
	s := run.Default()
	s.Kind = "none of these"
	if a := Analyze([]study.Run{{Spec: s}}); len(a.Runs) != 1 || a.Summary.Title != "Runs" {
		t.Errorf("%+v", a)
	}
	if a := Analyze([]study.Run{{Spec: run.Default()}}); a.Summary.Title == "Runs" {
		t.Error("the study that reads the run was not found")
	}
}
