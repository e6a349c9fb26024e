package study

import (
	"math"
	"slices"
	"testing"

	"breakeven/run"
)

// madeRun makes up a run whose records hold the keys, with an error of 0.5.
func madeRun(name string, eta float64, n int, keys ...string) Run {
	r := Run{Name: name, Spec: run.Default()}
	r.Spec.LR = eta
	for i := range n {
		rec := run.Record{Step: 10 * i, Epoch: float64(i) / 10}
		for _, k := range keys {
			rec.Values = append(rec.Values, run.Value{Key: k, Value: 1.5 + float64(i), Error: 0.5})
		}
		r.Records = append(r.Records, rec)
	}
	return r
}

func breakEven(int) []Mark {
	return []Mark{{At: 1.25, Name: "break-even"}, {At: 2.5, Name: "60 % accuracy", Minor: true}}
}

func TestMarksAndLevels(t *testing.T) {
	p := Panel{Keys: []string{"h_max", "h_min"}, Caption: "Curvature.", Line: "The line is its limit.", Dashed: "Dashed: h_min.",
		LevelOf: func(s run.Spec) float64 { return 2 / s.LR }, Mark: "2/η"}
	ts := Trajectories([]Run{madeRun("a", 0.01, 4, "h_max"), madeRun("b", 0.1, 4, "h_max"), madeRun("c", 0.1, 4, "h_max")}, breakEven)
	var levels, lines int
	for _, m := range p.figure(ts).Marks {
		if m.Level {
			levels++
		} else {
			lines++
		}
		if m.Run == 0 {
			t.Errorf("no run of the mark %+v", m)
		}
	}
	if levels != 2 || lines != 6 {
		t.Errorf("%d levels and %d vertical lines, want 2 (0.1 once) and 6", levels, lines)
	}
	if c := p.figure(ts).Caption; c != "Curvature. The line is its limit." {
		t.Errorf("caption %q speaks of what is not drawn", c)
	}
	for _, m := range p.marks(ts, "step") {
		if !m.Level {
			t.Error("an epoch is marked on an axis of steps")
		}
	}
}

func TestCurves(t *testing.T) {
	r := madeRun("a", 0.1, 3, "loss", "valid_loss")
	r.Records[1].Values[0].Value = math.NaN()
	r.Records[2].Values[0].Error = math.Inf(1)
	f := Panel{Keys: []string{"loss", "valid_loss"}, Title: "Loss"}.figure(Trajectories([]Run{madeRun("other", 1, 2), r}, breakEven))
	if len(f.Curves) != 4 || f.X != "epoch" || f.Y != "L (nat)" || f.Name != "loss" || len(f.Numbers.Rows) != 6 {
		t.Fatalf("%+v", f)
	}
	c, d := f.Curves[1], f.Curves[3]
	if c.Run != 2 || c.Name != "a" || c.Unlisted || c.Dashed || d.Name != "a, valid_loss" || !d.Unlisted || !d.Dashed {
		t.Errorf("curves %+v and %+v", c, d)
	}
	if !slices.Equal(c.X, []float64{0, 0.1, 0.2}) || c.Lo[0] != 1 || c.Hi[0] != 2 || c.Lo[2] != c.Y[2] {
		t.Errorf("curve %+v", c)
	}
	if !slices.Equal(f.Numbers.Rows[2], []string{"a", "10", "0.1", "loss", "NaN", "0.5", "0"}) {
		t.Errorf("numbers %v", f.Numbers.Rows)
	}
	r.Records = r.Records[:1]
	if f = (Panel{Keys: []string{"loss"}}).figure(Trajectories([]Run{r}, breakEven)); f.X != "step" {
		t.Errorf("records without an epoch are drawn over %s", f.X)
	}
	if f = (Panel{Keys: []string{"h_max"}, Title: "H"}).figure(Trajectories([]Run{r}, breakEven)); len(f.Curves) != 0 || f.Title != "H" {
		t.Errorf("what was not measured is %+v", f)
	}
}

func TestLogarithmic(t *testing.T) {
	for _, test := range []struct {
		values  []float64
		welcome bool
		want    bool
	}{
		{nil, true, false}, {[]float64{1, 2, 40}, true, true}, {[]float64{1, 2, 40}, false, false},
		{[]float64{0, 2, 4000}, true, false}, {[]float64{-1, 2, 4000}, true, false}, {[]float64{1, 2, 4000}, false, true},
	} {
		if got := logarithmic(test.values, test.welcome); got != test.want {
			t.Errorf("%v, welcome %v: %v", test.values, test.welcome, got)
		}
	}
}

// The band shows both errors together, cut at the range of the quantity.
func TestBand(t *testing.T) {
	r := madeRun("a", 0.1, 1, "alignment", "loss")
	for i := range r.Records[0].Values {
		v := &r.Records[0].Values[i]
		v.Value, v.Error, v.Sample = 0.5, 0.3, 0.4
	}
	c := (Panel{Keys: []string{"loss"}}).figure(Trajectories([]Run{r}, breakEven)).Curves[0]
	if c.Lo[0] != 0 || c.Hi[0] != 1 {
		t.Errorf("the band of 0.5 ± 0.3 ± 0.4 is from %g to %g", c.Lo[0], c.Hi[0])
	}
	r.Records[0].Values[0].Sample = 1.2
	c = (Panel{Keys: []string{"alignment"}}).figure(Trajectories([]Run{r}, breakEven)).Curves[0]
	if c.Lo[0] != 0 || c.Hi[0] != 1 {
		t.Errorf("the band of alignment is from %g to %g", c.Lo[0], c.Hi[0])
	}
}

// Every scalar key that is measured has a figure, also if no study mentions it.
func TestEveryKeyIsDrawn(t *testing.T) {
	var keys []string
	for _, k := range run.Keys {
		if !k.Vector {
			keys = append(keys, k.Name)
		}
	}
	r := madeRun("all", 0.1, 3, keys...)
	r.Records[2].Values = append(r.Records[2].Values, run.Value{Key: "h_density", Vector: []float64{0, 2, 1, 3, 9}})
	headings := []Heading{{Title: "First", Panels: []Panel{{Keys: []string{"loss", "h_max"}}}, Spectrum: true}}
	drawn := map[string]int{}
	for _, g := range Draw(headings, Trajectories([]Run{r}, breakEven)) {
		for _, f := range g.Figures {
			if f.Caption == "" && g.Title != "First" || len(f.Curves) == 0 {
				t.Errorf("figure %+v", f)
			}
			for _, row := range f.Numbers.Rows {
				if len(row) == 7 && row[1] == "20" {
					drawn[row[3]]++
				}
			}
			if f.Area && (f.Name != "h_density" || len(f.Curves[0].X) != 2 || len(f.Numbers.Rows) != 2) {
				t.Errorf("spectrum %+v", f)
			}
		}
	}
	for _, key := range keys {
		if drawn[key] != 1 {
			t.Errorf("%s is drawn %d times", key, drawn[key])
		}
	}
}

// Plain draws what was measured, finds nothing, and takes runs without records.
func TestPlain(t *testing.T) {
	a := Plain([]Run{madeRun("", 0.1, 3, "loss", "k_max"), {Spec: run.Default()}})
	if len(a.Runs) != 2 || a.Runs[0].Name == a.Runs[1].Name || len(a.Groups) != 1 || len(a.Groups[0].Figures) != 2 {
		t.Errorf("%+v", a)
	}
	if len(a.Runs[1].Section.Open) != 1 || len(a.Summary.Rows) != 2 {
		t.Errorf("%+v", a)
	}
	if a = Plain(nil); len(a.Runs) != 0 {
		t.Errorf("%+v", a)
	}
}

// Points of a plane are those measurements that have both keys, in order; a plane that no run has
// is not drawn.
func TestPlanes(t *testing.T) {
	r := Run{Name: "a", Spec: run.Default()}
	for i, pair := range [][2]float64{{1, 10}, {2, math.NaN()}, {3, 5}} {
		r.Records = append(r.Records, run.Record{Step: i, Values: []run.Value{{Key: "h_max", Value: pair[0]}, {Key: "k_max", Value: pair[1]}}})
	}
	r.Records = append(r.Records, run.Record{Step: 3, Values: []run.Value{{Key: "h_max", Value: 4}}})
	planes := []Plane{{X: "h_max", Y: "k_max", Title: "plane"}, {X: "loss", Y: "k_max"}}
	groups := Draw([]Heading{{Planes: planes}}, Trajectories([]Run{r}, func(int) []Mark { return nil }))
	figures := groups[0].Figures
	if len(figures) != 1 || len(figures[0].Curves) != 1 {
		t.Fatalf("%+v", figures)
	}
	f := figures[0]
	if c := f.Curves[0]; !slices.Equal(c.X, []float64{1, 3}) || !slices.Equal(c.Y, []float64{10, 5}) || len(f.Numbers.Rows) != 2 {
		t.Errorf("curve %+v, numbers %v", c, f.Numbers.Rows)
	}
	if f.X != "λ_H¹ (nat)" || f.Y != "λ_K¹ (nat²)" || f.Name != "k_max-h_max" {
		t.Errorf("axes %q, %q of %q", f.X, f.Y, f.Name)
	}
}
