package jastrzebski2020breakeven

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakeven/run"
	"breakeven/study"
)

func TestCrossing(t *testing.T) {
	for name, test := range map[string]struct {
		left                 []float64
		state                Crossing
		before, at           int // records
		later, above, missed int
	}{
		"none":             {nil, NotMeasured, 0, 0, 0, 0, 0},
		"all NaN":          {[]float64{nan, nan}, NotMeasured, 0, 0, 0, 0, 2},
		"never":            {[]float64{0.9, 0.97, 0.5}, NotReached, 0, 1, 0, 0, 0},
		"bracket":          {[]float64{0.9, 0.95, 1.1, 0.99, 1.2}, Bracketed, 1, 2, 2, 1, 0},
		"exactly one":      {[]float64{0.9, 1}, NotReached, 0, 1, 0, 0, 0},
		"rounding":         {[]float64{1, 1 + 1e-9, 1 - 1e-9}, NotReached, 0, 1, 0, 0, 0},
		"at start":         {[]float64{1.3, 0.9, 1.1}, AtStart, 0, 0, 2, 1, 0},
		"NaN in bracket":   {[]float64{0.9, nan, 1.1}, Bracketed, 0, 2, 0, 0, 1},
		"NaN at start":     {[]float64{nan, 1.1}, AtStart, 0, 1, 0, 0, 1},
		"infinite passed":  {[]float64{0.9, math.Inf(1), 0.8}, NotReached, 0, 0, 0, 0, 1},
		"again":            {[]float64{1.2, 0.9, 0.95, 1.1, 1.2, 0.9, 1.1}, AtStart, 0, 0, 6, 3, 0},
		"one record below": {[]float64{0.9}, NotReached, 0, 0, 0, 0, 0},
	} {
		b := Analyze(study.Run{Spec: spec(0.1, 32), Train: 6000, Records: lefts(test.left...)}).Reached
		if b.State != test.state || b.Before.Index != test.before || b.At.Index != test.at {
			t.Errorf("%s: %v, records %d–%d, want %v, %d–%d", name, b.State, b.Before.Index, b.At.Index, test.state, test.before, test.at)
		}
		if b.Later != test.later || b.Above != test.above || b.Missed != test.missed {
			t.Errorf("%s: later %d, above %d, missed %d, want %d, %d, %d", name, b.Later, b.Above, b.Missed, test.later, test.above, test.missed)
		}
		if test.state == Bracketed && b.H.Value != float64(test.at+1) {
			t.Errorf("%s: λ_H¹ there %v", name, b.H)
		}
	}
}

func TestRises(t *testing.T) {
	b := Analyze(study.Run{Records: lefts(1.2, 0.9, nan, 0.95, 1.1, 1.2, 0.9, nan, 1.1)}).Reached
	var got [][2]int
	for _, r := range b.Rises {
		got = append(got, [2]int{r[0].Index, r[1].Index})
	}
	if d := cmp.Diff([][2]int{{3, 4}, {6, 8}}, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestCrossingWithinItsError(t *testing.T) {
	for left, want := range map[[2]float64]struct {
		state  Crossing
		unsure bool
	}{
		{1.01, 0.02}: {NotReached, true}, {1.05, 0.02}: {AtStart, false}, {0.99, 0.02}: {NotReached, true}, {0.9, 0.02}: {NotReached, false},
		{1, 4e-22}: {NotReached, true}, {1.001, 0}: {AtStart, false},
	} {
		b := Analyze(study.Run{Records: []run.Record{at(0, "stability", left)}}).Reached
		if b.State != want.state || b.Unsure != want.unsure {
			t.Errorf("left side %v: %s, unsure %v", left, b.State, b.Unsure)
		}
	}
}

func TestExtremes(t *testing.T) {
	records := []run.Record{
		at(0, "k_max", 1, "accuracy", 0.1),
		at(10, "k_max", [2]float64{4.8, 0.3}, "accuracy", 0.5),
		at(20, "k_max", nan, "accuracy", 0.58),
		at(30, "k_max", [2]float64{5, 0.1}, "accuracy", 0.65),
		at(40, "k_max", 4.9, "accuracy", 0.9),
		at(50, "accuracy", 0.95),
	}
	f := Analyze(study.Run{Spec: spec(0.1, 32), Status: run.Finished, Records: records})
	e := f.Maximum("k_max")
	if e.Figure != (Figure{5, 0.1}) || e.At.Step != 30 || e.From.Step != 10 || e.To.Step != 40 || e.Last || e.Count != 4 || e.Lost != 1 {
		t.Errorf("maximum %+v", e)
	}
	if !f.Line.Passed || f.Line.At.Step != 30 || !slices.Equal(f.Line.Near, []string{"k_max"}) {
		t.Errorf("accuracy line %+v", f.Line)
	}
	if e := f.Maximum("h_max"); e.Count != 0 || e.Figure.Known() {
		t.Errorf("λ_H¹ was not measured, but is %+v", e)
	}
	if e := Analyze(study.Run{Records: records[:2]}).Maximum("k_max"); !e.Last {
		t.Error("a maximum at the last measurement is not marked")
	}
	if e := Analyze(study.Run{Records: records[3:]}).Maximum("k_max"); e.Last {
		t.Error("a last record without the key counts as last")
	}
}

func TestHRankIsQuotient(t *testing.T) {
	f := Analyze(study.Run{Records: []run.Record{at(0, "h_trace", [2]float64{30, 3}, "h_max", [2]float64{10, 0.5})}})
	got := f.Maximum("h_rank").Figure
	if want := 3 * math.Sqrt(0.1*0.1+0.05*0.05); got.Value != 3 || math.Abs(got.Error-want) > 1e-15 {
		t.Errorf("Tr H / λ_H¹ = %v, want 3 ± %v", got, want)
	}
}

func TestTheory(t *testing.T) {
	r := trajectory(0.1, 32)
	f := Analyze(r)
	if f.Reached.State != Bracketed {
		t.Fatalf("the made-up run does not cross: %v", f.Reached.State)
	}
	// The trajectory is made with α = 40 and (ψ-ψ*)² = 3.
	if th := f.Theory; th.KeyOfK != "k_example_max" || math.Abs(th.Alpha.Value-40) > 1e-12 || math.Abs(th.Distance2.Value-3) > 1e-12 || th.At.Step != f.Reached.At.Step {
		t.Errorf("theory %+v", th)
	}
	for i := range r.Records {
		r.Records[i].Values = slices.DeleteFunc(r.Records[i].Values, func(v run.Value) bool { return v.Key == "k_example_max" })
	}
	f = Analyze(r)
	if th := f.Theory; th.KeyOfK != "k_max" || math.Abs(th.Alpha.Value-40) > 1e-12 {
		t.Errorf("theory from minibatches %+v", th)
	}
	for _, at := range neighbours([]Findings{f}) {
		c, ok := f.Forecast(at.eta, at.S)
		if !ok {
			t.Errorf("no forecast for %+v", at)
		}
		left := LeftSide(c.Eta, c.H.Value, 40*c.H.Value/3, c.S, 6000)
		if c.H.Value > 0 && math.Abs(left-1) > 1e-12 {
			t.Errorf("forecast %+v: left side %v", c, left)
		}
		if want := BatchK(40*c.H.Value, 128, 6000); math.Abs(c.K.Value-want) > 1e-12 {
			t.Errorf("forecast %+v: λ_K¹, want %v", c, want)
		}
	}
	for _, s := range f.Theory.Stable {
		left := figure(r.Records[s.At.Index], "stability").Value
		if (s.Rate.Value < 0.1) != (left > 1) {
			t.Errorf("step %d: largest stable η %v at left side %v", s.At.Step, s.Rate, left)
		}
		if stable := s.Batch > 0 && s.Batch <= 32; stable != (left <= 1) {
			t.Errorf("step %d: smallest stable batch %d at left side %v", s.At.Step, s.Batch, left)
		}
	}
}

func TestTheoryIsRefusedWithReason(t *testing.T) {
	for want, change := range map[string]func(*study.Run){
		"number of training examples": func(r *study.Run) { r.Train = 0 },
		"outside the theory":          func(r *study.Run) { r.Train = 20 },
		"needs λ_H¹ and s²":           func(r *study.Run) { r.Records = lefts(0.9, 1.1) },
	} {
		r := trajectory(0.1, 32)
		change(&r)
		f := Analyze(r)
		if !strings.Contains(strings.Join(f.Open, "\n"), want) {
			t.Errorf("open %q, want %q among them", f.Open, want)
		}
		if _, ok := f.Forecast(0.1, 16); ok || len(Forecasts([]Findings{f}).Rows) > 0 {
			t.Errorf("%s: a forecast all the same", want)
		}
	}
}

// Every state of a run has words, a table and JSON.
func TestStates(t *testing.T) {
	half := trajectory(0.1, 32)
	half.Records, half.Status = half.Records[:9], run.Stopped
	gone := trajectory(0.1, 32)
	gone.Records, gone.Status = gone.Records[:6], run.Diverged
	gone.Records[5] = at(300, "loss", nan, "h_max", nan, "k_max", math.Inf(1), "stability", nan)
	one := trajectory(0.1, 32)
	one.Records = one.Records[:1]
	momentum := trajectory(0.1, 32)
	momentum.Spec.Method, momentum.Spec.Momentum = "momentum", 0.9
	late := trajectory(0.1, 32)
	late.Records = late.Records[10:]
	skew := trajectory(0.1, 32)
	for i := range skew.Records {
		skew.Records[i].Values = append([]run.Value{{Key: "alignment", Value: 0.1}}, skew.Records[i].Values...)
	}
	for name, test := range map[string]struct {
		run  study.Run
		want []string // in the words
	}{
		"empty":        {study.Run{Spec: spec(0.1, 32)}, []string{"Nothing was measured yet"}},
		"one":          {one, []string{"did not reach break-even", "Only 1 measurement", "no measurement reached a training accuracy of 0.60"}},
		"whole":        {trajectory(0.1, 32), []string{"reached break-even between step", "closed form", "narrowest point", "near the accuracy line", "measurements after break-even"}},
		"never":        {trajectory(0.01, 32), []string{"did not reach break-even"}},
		"past":         {late, []string{"past break-even at its first measurement", "When the break-even point was reached"}},
		"half":         {half, []string{"The run is not finished: maxima are those up to step 376"}},
		"diverged":     {gone, []string{"The run diverged", "λ_H¹ was NaN or infinite at 1 of 6"}},
		"momentum":     {momentum, []string{"condition of plain SGD, and this run used momentum. With the full batch it is stable up to λ_H¹ = 38."}},
		"not aligned":  {skew, []string{"|cos(e_H¹, e_K¹)| was 0.1"}},
		"empty record": {study.Run{Spec: spec(0.1, 32), Train: 6000, Records: []run.Record{{}}}, []string{"no finite value at any of 1", "λ_K¹: it was not measured"}},
	} {
		f := Analyze(test.run)
		words := strings.Join(slices.Concat(f.Lines(), f.Warnings, f.Open), "\n")
		for _, want := range test.want {
			if !strings.Contains(words, want) {
				t.Errorf("%s: no %q in\n%s", name, want, words)
			}
		}
		if strings.Contains(words, "NaN ±") || strings.Contains(words, "%!") || strings.Contains(words, "= NaN") {
			t.Errorf("%s: the words hold no number:\n%s", name, words)
		}
		if _, err := json.Marshal(f); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if table := Maxima([]Findings{f}).String(); strings.Contains(table, "NaN") {
			t.Errorf("%s: table\n%s", name, table)
		}
	}
}

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got), -update rewrites it:\n%s", path, d)
	}
}

func TestWords(t *testing.T) {
	large, small := Analyze(trajectory(0.1, 32)), Analyze(trajectory(0.01, 32))
	both := []Findings{small, large}
	golden(t, "words.txt", strings.Join(slices.Concat(
		large.Lines(), large.Warnings, large.Open, []string{""},
		small.Lines(), small.Warnings, small.Open, []string{""},
		[]string{Maxima(both).String(), Forecasts(both).String()},
		Compare(both).Lines(), []string{""}), "\n"))
}

// Where λ_H¹ is 0 within its error there is no ratio to it, and no stable learning rate that
// follows from it; the reason is said.
func TestZeroSharpness(t *testing.T) {
	r := trajectory(0.1, 32)
	r.Records = []run.Record{at(0, "loss", 0, "h_max", [2]float64{1e-9, 1e-8}, "h_trace", [2]float64{1e-9, 1e-9}, "curvature_variance", 1.0)}
	r.Records[0].Omitted = []run.Omission{{Key: "step_margin", Why: "the loss is 0"}}
	f := Analyze(r)
	if f.Maximum("h_rank").Count > 0 || len(f.Theory.Stable) > 0 {
		t.Errorf("Tr H / λ_H¹ is %v, stable are %v", f.Maximum("h_rank").Figure, f.Theory.Stable)
	}
	for _, want := range []string{"The maximum of Tr H / λ_H¹: λ_H¹ was 0 within its error."} {
		if !slices.Contains(f.Open, want) {
			t.Errorf("open is %q", f.Open)
		}
	}
	if !slices.Contains(f.Warnings, "Left out: step_margin: the loss is 0.") {
		t.Errorf("to bear in mind: %q", f.Warnings)
	}
}

// A maximum shows the solver's part of its error if the sample has one too.
func TestTableHasBothErrors(t *testing.T) {
	r := trajectory(0.1, 32)
	for _, rec := range r.Records {
		for i := range rec.Values {
			if rec.Values[i].Key == "h_max" {
				rec.Values[i].Error, rec.Values[i].Sample = 0.03, 0.4
			}
		}
	}
	f := Analyze(r)
	e := f.Maximum("h_max")
	if e.Solver != 0.03 || math.Abs(e.Figure.Error-math.Hypot(0.03, 0.4)) > 1e-12 || f.Maximum("k_max").Solver != 0 {
		t.Errorf("λ_H¹ ± %g, of it the solver's %g; of λ_K¹ %g", e.Figure.Error, e.Solver, f.Maximum("k_max").Solver)
	}
	table := Maxima([]Findings{f})
	at := slices.IndexFunc(table.Rows, func(row []string) bool { return row[0] == "max λ_H¹" })
	if row := table.Rows[at+1]; row[0] != "  solver's part of ±" || row[1] != "0.03" || !strings.Contains(table.Note, "solver and sample together") {
		t.Errorf("below the maximum stands %q, and the note is %q", row, table.Note)
	}
}

func TestTableSaysWhatMayRise(t *testing.T) {
	rising := Analyze(study.Run{Records: []run.Record{at(0, "k_max", 1), at(1, "k_max", 2)}})
	if text := Maxima([]Findings{rising}).String(); !strings.Contains(text, "2+ at step 1") || !strings.Contains(text, "may still rise") {
		t.Errorf("table\n%s", text)
	}
	if text := Maxima([]Findings{Analyze(trajectory(0.1, 32))}).String(); strings.Contains(text, "may still rise") {
		t.Errorf("table\n%s", text)
	}
}

func TestFigureText(t *testing.T) {
	for want, x := range map[string]Figure{
		"0.870 ± 0.021": {0.8700, 0.0214}, "19.8 ± 0.4": {19.83, 0.4}, "0.44 ± 0.13": {0.4386, 0.133}, "–": unknown, "0": {},
		"6 ± 4": {6.18, 3.7}, "6.2 ± 2.4": {6.18, 2.4}, "1234 ± 60": {1234.4, 60}, "1.20000 ± 0.00001": {1.2, 2e-7}, "0.0 ± 0.3": {0.04, 0.31},
		"1234": {1234.4, 0}, "1.2e-05": {1.2e-5, 0}, "3.5e+07": {3.5e7, 0}, "-2.5": {-2.5, 0}, "1": {1, math.NaN()},
	} {
		if got := x.String(); got != want {
			t.Errorf("%#v: %q, want %q", x, got, want)
		}
	}
}

// The learning rate in the records takes precedence over that of the spec, and one that
// varies is pointed out.
func TestRates(t *testing.T) {
	of := func(rates ...float64) study.Run {
		r := study.Run{Spec: run.Default(), Train: 6000}
		r.Spec.Kind = "checkpoints"
		for i, lr := range rates {
			r.Records = append(r.Records, run.Record{Step: i, Values: []run.Value{{Key: "loss", Value: 1}, {Key: "lr", Value: lr}}})
		}
		return r
	}
	f := Analyze(of(0.3, 0.3))
	if f.Spec.LR != 0.3 || f.Name != "η = 0.3, S = 128" || slices.ContainsFunc(f.Warnings, func(w string) bool { return strings.Contains(w, "learning rate") }) {
		t.Errorf("%q with η %v, warnings %q", f.Name, f.Spec.LR, f.Warnings)
	}
	if f = Analyze(of(0.3, 0.1, 0.2)); f.Spec.LR != 0.3 || !slices.ContainsFunc(f.Warnings, func(w string) bool { return strings.Contains(w, "between 0.1 and 0.3") }) {
		t.Errorf("warnings %q", f.Warnings)
	}
	if f = Analyze(of()); f.Spec.LR != run.Default().LR {
		t.Errorf("without records the rate is %v", f.Spec.LR)
	}
	runs := []study.Run{of(0.3, 0.3), of(0.2)}
	a := analysis(runs)
	if a.Runs[0].Name != "η = 0.3, S = 128" || a.Runs[1].Name != "η = 0.2, S = 128" || runs[0].Spec.LR != run.Default().LR {
		t.Errorf("runs %q and %q", a.Runs[0].Name, a.Runs[1].Name)
	}
}

// A run whose loss is not below that of one prediction for all examples has not learned,
// is said to, and takes no part in comparisons.
func TestCollapsed(t *testing.T) {
	of := func(losses ...float64) study.Run {
		r := trajectory(0.1, 32)
		r.Records = r.Records[:len(losses)]
		for i, loss := range losses {
			r.Records[i].Values[0].Value = loss
			r.Records[i].Values = append(r.Records[i].Values, run.Value{Key: "constant_loss", Value: math.Log(10)})
		}
		return r
	}
	for name, c := range map[string]struct {
		run   study.Run
		badge string
	}{
		"never":     {of(2.31, 2.303, 2.3026), "has not learned"},
		"collapsed": {of(2.31, 1.5, 2.303), "collapsed"},
		"learned":   {of(2.31, 2.303, 2.2), "break-even at step 0–47"},
		"start":     {of(2.31), "break-even not reached"},
		"unknown":   {trajectory(0.1, 32), "break-even at step 94–141"},
	} {
		f := Analyze(c.run)
		if badge := f.Section().Badge; c.badge != badge && name != "unknown" && name != "learned" || f.Collapsed() != (name == "never" || name == "collapsed") {
			t.Errorf("%s: %q, want %q", name, badge, c.badge)
		}
		if said := strings.Contains(f.Lines()[0], "It decides nothing."); said != f.Collapsed() {
			t.Errorf("%s: the first sentence is %q", name, f.Lines()[0])
		}
	}
	one := of(2.31, 0, 0) // of a single class nothing can be learned
	for _, rec := range one.Records {
		rec.Values[len(rec.Values)-1].Value = 0
	}
	if f := Analyze(one); f.Learned.Known || f.Collapsed() {
		t.Errorf("one class: %+v", f.Learned)
	}
	low := trajectory(0.01, 32)
	a, b := Analyze(of(2.31, 2.303, 2.3026)), Analyze(low)
	if c := Compare([]Findings{a, b}); len(c.Sweeps) > 0 || !strings.Contains(strings.Join(c.Notes, "; "), "takes no part: its loss is not below") {
		t.Errorf("compared: %+v", c)
	}
}

// Each method has the bound of its own roots: on a quadratic loss it converges just below
// and grows just above.
func TestBound(t *testing.T) {
	for _, c := range []struct {
		method string
		beta   float64
	}{{"sgd", 0}, {"momentum", 0.9}, {"momentum", 0.3}, {"nesterov", 0.9}, {"nesterov", 0.5}} {
		s := spec(0.1, 32)
		s.Method, s.Momentum = c.method, c.beta
		bound, ok := Bound(s)
		if !ok {
			t.Fatalf("%s has no bound", c.method)
		}
		for _, side := range []float64{0.99, 1.01} {
			x, v := 1.0, 0.0
			for range 4000 {
				g := side * bound * x
				v = c.beta*v + g
				step := v
				if c.method == "nesterov" {
					step = g + c.beta*v
				}
				x -= s.LR * step
			}
			if grows := !(math.Abs(x) < 1); grows != (side > 1) {
				t.Errorf("%s β = %v at %v of its bound: x = %v", c.method, c.beta, side, x)
			}
		}
	}
	if _, ok := Bound(run.Spec{Method: "adam", LR: 0.1}); ok || !math.IsNaN(edge(run.Spec{Method: "adam", LR: 0.1})) {
		t.Error("Adam has a bound of λ_H¹")
	}
}

// For a setting at which nothing is stable, no number stands beside the closed form.
func TestNothingStable(t *testing.T) {
	b := BreakEven{Checks: []Check{{Moment{Step: 5}, Figure{-1.96, 0.1}, Figure{3, 0.1}}}}
	if lines := strings.Join(b.checkLines(), ""); strings.Contains(lines, "-1.96") || !strings.Contains(lines, "nothing is stable") {
		t.Error(lines)
	}
	if lines := (BreakEven{State: AtStart, H: unknown, K: unknown, KExample: unknown, Alignment: unknown, Margin: unknown}).lines("x"); strings.Contains(strings.Join(lines, "\n"), "There .") {
		t.Errorf("%q", lines)
	}
}

// Runs that differ in the method, or in what changes its steps, are named by it.
func TestLabels(t *testing.T) {
	of := func(change func(*run.Spec)) study.Run {
		r := study.Run{Spec: spec(0.1, 32)}
		change(&r.Spec)
		return r
	}
	runs := []study.Run{
		of(func(s *run.Spec) { s.Method, s.Momentum = "momentum", 0.9 }),
		of(func(s *run.Spec) { s.Method, s.Momentum = "nesterov", 0.9 }),
		of(func(s *run.Spec) { s.WeightDecay = 0.01; s.Seed = 2 }),
	}
	name := labels(runs)
	for i, want := range []string{
		"η = 0.1, S = 32, momentum, β = 0.9, weight decay 0", "η = 0.1, S = 32, nesterov, β = 0.9, weight decay 0", "η = 0.1, S = 32, seed 2, sgd, weight decay 0.01",
	} {
		if got := name(runs[i].Spec); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := labels(runs[:1])(runs[0].Spec); got != "η = 0.1, S = 32" {
		t.Errorf("alone: %q", got)
	}
	other := of(func(s *run.Spec) { s.Model = "mlp" })
	if got := labels([]study.Run{runs[2], other})(other.Spec); got != "mlp, η = 0.1, S = 32, weight decay 0" {
		t.Errorf("another model: %q", got)
	}
}
