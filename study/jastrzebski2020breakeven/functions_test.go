package jastrzebski2020breakeven

import (
	"math"
	"strings"
	"testing"

	"breakeven/run"
	"breakeven/study"
)

// predicting is a run whose predictions move along a line of their own, with rising accuracy.
func predicting(eta float64, n int) study.Run {
	r := trajectory(eta, 32)
	r.Records = r.Records[:n]
	for i := range r.Records {
		v := []float64{eta * float64(i), float64(i), 0.5, 1 - eta*float64(i)}
		r.Records[i].Values = append(r.Records[i].Values, run.Value{Key: "predictions", Vector: v})
	}
	return r
}

func TestFunctionSpace(t *testing.T) {
	runs := []study.Run{predicting(0.01, 20), predicting(0.1, 20)}
	figures := functionSpace(study.Trajectories(runs, func(int) []study.Mark { return nil }))
	if len(figures) != 3 {
		t.Fatalf("%d figures", len(figures))
	}
	for _, f := range figures {
		if len(f.Curves) != 2 || f.Scale == "" {
			t.Fatalf("%s: %d curves, scale %q", f.Name, len(f.Curves), f.Scale)
		}
		for _, c := range f.Curves {
			// Accuracy passes 0.65 after record 14.
			if len(c.X) != 15 || len(c.Y) != 15 || len(c.Values) != 15 {
				t.Errorf("%s: %d, %d and %d numbers of 15 points", f.Name, len(c.X), len(c.Y), len(c.Values))
			}
		}
		if len(f.Numbers.Rows) != 30 {
			t.Errorf("%s: %d rows of numbers", f.Name, len(f.Numbers.Rows))
		}
	}
	// Principal components of points on two lines in a plane hold all of their variance, and keep distances.
	pca := figures[2]
	if !strings.Contains(pca.Caption, "and 0 %") && !strings.Contains(pca.Caption, "of the variance") {
		t.Error(pca.Caption)
	}
	c := pca.Curves[1]
	for i := range 14 {
		d := math.Hypot(c.X[i+1]-c.X[i], c.Y[i+1]-c.Y[i])
		if want := math.Sqrt(1 + 2*0.1*0.1); math.Abs(d-want) > 1e-6 {
			t.Errorf("points %d and %d are %v apart, want %v", i, i+1, d, want)
		}
	}
	if v := figures[1].Curves[0].Values[3]; math.Abs(v-(0.1+0.85*3/23)) > 1e-9 || figures[1].Scale != "accuracy" {
		t.Errorf("accuracy %v on the scale %q", v, figures[1].Scale)
	}
}

func TestFunctionSpaceOfLittle(t *testing.T) {
	of := func(runs ...study.Run) []study.Figure {
		return functionSpace(study.Trajectories(runs, func(int) []study.Mark { return nil }))
	}
	if f := of(trajectory(0.1, 32)); f != nil {
		t.Errorf("figures of a run without predictions: %v", f)
	}
	if f := of(predicting(0.1, 2)); f != nil {
		t.Errorf("figures of two points: %v", f)
	}
	other := predicting(0.2, 5) // of another number of examples
	for i := range other.Records {
		last := len(other.Records[i].Values) - 1
		other.Records[i].Values[last].Vector = other.Records[i].Values[last].Vector[:2]
	}
	if f := of(predicting(0.1, 5), other); len(f) != 2 || len(f[0].Curves) != 1 {
		t.Errorf("predictions of other examples are not left out: %v", f)
	}
	broken := predicting(0.1, 5)
	broken.Records[2].Values[len(broken.Records[2].Values)-1].Vector[1] = math.NaN()
	if f := of(broken); len(f) != 2 || len(f[0].Curves[0].X) != 4 {
		t.Error("a NaN among the predictions is not left out")
	}
}
