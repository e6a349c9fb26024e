package web

import (
	"math"
	"slices"
	"strings"
	"testing"

	"breakeven/study"
)

// A long curve keeps its ends, its extremes, and the order of its points; a short one is left alone.
func TestThin(t *testing.T) {
	var long study.Curve
	for i := range 100_000 {
		long.X, long.Y = append(long.X, float64(i)), append(long.Y, math.Sin(float64(i)))
		long.Lo, long.Hi = append(long.Lo, -float64(i)), append(long.Hi, float64(i))
		long.Line = append(long.Line, float64(i))
	}
	long.Y[500], long.Y[70_001], long.Y[1] = math.NaN(), 9, -9
	short := study.Curve{X: []float64{1, 2}, Y: []float64{3, 4}}
	groups := []study.Group{{Figures: []study.Figure{{Caption: "Long.", Curves: []study.Curve{long, short}}, {Caption: "Short.", Curves: []study.Curve{short}}}}}
	thin(groups)
	f := groups[0].Figures
	c := f[0].Curves[0]
	if n := len(c.X); n > MostPoints+2 || n < MostPoints/2 || len(c.Y) != n || len(c.Lo) != n || len(c.Hi) != n || len(c.Line) != n || c.Values != nil {
		t.Errorf("%d points", n)
	}
	if !slices.IsSorted(c.X) || c.X[0] != 0 || c.X[len(c.X)-1] != 99_999 || slices.Max(c.Y) != 9 || !slices.Contains(c.Y, -9) {
		t.Error("the ends or the extremes are lost")
	}
	for i, x := range c.X {
		if c.Y[i] != long.Y[int(x)] || c.Hi[i] != x || c.Line[i] != x {
			t.Fatalf("point %v has moved", x)
		}
	}
	if n := len(f[0].Numbers.Rows); n < mostNumbers/2 || n > mostNumbers+4 || len(f[1].Numbers.Rows) > 0 {
		t.Errorf("%d rows of numbers", n)
	}
	if len(f[0].Curves[1].X) != 2 || !strings.Contains(f[0].Caption, "100000 points") || f[1].Caption != "Short." {
		t.Errorf("captions %q, %q", f[0].Caption, f[1].Caption)
	}
}
