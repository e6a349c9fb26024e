package trial

import (
	"context"
	"strings"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/run"
)

// flightNet is a small trial of flights, with all that their batches have: lengths, weights,
// plans and cubes.
var flightNet = func() run.Spec {
	s := small("deeptp", "adam")
	s.Data, s.Preprocess, s.Train, s.Valid, s.Batch, s.Clip, s.LR = "iah-bos-sample", run.Default().Preprocess, 0, 0, 5, 5, 0.01
	s.More = map[string]string{"units": "8"}
	s.Probes = []string{"loss", "k", "examples", "h", "ggn"}
	s.Measure = run.Measure{L: 3, M: 3, Examples: 6, PerExample: 5, Tolerance: 0.1}
	return s
}()

// A trial of flights has the same bits on any number of processors, and after it was stopped.
func TestFlights(t *testing.T) {
	testenv.Slow(t)
	want, status := runAll(t, flightNet)
	if status != run.Finished {
		t.Fatal(status)
	}
	first, last := want.records[0].ByKey(), want.records[4].ByKey()
	if !(last["loss"].Value < first["loss"].Value) || !(last["step_error"].Value < first["step_error"].Value) {
		t.Errorf("the loss goes from %v to %v", first["loss"].Value, last["loss"].Value)
	}
	for _, key := range []string{"valid_loss", "valid_step_error", "valid_track_error", "k_max", "h_max", "ggn_max"} {
		if _, ok := last[key]; !ok {
			t.Errorf("%s was not measured", key)
		}
	}
	testenv.OnProcessors(t, func(when string) {
		got, _ := runAll(t, flightNet)
		compare(t, when, got, want)
	})
	got := new(tape)
	end, err := newSmall(t, flightNet).Run(context.Background(), nil, 3, got)
	if err != nil || !strings.HasPrefix(end.Message, "stopped at step 3") {
		t.Fatal(end, err)
	}
	if end, err = newSmall(t, flightNet).Run(context.Background(), got.last(), 0, got); err != nil || end.Status != run.Finished {
		t.Fatal(end, err)
	}
	compare(t, "after a stop", got, want)
}

// The network that predicts tracks along a run is in the run's memory.
func TestFlightsMemory(t *testing.T) {
	tr := newSmall(t, flightNet)
	var got int64
	for _, m := range tr.Memory() {
		if m.Part == "validation" {
			got = m.Bytes
		}
	}
	if own := tr.task.EvaluateBytes; own < 1e5 || got != own+tr.net.Memory(tr.evaluating()) {
		t.Errorf("validation takes %d bytes, the tracks %d of them", got, own)
	}
}
