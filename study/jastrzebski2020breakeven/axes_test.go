package jastrzebski2020breakeven

import (
	"math"
	"strings"
	"testing"

	"breakeven/run"
	"breakeven/study"
)

// Along e_H¹ and along e_K¹ break-even may be at different steps, with a closed form of its own.
func TestAxes(t *testing.T) {
	r := study.Run{Spec: spec(0.1, 32), Train: 6000, Status: run.Finished}
	for i, left := range []float64{0.5, 0.9, 1.2, 1.4} {
		h := float64(i + 1)
		r.Records = append(r.Records, at(10*i, "loss", 2.0-0.1*h, "stability", [2]float64{left, 0.01}, "stability_k", [2]float64{left - 0.25, 0.01},
			"h_max", [2]float64{h, 0.1}, "k_max", [2]float64{0.2 * h, 0.01}, "k_curvature", 0.8*h, "predicted_h_max", 3.0, "predicted_h_max_k", 3.5, "predicted_k_max", 0.7))
	}
	f := Analyze(r)
	if len(f.Axes) != 2 {
		t.Fatalf("%d axes", len(f.Axes))
	}
	along, noise := f.Axes[0], f.Axes[1]
	if along.Of != "e_H¹" || along.At.Step != 20 || along.Curvature != (Figure{3, 0.1}) || math.Abs(along.PredictedK.Value-0.6) > 1e-12 || along.PredictedK.Error <= 0.01 {
		t.Errorf("along e_H¹: %+v", along)
	}
	if noise.Of != "e_K¹" || noise.At.Step != 30 || noise.State != Bracketed || math.Abs(noise.Curvature.Value-3.2) > 1e-12 || noise.PredictedK.Value != 0.7 || noise.H.Value != 4 {
		t.Errorf("along e_K¹: %+v", noise)
	}
	text := AtBreakEven([]Findings{f}).String()
	for _, want := range []string{"η = 0.1, S = 32, e_H¹", "η = 0.1, S = 32, e_K¹", "0.7\n", "0.800 ± 0.010"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	r.Spec.Method = "adam"
	if f := Analyze(r); len(f.Axes) != 0 || len(AtBreakEven([]Findings{f}).Rows) != 0 {
		t.Errorf("of Adam: %+v", f.Axes)
	}
}
