package study

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// A moving average has the same weight on both sides, stops at gaps, and keeps straight lines as they are.
func TestMovingAverage(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		y    []float64
		h    int
		want []float64
	}{
		{nil, 2, []float64{}},
		{[]float64{3}, 2, []float64{3}},
		{[]float64{1, 2, 3, 4, 5}, 2, []float64{1, 2, 3, 4, 5}},
		{[]float64{0, 0, 9, 0, 0}, 1, []float64{0, 3, 3, 3, 0}},
		{[]float64{0, 0, 10, 0, 0}, 2, []float64{0, 10. / 3, 2, 10. / 3, 0}},
		{[]float64{1, 5, nan, 7, 3, 2}, 1, []float64{1, 5, nan, 7, 4, 2}},
		{[]float64{1, inf, 3}, 1, []float64{1, nan, 3}},
	} {
		if diff := cmp.Diff(c.want, movingAverage(c.y, c.h), cmpopts.EquateNaNs(), cmpopts.EquateApprox(0, 1e-15)); diff != "" {
			t.Errorf("%v over %d on each side: %s", c.y, c.h, diff)
		}
	}
}

func TestRunningMaximum(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	got := runningMaximum([]float64{nan, -2, -3, inf, 4, nan, 1, 5})
	if diff := cmp.Diff([]float64{nan, -2, -2, -2, 4, 4, 4, 5}, got, cmpopts.EquateNaNs()); diff != "" {
		t.Error(diff)
	}
}

// Only curves along training get another line; the values of all stay.
func TestRedraw(t *testing.T) {
	y := []float64{1, 4, 1}
	groups := []Group{{Figures: []Figure{
		{X: "epoch", Curves: []Curve{{Y: y}, {Y: y[:1]}}},
		{X: "step", Curves: []Curve{{Y: y}}},
		{X: "eigenvalue (nat)", Curves: []Curve{{Y: y}}},
		{X: "epoch", Scale: "nat", Curves: []Curve{{Y: y}}},
	}}}
	Averaged(groups, 3)
	figures := groups[0].Figures
	if diff := cmp.Diff([]float64{1, 2, 1}, figures[0].Curves[0].Line); diff != "" {
		t.Error(diff)
	}
	for i, f := range figures {
		if drawn := f.Curves[0].Line != nil; drawn != (i < 2) || strings.Contains(f.Caption, "averages of 3") != drawn {
			t.Errorf("figure %d: a line %v, and the caption %q", i, drawn, f.Caption)
		}
		if diff := cmp.Diff([]float64{1, 4, 1}, f.Curves[0].Y); diff != "" {
			t.Error(diff)
		}
	}
	if figures[0].Curves[1].Line != nil {
		t.Error("a single point has got a line")
	}
	if RunningMaxima(groups); figures[1].Curves[0].Line[2] != 4 {
		t.Errorf("the running maximum ends with %g", figures[1].Curves[0].Line[2])
	}
}
