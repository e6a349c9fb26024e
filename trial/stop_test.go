package trial

import (
	"context"
	"testing"
)

// All work of a run asks its context: reading examples, a training step, the validation
// data, and the step of a single measurement.
func TestAsks(t *testing.T) {
	tr := newSmall(t, small("tiny", "momentum"))
	ctx := after(1 << 40)
	r, err := tr.start(ctx, nil, deaf{})
	if err != nil {
		t.Fatal(err)
	}
	examples := r.subject.Problem.Set().Len() + 3*4 + r.subject.Sharp[0].Len()*len(r.subject.Sharp) + tr.task.Valid.Len()
	for n := 0; n < examples; n += 3 {
		if _, err := tr.start(after(n), nil, deaf{}); err != context.Canceled {
			t.Errorf("start, stopped at example %d of %d: %v", n, examples, err)
		}
	}
	set := r.subject.Problem.Set()
	single := (&measurement{setting: tr.setting, at: At{To: set.Len(), L: 2}}).subject(ctx, set)
	for name, f := range map[string]func() error{
		"a training step": func() error { _, err := r.loop.Step(); return err },
		"validation":      func() error { _, err := r.subject.Valid(); return err },
		"the first step":  func() error { _, err := single.Next(); return err },
		"a measurement":   func() error { _, err := r.measure(ctx); return err },
	} {
		ctx.left.Store(1) // when asked for the second time
		if err := f(); err != context.Canceled {
			t.Errorf("%s: %v", name, err)
		}
	}
}
