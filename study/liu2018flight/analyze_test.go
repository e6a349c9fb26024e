package liu2018flight

import (
	"strings"
	"testing"

	"breakeven/run"
	"breakeven/study"
)

// runsOf returns three seeds of a spec with track errors around a mean.
func runsOf(s run.Spec, track float64) (runs []study.Run) {
	for i, t := range seeds(s, 3) {
		at := func(step int, track float64) run.Record {
			return run.Record{Step: step, Epoch: float64(step), Values: []run.Value{{Key: "loss", Value: 1}, {Key: "valid_loss", Value: 2},
				{Key: "valid_track_error", Value: track}, {Key: "valid_step_error", Value: 2}}}
		}
		runs = append(runs, study.Run{Spec: t.Spec, Status: run.Finished, Records: []run.Record{at(0, 300), at(10, track+float64(i-1))}})
	}
	return runs
}

// A drift is judged by the errors of tracks, beside the runs that differ in it alone.
func TestDrift(t *testing.T) {
	s := sample(64, 150)
	other := s
	other.LR = 0.003 // its runs are compared with none
	for track, want := range map[float64]string{30: "it helps", 70: "it hurts", 50.5: "no difference"} {
		runs := append(append(runsOf(s, 50), runsOf(drifting(s, 3), track)...), runsOf(drifting(other, 3), 1)...)
		a := analysis(runs)
		if len(a.Sections) != 1 || a.Sections[0].Badge != want || !strings.Contains(a.Headline, "("+want+")") || !strings.Contains(a.Headline, "50.0 ± 1.0 nmi") {
			t.Errorf("%v nmi: headline %q, sections %+v", track, a.Headline, a.Sections)
		}
		if len(a.Summary.Rows) != 3 || a.Summary.Rows[1][0] != "adam, η = 0.001, S = 5, drift 3 nmi" || a.Summary.Rows[0][1] != "3" {
			t.Errorf("summary %q", a.Summary.Rows)
		}
		if len(a.Lead) != 1 || len(a.Lead[0].Figures[0].Curves) != 9 {
			t.Errorf("figures %+v", a.Lead)
		}
	}
	if a := analysis(append(runsOf(s, 50)[:1], runsOf(drifting(s, 3), 30)[:1]...)); a.Sections[0].Badge != "open" {
		t.Errorf("one seed each: %+v", a.Sections)
	}
}

// Learning rates are compared with everything else alike; the start of Adam does not count.
func TestSurface(t *testing.T) {
	surface := func(lr, h, k, edge float64) study.Run {
		s := along(sample(64, 150), lr)[0].Spec
		at := func(step int, edge float64) run.Record {
			return run.Record{Step: step, Values: []run.Value{{Key: "h_max", Value: h}, {Key: "k_max", Value: k}, {Key: "edge", Value: edge}}}
		}
		return study.Run{Spec: s, Records: []run.Record{at(0, 100), at(10, edge/2), at(20, edge)}}
	}
	for want, runs := range map[string][]study.Run{
		"smaller with larger rates": {surface(0.001, 9, 3, 0.5), surface(0.003, 4, 2, 1.5)},
		"larger with larger rates":  {surface(0.003, 9, 3, 0.5), surface(0.001, 4, 2, 1.5)},
		"mixed":                     {surface(0.003, 9, 1, 0.5), surface(0.001, 4, 2, 1.5)},
		"open":                      {surface(0.001, 9, 1, 0.5)},
	} {
		a := analysis(runs)
		if len(a.Sections) != 1 || a.Sections[0].Badge != want {
			t.Errorf("want %q: %+v", want, a.Sections)
			continue
		}
		if lines := strings.Join(a.Sections[0].Lines, " "); !strings.Contains(lines, "comes to 0.5") || len(runs) > 1 && !strings.Contains(lines, "passes its bound at step 20") {
			t.Errorf("%q", lines)
		}
	}
}

// No spec stands twice in a scale, and all are of the flights in the program.
func TestSpecs(t *testing.T) {
	for _, scale := range scales {
		seen := map[string]bool{}
		for _, trial := range scale.Trials() {
			if id := trial.Spec.ID(); seen[id] || trial.Spec.Data != "iah-bos-sample" {
				t.Errorf("%s: %s", scale.Name, label(trial.Spec))
			} else {
				seen[id] = true
			}
		}
	}
}
