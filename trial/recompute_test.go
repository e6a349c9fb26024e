package trial

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/run"
)

// The recomputed weights of any step are those that the run had there, whether computed
// from the beginning or from an earlier checkpoint, although nothing is measured on the
// way.
func TestRecompute(t *testing.T) {
	testenv.Slow(t)
	for _, spec := range nets[:2] {
		spec.Every = 1
		whole, _ := runAll(t, spec)
		spec.Every = 2
		stored, _ := runAll(t, spec)
		any := func([]Memory) error { return nil }
		for step, want := range whole.checkpoints {
			for i := -1; i < len(stored.checkpoints); i++ {
				var from *run.Checkpoint
				if i >= 0 {
					from = &stored.checkpoints[i]
				}
				if from != nil && from.Step > step {
					continue
				}
				got, err := Recompute(context.Background(), spec, Env{}, from, step, any, func(Progress) {})
				if err != nil || !sameTensors(got, want.Weights) {
					t.Errorf("%s: step %d from checkpoint %d: other weights, or %v", spec.Method, step, i, err)
				}
			}
		}
		full := fmt.Errorf("no room")
		if _, err := Recompute(context.Background(), spec, Env{}, nil, 1, func([]Memory) error { return full }, nil); err != full {
			t.Errorf("without room: %v", err)
		}
		if _, err := Recompute(after(3), spec, Env{}, nil, 3, any, func(Progress) {}); err != context.Canceled {
			t.Errorf("given up: %v", err)
		}
	}
	if _, err := Recompute(context.Background(), run.Spec{Kind: "checkpoints"}, Env{}, nil, 1, nil, nil); err == nil || !strings.Contains(err.Error(), "in its files") {
		t.Error(err)
	}
}
