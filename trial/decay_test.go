package trial

import (
	"context"
	"math"
	"strings"
	"testing"

	"breakeven/run"
	"breakeven/tensor"
)

// A measurement with weight decay differs from one without by what λ/2‖θ‖² adds to the loss.
func TestMeasuredDecay(t *testing.T) {
	const lambda = 0.25
	s := small("tiny", "sgd")
	s.Probes, s.Measure.Tolerance = []string{"loss", "k", "h5", "layerh", "edge"}, 1e-5
	measured := func() (map[string]run.Value, *setting) {
		r, err := Measure(context.Background(), s, "", At{Split: "train", From: 0, To: 24, L: 4}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r.ByKey(), newSmall(t, s).setting
	}
	without, at := measured()
	s.WeightDecay, s.Measure.Decay = lambda, true
	with, _ := measured()
	theta := at.initial()
	for key, add := range map[string]float64{"loss": lambda / 2 * tensor.Dot(theta, theta), "accuracy": 0, "k_max": 0, "k_trace": 0,
		"h_max": lambda, "h_min": lambda, "ph_max": lambda, "layer_h_max": lambda} {
		if got, want := with[key], without[key].Value+add; !(math.Abs(got.Value-want) <= 1e-4*(1+math.Abs(want))) {
			t.Errorf("%s is %v, want %v", key, got.Value, want)
		}
	}
}

// Along a run with weight decay in the loss, what a plain step sees is H of the loss that is measured: λ
// does not count twice.
func TestDecayAlongRun(t *testing.T) {
	s := small("tiny", "sgd")
	s.Probes, s.WeightDecay, s.Measure.Decay, s.Measure.Tolerance = []string{"loss", "h", "edge"}, 0.25, true, 1e-5
	p, _ := runAll(t, s)
	for _, r := range p.records {
		h, ph := r.ByKey()["h_max"], r.ByKey()["ph_max"]
		if !(math.Abs(h.Value-ph.Value) <= 1e-4*h.Value) {
			t.Errorf("step %d: h_max is %v and ph_max %v", r.Step, h.Value, ph.Value)
		}
	}
	s.WeightDecay = 0
	none := s.Check(run.Fields)
	s.WeightDecay, s.Decay = 0.25, "decoupled"
	decoupled := s.Check(run.Fields)
	for want, err := range map[string]error{"weight_decay is 0": none, "decay is decoupled": decoupled} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
