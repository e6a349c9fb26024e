package plot

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"breakeven/rng"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

func TestTicks(t *testing.T) {
	for _, tt := range []struct {
		a    axis
		n    int
		want string
	}{
		{axis{min: 0, max: 20}, 5, "0 5 10 15 20"},
		{axis{min: 0, max: 1}, 5, "0 0.2 0.4 0.6 0.8 1.0"},
		{axis{min: -0.013, max: 0.021}, 5, "−0.01 0 0.01 0.02"},
		{axis{min: 0, max: 100000}, 5, "0 20k 40k 60k 80k 100k"},
		{axis{min: 0, max: 4000}, 4, "0 1000 2000 3000 4000"},
		{axis{min: 0, max: 6e6}, 3, "0 2M 4M 6M"},
		{axis{min: 0, max: 3e-6}, 3, "0 1e−06 2e−06 3e−06"},
		{axis{min: 9.9, max: 10.11}, 3, "9.9 10.0 10.1"},
		{axis{min: 0.25, max: 1}, 3, "0.25 0.50 0.75 1.00"},
		{axis{min: 0.02, max: 30, log: true}, 5, "0.1 1 10"},
		{axis{min: 0.5, max: 30, log: true}, 5, "0.5 1 2 5 10 20"},
		{axis{min: 1e-6, max: 3, log: true}, 4, "10⁻⁶ 10⁻⁴ 10⁻² 1"},
		{axis{min: 30, max: 50, log: true}, 4, "30 35 40 45 50"},
		{axis{min: 2e5, max: 5e6, log: true}, 4, "2·10⁵ 5·10⁵ 10⁶ 2·10⁶ 5·10⁶"},
	} {
		tt.a.mark(tt.n)
		var got []string
		for _, k := range tt.a.ticks {
			got = append(got, k.label)
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%g to %g: %s, want %s", tt.a.min, tt.a.max, s, tt.want)
		}
	}
}

func TestRuns(t *testing.T) {
	for in, want := range map[string]string{
		"loss":            "[{loss 0}]",
		"λ_K¹":            "[{λ 0} {K -1} {1 1}]",
		"λ^{max}_H, k":    "[{λ 0} {max 1} {H -1} {, k 0}]",
		"run_1^2":         "[{run_1^2 0}]",
		"10⁻⁶":            "[{10 0} {−6 1}]",
		"λ₁ / λ₅":         "[{λ 0} {1 -1} { / λ 0} {5 -1}]",
		"α*":              "[{α* 0}]",
		"λ_":              "[{λ_ 0}]",
		"λ_{":             "[{λ 0} {{ -1}]",
		"5 − 3":           "[{5 − 3 0}]",
		"⟨gᵢ, gⱼ⟩":        "[{‹g 0} {i -1} {, g 0} {j -1} {› 0}]",
		"η λ_H¹, epoch_2": "[{η λ 0} {H -1} {1 1} {, epoch_2 0}]",
	} {
		if got := fmt.Sprint(runs(in)); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	long := "a name that does not fit anywhere"
	for w := vg.Length(0); w < 200; w += 7 {
		s := axisText.cut(long, w)
		if axisText.width(s) > w {
			t.Errorf("%q is wider than %v", s, w)
		}
		if s != long && s != "" && !strings.HasSuffix(s, "…") {
			t.Errorf("%q hides that it was cut", s)
		}
	}
}

// Thinning leaves out nothing that can be seen: every point left out lies
// between two that stay, in the same quarter of a pixel.
func TestThin(t *testing.T) {
	r := rng.New(1, "thin")
	var pts []vg.Point
	for i := range 20000 {
		pts = append(pts, vg.Point{X: vg.Length(i) / 100, Y: vg.Length(r.NormFloat64())})
	}
	out := thin(pts)
	if len(out) > 4*200*6 || len(out) < 1000 {
		t.Errorf("%d points left of %d", len(out), len(pts))
	}
	if !slices.IsSortedFunc(out, func(a, b vg.Point) int { return int(math.Copysign(1, float64(a.X-b.X))) }) {
		t.Error("the points are out of order")
	}
	for _, p := range pts {
		var above, below bool
		for _, q := range out {
			if math.Abs(float64(q.X-p.X)) < float64(px/4) {
				above, below = above || q.Y >= p.Y, below || q.Y <= p.Y
			}
		}
		if !above || !below {
			t.Fatalf("point %v stands out from what is left", p)
		}
	}
	few := pts[:3]
	few[1].X = 50
	if !slices.Equal(thin(few), few) {
		t.Error("points far from each other, or going back, were dropped")
	}
}

// Names of marks touch neither each other nor the lines of others. The first has always room.
func TestPennants(t *testing.T) {
	r := rng.New(2, "pennants")
	for trial := range 400 {
		wide := []float64{60, 100}[trial%2]
		f := newFrame(draw.New(newSVG(480, 300)), "title", nil)
		f.layout(axis{min: 0, max: 100}, axis{min: 0, max: 1})
		var marks []Mark
		for range 1 + r.IntN(6) {
			marks = append(marks, Mark{At: wide * r.Float64(), Name: strings.Repeat("name ", 1+r.IntN(3)), Minor: r.IntN(3) == 0})
		}
		all := f.pennants(marks)
		if wide == 60 && all[0].name == "" {
			t.Error("the most important name has no room")
		}
		for i, a := range all {
			for _, b := range all[:i] {
				if crosses(a, b) {
					t.Errorf("%+v and %+v clash", a, b)
				}
			}
			if a.row >= maxRows {
				t.Errorf("%+v stands in row %d", a, a.row)
			}
			if a.name != "" && (a.hi > f.Max.X || a.lo < f.Min.X) {
				t.Errorf("%+v leaves the picture", a)
			}
		}
	}
}

func TestShade(t *testing.T) {
	if a, b := shade(diverging, 0.5), shade(diverging, math.NaN()); a.R != 0xf7 || b != nobody {
		t.Errorf("middle %v, none %v", a, b)
	}
	if shade(sequential, -1) != shade(sequential, 0) || shade(sequential, 9) != shade(sequential, 1) {
		t.Error("values past the ends are not clamped")
	}
}
