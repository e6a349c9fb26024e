package trial

import (
	"context"
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/run"
	"breakeven/task"
)

// preconditioned specs: a convolutional network that is asked for its next parameters, and a
// graph with predicted labels.
func preconditionedSpecs() []run.Spec {
	image := small("tiny", "momentum")
	image.Probes = []string{"loss", "step"}
	image.More = map[string]string{"precondition": "kfac", "update_every": "3", "factor_average": "0.5", "damping_split": "trace"}
	eigen := image
	eigen.More = map[string]string{"precondition": "ekfac", "update_every": "2", "fisher": "type2"}
	graph, err := task.Usual("graph")
	if err != nil {
		panic(err)
	}
	graph.Epochs, graph.Steps, graph.Every, graph.Probes = 0, 4, 2, []string{"loss"}
	graph.More = map[string]string{"width": "3", "precondition": "kfac", "factors": "released", "update_every": "3", "gamma": "1"}
	return []run.Spec{image, eigen, graph}
}

// A run with Kronecker factors and predicted labels that is stopped anywhere, or killed after
// any checkpoint, is resumed to the same bits.
func TestPreconditionedResumes(t *testing.T) {
	testenv.Slow(t)
	for _, spec := range preconditionedSpecs() {
		const never = 1 << 40
		want, ctx := new(tape), after(never)
		if end, err := newSmall(t, spec).Run(ctx, nil, 0, want); end.Status != run.Finished || err != nil {
			t.Fatal(end.Status, err)
		}
		for n, points := 0, ctx.asked(never); n < points; n += 1 + points/testenv.Scale(3, 8) {
			got := new(tape)
			if end, err := newSmall(t, spec).Run(after(n), nil, 0, got); err != nil || end.Status != run.Stopped {
				t.Fatalf("stopped at point %d of %d: %s, %v", n, points, end.Status, err)
			}
			if end, err := newSmall(t, spec).Run(context.Background(), got.last(), 0, got); err != nil || end.Status != run.Finished {
				t.Fatalf("going on from point %d: %s, %v", n, end.Status, err)
			}
			compare(t, fmt.Sprintf("%v, stopped at point %d of %d", spec.More, n, points), got, want)
		}
		got, end := new(tape), Outcome{Status: run.Stopped}
		for until := 1; end.Status == run.Stopped; until++ {
			var err error
			if end, err = newSmall(t, spec).Run(context.Background(), got.last(), until, got); err != nil {
				t.Fatal(err)
			}
		}
		compare(t, fmt.Sprintf("%v, step by step", spec.More), got, want)
	}
}

// What a run with Kronecker factors cannot do it says before it begins.
func TestPreconditionedFaults(t *testing.T) {
	for text, more := range map[string]map[string]string{
		"means nothing without a precondition": {"damping": "0.1"},
		"positive number":                      {"precondition": "kfac", "damping": "-1"},
		"must be above 0 and at most 1":        {"precondition": "kfac", "factor_average": "0"},
		"must be 1 or more":                    {"precondition": "ekfac", "update_every": "0"},
		"means nothing with factors released":  {"precondition": "kfac", "factors": "released", "fisher": "empirical"},
	} {
		s := small("tiny", "sgd")
		s.More = maps.Clone(more)
		if _, err := newDescent(s, Env{}); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%v: %v, want %q", more, err, text)
		}
	}
}

// The curvature that steps see is measured along descents of every method, with factors and
// without, and asking for it changes no step.
func TestEdge(t *testing.T) {
	testenv.Slow(t)
	for _, method := range []string{"sgd", "momentum", "adam"} {
		for _, form := range []string{"none", "kfac", "ekfac"} {
			s := small("tiny", method)
			s.Probes = []string{"loss", "edge"}
			if form != "none" {
				s.More = map[string]string{"precondition": form, "damping": "0.1"}
			}
			watched, _ := runAll(t, s)
			s.Probes = []string{"loss"}
			plain, _ := runAll(t, s)
			for i := range plain.records {
				x, y := plain.records[i].ByKey(), watched.records[i].ByKey()
				if x["loss"].Value != y["loss"].Value {
					t.Errorf("%s, %s: the loss of record %d is %v, and %v if it is watched", method, form, i, x["loss"].Value, y["loss"].Value)
				}
				ratio, bound := y["edge"].Value, y["ph_max"].Value/y["edge"].Value
				want, _ := run.Bound(method, s.LR, s.Momentum)
				if !(ratio > 0) || math.Abs(bound/want-1) > 1e-9 {
					t.Errorf("%s, %s: %v of the bound %v, want %v", method, form, ratio, bound, want)
				}
			}
		}
	}
}
