package trial

import (
	"context"
	"math"
	"testing"

	"breakeven/run"
)

// The training loss is the mean over the last quarter of the steps, 128 at most, with its standard error.
func TestRecentLosses(t *testing.T) {
	var l recentLosses
	if got := l.value(0, 32); got != nil {
		t.Errorf("%+v before the first step", got)
	}
	for step := 1; step <= 1000; step++ {
		loss := float64(step)
		l.add(loss)
		n := min(128, math.Ceil(loss/4))
		// The last n of 1, 2, 3, …: their mean, and the deviation of n numbers in a row.
		mean, deviation := loss-(n-1)/2, math.Sqrt((n+1)/12)
		v := l.value(step, 32)[0]
		if math.Abs(v.Value-mean) > 1e-9*mean || math.Abs(v.Error-deviation) > 1e-9*deviation && n > 1 || v.How.L != int(n) || v.How.Examples != 32*int(n) {
			t.Fatalf("step %d: %v ± %v of %d batches, want %v ± %v of %v", step, v.Value, v.Error, v.How.L, mean, deviation, n)
		}
	}
	l.add(1e39)
	if got := l.value(1001, 32); got != nil {
		t.Errorf("%+v with a loss that float32 cannot hold", got)
	}
}

// Along a run it is the mean of what each step reports, whenever it is measured, and of a quarter of the
// steps only.
func TestTrainLoss(t *testing.T) {
	s := small("tiny", "sgd")
	s.Steps, s.Every, s.Probes = 12, 4, []string{"loss"}
	job := newSmall(t, s)
	p := new(tape)
	if end, err := job.Run(context.Background(), nil, 0, p); err != nil || end.Status != run.Finished {
		t.Fatal(end, err)
	}
	losses := map[int]float64{} // by the number of steps done
	for _, now := range p.progress {
		if now.Doing == "training" {
			losses[now.Step] = now.Loss
		}
	}
	for step, want := range map[int]float64{4: losses[4], 8: (losses[7] + losses[8]) / 2, 12: (losses[10] + losses[11] + losses[12]) / 3} {
		v, ok := p.records[step].Get("train_loss")
		if !ok || math.Abs(v.Value-want) > 1e-6*want {
			t.Errorf("step %d: %v, want %v", step, v.Value, want)
		}
	}
	if v, ok := p.records[0].Get("train_loss"); ok {
		t.Errorf("%+v before the first step", v)
	}
}
