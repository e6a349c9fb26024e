package jastrzebski2020breakeven

import (
	"math"
	"strings"
	"testing"

	"breakeven/study"
)

// At the edge of a parabola every rule is 1: λ_H¹ = λ_c = 2/η, the noise is 0.
func TestEdges(t *testing.T) {
	r := study.Run{Name: "a", Spec: spec(0.1, 32), Train: 6000}
	for i, part := range []float64{0.5, 1} {
		h := part * 2 / 0.1
		r.Records = append(r.Records, at(10*i, "h_max", h, "critical_sharpness", [2]float64{h, 0.1 * h}, "step_margin", 1/part, "stability", (1-0.1*h)*(1-0.1*h),
			"batch_sharpness", h, "sharpness_gap", 0.0))
	}
	other := r
	other.Spec.Method = "adam"
	ts := study.Trajectories([]study.Run{r, other}, func(int) []study.Mark { return nil })
	figures := edges(ts)
	if len(figures) != 2 {
		t.Fatalf("%d figures", len(figures))
	}
	for i, f := range figures {
		if len(f.Curves) != 3 || !strings.HasSuffix(f.Title, ": a") || !f.LogY && i == 0 {
			t.Errorf("figure %s with %d curves", f.Title, len(f.Curves))
		}
		for _, c := range f.Curves {
			if len(c.Y) != 2 || math.Abs(c.Y[1]-1) > 1e-12 {
				t.Errorf("%s: %s is %v", f.Title, c.Name, c.Y)
			}
		}
	}
	if c := figures[0].Curves[1]; math.Abs(c.Hi[0]-0.55) > 1e-12 {
		t.Errorf("the band ends at %v", c.Hi)
	}
	r.Records = r.Records[:0]
	r.Records = append(r.Records, at(0, "h_max", 3.0))
	if f := edges(study.Trajectories([]study.Run{r}, func(int) []study.Mark { return nil })); len(f) != 0 {
		t.Errorf("one rule alone: %v", f)
	}
}
