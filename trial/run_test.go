package trial

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"breakeven/internal/testenv"
	"breakeven/run"
)

// nets are runs with momentum, with Adam's two memories, and with batch norm's
// running statistics.
var nets = []run.Spec{small("tiny", "momentum"), small("tiny", "adam"), small("norm", "nesterov")}

// The same spec gives the same bits on any number of processors.
func TestProcessors(t *testing.T) {
	for _, spec := range append(slices.Clone(nets), frozenConv()) {
		var want *tape
		testenv.OnProcessors(t, func(when string) {
			got, status := runAll(t, spec)
			if status != run.Finished {
				t.Fatalf("%s: %s", spec.Model, status)
			}
			if want == nil {
				want = got
			}
			compare(t, spec.Model+" "+when, got, want)
		})
	}
}

// A run that is stopped at any point, within a step or a measurement, is resumed to the
// bits of a run that was not.
func TestInterrupted(t *testing.T) {
	for _, spec := range append(slices.Clone(nets), frozenConv()) {
		const never = 1 << 40
		want, ctx := new(tape), after(never)
		if end, err := newSmall(t, spec).Run(ctx, nil, 0, want); end.Status != run.Finished || err != nil {
			t.Fatal(end.Status, err)
		}
		points := ctx.asked(never) // thousands: before each piece of work
		for n := 0; n < points; n += 1 + points/testenv.Scale(5, 12) {
			got := new(tape)
			end, err := newSmall(t, spec).Run(after(n), nil, 0, got)
			if err != nil || end.Status != run.Stopped || !strings.HasPrefix(end.Message, "stopped at step ") {
				t.Fatalf("stopped at point %d of %d: %s, %q, %v", n, points, end.Status, end.Message, err)
			}
			before := got.saves
			end, err = newSmall(t, spec).Run(context.Background(), got.last(), 0, got)
			if err != nil || end.Status != run.Finished {
				t.Fatalf("going on from point %d: %s, %v", n, end.Status, err)
			}
			what := fmt.Sprintf("%s with %s, stopped at point %d of %d", spec.Model, spec.Method, n, points)
			if got.saves != len(want.records) {
				t.Errorf("%s: %d and %d records were saved, want %d in all", what, before, got.saves-before, len(want.records))
			}
			compare(t, what, got, want)
		}
	}
}

// Whichever checkpoint was the last to be saved, the run is resumed from it to the same
// bits.
func TestKilled(t *testing.T) {
	for _, spec := range nets[:2] {
		want, _ := runAll(t, spec)
		for i := range want.checkpoints {
			from := copied(want.checkpoints[i])
			got := &tape{records: map[int]run.Record{}}
			for step, r := range want.records {
				if step <= from.Step {
					got.records[step] = r
				}
			}
			got.checkpoints = []run.Checkpoint{from}
			if end, err := newSmall(t, spec).Run(context.Background(), &from, 0, got); end.Status != run.Finished || err != nil {
				t.Fatal(end.Status, err)
			}
			compare(t, fmt.Sprintf("%s, going on at step %d", spec.Method, from.Step), got, want)
		}
	}
}

// Checkpoints between measurements change no numbers, and the run goes on from each of them.
func TestSecured(t *testing.T) {
	spec := small("norm", "momentum")
	want, _ := runAll(t, spec)
	before := overdue
	defer func() { overdue = before }()
	overdue = func(time.Duration, time.Duration) bool { return true }
	got, _ := runAll(t, spec)
	compare(t, "with a checkpoint at each step", got, want)
	for _, c := range []struct {
		since, took time.Duration
		want        bool
	}{{time.Minute, 0, true}, {59 * time.Second, 0, false}, {2 * time.Minute, 2 * time.Second, false}, {200 * time.Second, 2 * time.Second, true}} {
		if before(c.since, c.took) != c.want {
			t.Errorf("%v after one that took %v: want %v", c.since, c.took, c.want)
		}
	}
	steps := map[int]bool{}
	for i := range got.checkpoints {
		from := copied(got.checkpoints[i])
		steps[from.Step] = true
		on := &tape{records: map[int]run.Record{}}
		for step, r := range want.records {
			if step < from.Step || step == from.Step && Measured(from) {
				on.records[step] = r
			}
		}
		if end, err := newSmall(t, spec).Run(context.Background(), &from, 0, on); end.Status != run.Finished || err != nil {
			t.Fatal(end.Status, err)
		}
		on.checkpoints = append([]run.Checkpoint{from}, on.checkpoints...)
		compare(t, fmt.Sprintf("going on at step %d", from.Step), on, want)
	}
	for step := range spec.Steps + 1 {
		if !steps[step] {
			t.Errorf("no checkpoint of step %d", step)
		}
	}
}

// Records come at step 0, every so many steps, and at the end; each with a
// checkpoint.
func TestRules(t *testing.T) {
	for _, c := range []struct {
		steps, every int
		want         []int
	}{
		{4, 2, []int{0, 2, 4}},
		{5, 2, []int{0, 2, 4, 5}},
		{7, 0, []int{0, 6, 7}}, // once an epoch, which has 6 steps
		{1, 9, []int{0, 1}},
	} {
		s := small("tiny", "sgd")
		s.Steps, s.Every, s.Probes = c.steps, c.every, []string{"loss"}
		got, _ := runAll(t, s)
		var steps []int
		for i, cp := range got.checkpoints {
			steps = append(steps, cp.Step)
			if r := got.records[cp.Step]; r.Epoch != float64(cp.Step)/6 || len(r.Values) < 5 {
				t.Errorf("record %d: epoch %v, %d values", i, r.Epoch, len(r.Values))
			}
		}
		if !slices.Equal(steps, c.want) {
			t.Errorf("%d steps, every %d: records at %v, want %v", c.steps, c.every, steps, c.want)
		}
	}
	for before, want := range map[int]int{0: 0, 1: 1, 5: 1, math.MaxInt: 1} {
		if got := (&descent{every: math.MaxInt}).measurements(before); got != float64(want) {
			t.Errorf("one measurement every %d steps: %v before step %d, want %d", math.MaxInt, got, before, want)
		}
	}
	s := small("tiny", "sgd")
	s.Steps, s.Epochs = 0, 1.5
	if got := newSmall(t, s).steps; got != 9 {
		t.Errorf("1.5 epochs are %d steps, want 9", got)
	}
}

// A run in several segments ends with the bits of a run in one.
func TestSegments(t *testing.T) {
	for _, spec := range nets[:2] {
		want, _ := runAll(t, spec)
		for _, size := range []int{1, 3} {
			got, end := new(tape), Outcome{Status: run.Stopped}
			for until := size; end.Status == run.Stopped; until += size {
				var err error
				if end, err = newSmall(t, spec).Run(context.Background(), got.last(), until, got); err != nil {
					t.Fatal(err)
				}
				if c := got.last(); c.Step != min(until, 4) {
					t.Fatalf("the segment to step %d ended at step %d", until, c.Step)
				}
			}
			if end.Status != run.Finished || got.saves != len(want.records) {
				t.Errorf("%v after %d records, want %d", end, got.saves, len(want.records))
			}
			compare(t, fmt.Sprintf("%s in segments of %d", spec.Method, size), got, want)
		}
	}
}

// With a schedule, decay and clipping a run is resumed to the same bits, records its
// learning rate, and its weights can be recomputed at any step.
func TestSchedule(t *testing.T) {
	spec := small("tiny", "momentum")
	spec.Schedule, spec.Warmup, spec.WeightDecay, spec.Clip, spec.Probes = "cosine", 2, 0.01, 0.5, []string{"loss", "stability"}
	want, _ := runAll(t, spec)
	for step, rate := range map[int]float64{0: 0.025, 2: 0.05, 4: 0.025} {
		if v, ok := want.records[step].Get("lr"); !ok || math.Abs(v.Value-rate) > 1e-12 {
			t.Errorf("step %d: learning rate %v, want %v", step, v.Value, rate)
		}
	}
	got := new(tape)
	for until := 1; until <= 4; until++ {
		if _, err := newSmall(t, spec).Run(context.Background(), got.last(), until, got); err != nil {
			t.Fatal(err)
		}
	}
	compare(t, "in segments", got, want)
	w, err := Recompute(context.Background(), spec, Env{}, nil, 2, func([]Memory) error { return nil }, func(Progress) {})
	if err != nil || !sameTensors(w, want.checkpoints[1].Weights) {
		t.Errorf("computed again: other weights, or %v", err)
	}
	plain := small("tiny", "momentum")
	plain.Probes = spec.Probes
	if other, _ := runAll(t, plain); sameTensors(other.last().Weights, want.last().Weights) {
		t.Error("the rules change nothing")
	}
	spec.Schedule = "linear"
	if _, err := newDescent(spec, Env{}); err == nil || !strings.Contains(err.Error(), `"linear"`) {
		t.Error(err)
	}
}

// Divergence is a result: earlier measurements are kept, together with the last loss.
func TestDiverged(t *testing.T) {
	s := small("tiny", "sgd")
	s.LR, s.Steps, s.Every, s.Loss = 1e6, 50, 1000, "mse"
	got := new(tape)
	end, err := newSmall(t, s).Run(context.Background(), nil, 0, got)
	if err != nil || end.Status != run.Diverged || !strings.Contains(end.Message, "learning rate 1e+06") {
		t.Fatalf("%s, %q, %v", end.Status, end.Message, err)
	}
	if len(got.records) != 2 || len(got.records[0].Values) < 10 {
		t.Fatalf("%d records, %d values at step 0", len(got.records), len(got.records[0].Values))
	}
	for step, r := range got.records {
		if v, _ := r.Get("loss"); step > 0 && !math.IsNaN(v.Value) && !math.IsInf(v.Value, 0) {
			t.Errorf("the loss of step %d is %v", step, v.Value)
		}
	}
	// If a measurement finds the divergence, the checkpoint has the end of the run.
	s.Every = 1
	got = new(tape)
	end, err = newSmall(t, s).Run(context.Background(), nil, 0, got)
	if err != nil || end.Status != run.Diverged {
		t.Fatalf("%s, %q, %v", end.Status, end.Message, err)
	}
}

// A run ends at the accuracy that was asked for, also when it was killed before
// that was noted.
func TestUntil(t *testing.T) {
	s := small("tiny", "momentum")
	s.Steps, s.Every, s.Until, s.Probes = 400, 5, 0.3, []string{"loss"}
	got, status := runAll(t, s)
	c := got.last()
	r := got.records[c.Step]
	if v, _ := r.Get("accuracy"); status != run.Finished || c.Step == 400 || v.Value < 0.3 {
		t.Fatalf("%s at step %d with accuracy %v", status, c.Step, v.Value)
	}
	for step, r := range got.records {
		if v, _ := r.Get("accuracy"); step < c.Step && v.Value >= 0.3 {
			t.Errorf("accuracy was %v at step %d already", v.Value, step)
		}
	}
	if p := got.progress[len(got.progress)-1]; p.Part != 1 {
		t.Errorf("at the end the progress is %v", p.Part)
	}
	again := new(tape)
	end, err := newSmall(t, s).Run(context.Background(), c, 0, again)
	if end.Status != run.Finished || err != nil || !strings.Contains(end.Message, "has reached 0.3") || again.saves+len(again.checkpoints) > 0 {
		t.Errorf("once more: %s, %q, %v, and %d records", end.Status, end.Message, err, again.saves)
	}
}

// Progress rises from 0 to 1, however long steps and measurements take.
func TestProgress(t *testing.T) {
	s := small("tiny", "sgd")
	s.Steps, s.Every = 7, 3
	got, _ := runAll(t, s)
	before := Progress{Part: 0, Step: 0}
	doing := map[string]bool{}
	for i, p := range got.progress {
		doing[p.Doing] = true
		if p.Part < before.Part || p.Part > 1 || p.Step < before.Step || p.Steps != 7 || p.Elapsed < before.Elapsed {
			t.Errorf("progress %d is %+v after %+v", i, p, before)
		}
		if p.Epoch != float64(p.Step)/6 || math.IsNaN(p.Loss) != (p.Step == 0) || p.Loss <= 0 {
			t.Errorf("progress %d is %+v", i, p)
		}
		if p.Part == 1 && p.Doing != "finished" {
			t.Errorf("all is done while it is %s", p.Doing)
		}
		before = p
	}
	if got.progress[0].Part != 0 || before.Part != 1 {
		t.Errorf("progress from %v to %v", got.progress[0].Part, before.Part)
	}
	for _, name := range append(s.Probes, "training", "finished") {
		if !doing[name] {
			t.Errorf("progress does not tell of %s", name)
		}
	}
}

// An interrupter is a sink that stops the run when the first probe begins.
type interrupter struct {
	*tape
	cancel func()
}

func (i interrupter) Progress(Progress) { i.cancel() }

// A sink that fails ends the run with its error.
func TestSinkFails(t *testing.T) {
	full := errors.New("disk full")
	end, err := newSmall(t, small("tiny", "sgd")).Run(context.Background(), nil, 0, &tape{fail: full})
	if !errors.Is(err, full) {
		t.Errorf("%s, %v", end.Status, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if _, err = newSmall(t, small("tiny", "sgd")).Run(ctx, nil, 0, interrupter{&tape{fail: full}, cancel}); !errors.Is(err, full) {
		t.Errorf("the checkpoint of a stopped run: %v", err)
	}
}

// A checkpoint of another run is refused.
func TestForeignCheckpoint(t *testing.T) {
	want, _ := runAll(t, small("tiny", "momentum"))
	for name, spoil := range map[string]func(c *run.Checkpoint){
		"conv1.weight": func(c *run.Checkpoint) { c.Weights[0].Data = c.Weights[0].Data[1:] },
		"fc.bias":      func(c *run.Checkpoint) { c.Weights = c.Weights[:len(c.Weights)-1] },
		"momentum":     func(c *run.Checkpoint) { c.State = nil },
	} {
		c := copied(want.checkpoints[0])
		spoil(&c)
		got := new(tape)
		_, err := newSmall(t, small("tiny", "momentum")).Run(context.Background(), &c, 0, got)
		if err == nil || !strings.Contains(err.Error(), "checkpoint of step 0: "+name) || got.saves > 0 {
			t.Errorf("%s: %v, %d records", name, err, got.saves)
		}
	}
}
