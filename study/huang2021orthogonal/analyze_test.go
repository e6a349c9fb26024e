package huang2021orthogonal

import (
	"math"
	"strings"
	"testing"

	"breakeven/run"
	"breakeven/study"
)

// runsOf gives the trials of a figure at scale small records that made makes.
func runsOf(t *testing.T, figure string, made func(s run.Spec) []run.Record) []study.Run {
	t.Helper()
	specs, err := Study.Specs(study.Small, figure)
	if err != nil {
		t.Fatal(err)
	}
	var runs []study.Run
	for _, s := range specs {
		runs = append(runs, study.Run{Spec: s, Status: run.Finished, Train: 100, Records: made(s)})
	}
	return runs
}

// record makes a record of keys and values by turns.
func record(step int, pairs ...any) run.Record {
	r := run.Record{Step: step, Epoch: float64(step)}
	for i := 0; i < len(pairs); i += 2 {
		r.Values = append(r.Values, run.Value{Key: pairs[i].(string), Value: pairs[i+1].(float64)})
	}
	return r
}

// kernelRecords are those of networks whose kernels are off by width to some power.
func kernelRecords(power float64) func(s run.Spec) []run.Record {
	return func(s run.Spec) (list []run.Record) {
		off := math.Pow(number(s, "width"), power)
		for i, factor := range []float64{0.9, 1, 1.1} {
			list = append(list, record(i+1, "nngp_error", off*factor, "ntk_error", off*factor, "nngp_mean_error", off/2, "ntk_mean_error", off/2))
		}
		return list
	}
}

// expect compares the tone, and looks for words in all lines of a part.
func expect(t *testing.T, r result, tone string, words ...string) {
	t.Helper()
	if r.section.Tone != tone {
		t.Errorf("%s: %q is %q, want %q", r.section.Title, r.section.Badge, r.section.Tone, tone)
	}
	all := strings.Join(append(r.section.Lines, r.headline), "\n")
	for _, row := range append(r.section.Rows, r.rows...) {
		all += "\n" + strings.Join(row, " | ")
	}
	for _, w := range words {
		if !strings.Contains(all, w) {
			t.Errorf("%q is not in\n%s", w, all)
		}
	}
}

// Errors that fall as the root of the width are the theorem, others are not; so for
// convolutions, of three laws.
func TestKernelErrors(t *testing.T) {
	r := kernelErrors(runsOf(t, "1", kernelRecords(-0.5)))
	expect(t, r, "good", "−0.500 ± 0.005 with gaussian weights", "−0.500 ± 0.005 with orthogonal weights")
	if len(r.lead) != 1 || len(r.lead[0].Curves) != 4 || !strings.HasPrefix(r.lead[0].Name, "ntk") {
		t.Errorf("leads with %+v", r.lead)
	}
	curve := r.lead[0].Curves[0]
	// Half of the interval of 0.9, 1 and 1.1: t of two degrees, 4.3027, times 0.1/√3.
	if want := curve.Y[0] * (1 + 4.30265*0.1/math.Sqrt(3)); math.Abs(curve.Hi[0]-want) > 1e-5 {
		t.Errorf("interval up to %v, want %v", curve.Hi[0], want)
	}
	expect(t, kernelErrors(runsOf(t, "1", kernelRecords(-0.2))), "bad")
	expect(t, convolutions(runsOf(t, "cnn", kernelRecords(-0.5))), "good", "delta-orthogonal")
}

// Changes in training are compared with the paper's, weight by weight.
func TestDrifts(t *testing.T) {
	drifting := func(power float64) func(s run.Spec) []run.Record {
		return func(s run.Spec) []run.Record {
			n := number(s, "width")
			r := record(100, "ntk_change", math.Pow(n+5000/n/n, power)*(1+0.01*float64(s.Seed))) // to the power where n is large
			r.Values = append(r.Values, run.Value{Key: "weight_change", Value: 1, Vector: []float64{math.Pow(n, -0.5), 1 / n, 1 / n, math.Pow(n, -0.25)}})
			return []run.Record{record(0), r}
		}
	}
	r := drifts(runsOf(t, "2", drifting(-1)))
	expect(t, r, "good", "tangent kernel | −1.000 ± 0.005 | −1.000 ± 0.005 | −0.93, −0.96", "first layer | −0.500", "second layer | −1.000", "last layer | −0.250")
	expect(t, drifts(runsOf(t, "2", drifting(0))), "bad")
}

// Curves of both laws that end alike overlap; those further apart than seeds do not.
func TestRegime(t *testing.T) {
	ending := func(gap float64) func(s run.Spec) []run.Record {
		return func(s run.Spec) []run.Record {
			loss := 0.04 + 0.001*float64(s.Seed)
			if text(s, "law") == "orthogonal" {
				loss += gap
			}
			return []run.Record{record(0, "loss", 1.0, "accuracy", 0.1), record(1000, "loss", loss, "accuracy", 0.9)}
		}
	}
	r := regime(runsOf(t, "3", ending(0)))
	expect(t, r, "good", "loss at the end (L = 3, width 400) | 0.0410 ± 0.0025 | 0.0410 ± 0.0025 | 0.04 (infinite width)", "valid accuracy at the end (L = 3, width 400) | – | – | –", "(infinite width)", "both overlap")
	if len(r.lead) != 1 || len(r.lead[0].Curves) != 3 {
		t.Errorf("leads with %+v", r.lead)
	}
	expect(t, regime(runsOf(t, "3", ending(0.02))), "bad", "both differ")
}

// Orthogonal weights are faster by a ratio that depends on depth and width; a law that gets
// nowhere decides nothing.
func TestSpeed(t *testing.T) {
	taking := func(orthogonal func(s run.Spec) float64) func(s run.Spec) []run.Record {
		return func(s run.Spec) []run.Record {
			n := 60.0 + float64(s.Seed)
			if text(s, "law") == "orthogonal" {
				n /= orthogonal(s)
			}
			return []run.Record{record(0, "accuracy", 0.1), record(int(n*0.0158/s.LR), "accuracy", 0.3)}
		}
	}
	r := speed(runsOf(t, "4", taking(func(s run.Spec) float64 { return float64(layers(s)) / 25 })))
	expect(t, r, "bad", "At width 200 the ratio is 1.00 ± 0.09, 2.03 ± 0.28, 4.04 ± 0.23 for L = 25, 50, 100", "At L = 50", "50 layers of width 400", "29.9, 13.4 (paper)",
		"Of 24 pairs of runs that differ in the law alone, orthogonal weights got there first in 18 and normal ones in 0.")
	expect(t, speed(runsOf(t, "4", taking(func(s run.Spec) float64 { return 3 }))), "good")
	none := runsOf(t, "4", func(s run.Spec) []run.Record { return []run.Record{record(80, "accuracy", 0.1)} })
	if r := speed(none); len(r.section.Open) != 4 || r.headline != "" || len(r.lead) > 0 {
		t.Errorf("%+v", r)
	}
}

// The spread grows with depth, and less with orthogonal weights.
func TestSpreads(t *testing.T) {
	r := spreads(runsOf(t, "spread", func(s run.Spec) []run.Record {
		power := 0.5
		if text(s, "law") == "orthogonal" {
			power = 0.1
		}
		return []run.Record{record(32, "ntk_spread", math.Pow(number(s, "repeats"), power))}
	}))
	expect(t, r, "good", "width 64) | 0.500 ± 0.005 | 0.100 ± 0.005", "width 256")
	if len(r.group.Figures) != 2 {
		t.Errorf("%d figures", len(r.group.Figures))
	}
}

// The break-even point is where the left side of the condition first passes 1.
func TestSurface(t *testing.T) {
	r := surface(runsOf(t, "surface", func(s run.Spec) []run.Record {
		return []run.Record{
			record(0, "h_max", 3.0, "k_max", 0.5, "stability", 0.2, "loss", 2.3),
			record(18, "h_max", 9.0, "k_max", 0.7, "stability", 1.2, "loss", 2.0),
			record(36, "h_max", 8.0, "k_max", 0.6, "stability", 1.1, "loss", 1.9),
		}
	}))
	expect(t, r, "", "the largest λ_K¹ is 0.7 and the largest λ_H¹ 9; 4 of 4 runs break even, at step 18 with λ_H¹ = 9.", "break-even step (L = 10, width 100, η = 0.1) | 18 | 18")
}

// All parts together begin with the finding and its pictures, and a table of both laws.
func TestAnalyze(t *testing.T) {
	runs := append(runsOf(t, "1", kernelRecords(-0.5)), runsOf(t, "spread", kernelRecords(-0.5))...)
	a := analyze(runs)
	if a.Headline == "" || len(a.Lead) != 1 || a.Summary.Title != "Both laws" || len(a.Sections) == 0 {
		t.Errorf("%+v", a)
	}
	if few := analyze(runs[:3]); few.Summary.Title != "Runs" || len(few.Runs[0].Section.Lines) == 0 {
		t.Errorf("of three runs: %+v", few.Summary)
	}
	if none := analyze([]study.Run{{Spec: run.Default()}}); len(none.Runs) != 1 || len(none.Sections) > 0 {
		t.Errorf("of another model: %+v", none)
	}
}
