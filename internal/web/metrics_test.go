package web

import (
	"strings"
	"testing"

	"breakeven/run"
)

// Programs that watch are told of runs by their status, of those under way with their values, and of sweeps; where a
// token is needed they show it.
func TestMetrics(t *testing.T) {
	const token = "0123456789abcdef"
	p := serve(t, func(s *Site) { s.Token = token })
	ended, going := p.begin(t, specWith(0.1, 32, 1), 10), p.begin(t, specWith(0.3, 32, 1), 20)
	if err := p.store.End(ended, run.Finished, ""); err != nil {
		t.Fatal(err)
	}
	sweep, err := p.store.Submit("rates", 1, origin, []run.Spec{specWith(0.1, 32, 1), specWith(0.3, 32, 1), specWith(1, 32, 1)})
	if err != nil {
		t.Fatal(err)
	}
	if answer, _ := p.get(t, "/metrics"); answer.StatusCode != 401 {
		t.Errorf("without token: %d", answer.StatusCode)
	}
	answer, text := p.get(t, "/metrics", "Authorization", "Bearer "+token)
	for _, line := range []string{
		`breakeven_runs{status="finished"} 1`, `breakeven_runs{status="running"} 1`,
		`breakeven_run_step{run="` + going.Run + `"} 20`, `breakeven_run_value{key="h_max",run="` + going.Run + `"} 10`,
		`breakeven_sweep_trials{status="trial finished",sweep="` + sweep.ID + `"} 1`, `breakeven_sweep_trials{status="trial ",sweep="` + sweep.ID + `"} 1`,
		`breakeven_build_info{isa="generic",numerics="1",version="test"} 1`,
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("status %d, no %s in\n%s", answer.StatusCode, line, text)
		}
	}
	if strings.Contains(text, ended.Run) {
		t.Error("a run that has ended has values there")
	}
	if answer, _ := p.get(t, "/metrics?x=1", "Authorization", "Bearer "+token); answer.StatusCode != 400 {
		t.Errorf("with a parameter: %d", answer.StatusCode)
	}
}
