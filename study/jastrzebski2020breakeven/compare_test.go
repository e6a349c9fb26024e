package jastrzebski2020breakeven

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"breakeven/run"
	"breakeven/study"
)

// peak returns the findings of a finished run whose maxima are these: pairs of
// key and value as in at, reached in the middle of the run.
func peak(s run.Spec, pairs ...any) Findings {
	var small []any
	for i := 0; i < len(pairs); i += 2 {
		small = append(small, pairs[i], 0.001)
	}
	records := []run.Record{at(0, small...), at(10, pairs...), at(20, small...)}
	return Analyze(study.Run{Name: fmt.Sprintf("%s, seed %d", Label(s), s.Seed), Spec: s, Status: run.Finished, Train: 6000, Records: records})
}

// part returns what the first sweep says of a key.
func part(t *testing.T, c Comparison, key string) Part {
	t.Helper()
	if len(c.Sweeps) == 0 {
		t.Fatalf("no sweep: %q", c.Notes)
	}
	for _, v := range c.Sweeps[0].Conjectures {
		for _, p := range v.Parts {
			if p.Key == key {
				return p
			}
		}
	}
	t.Fatalf("no part %s", key)
	return Part{}
}

func TestPartOutcomes(t *testing.T) {
	e := func(x, err float64) [2]float64 { return [2]float64{x, err} }
	for name, test := range map[string]struct {
		small, large any // maxima of λ_K¹ at the smaller and the larger η
		want         Outcome
	}{
		"falls":            {e(3, 0.1), e(1, 0.1), Held},
		"rises":            {e(1, 0.1), e(3, 0.1), NotHeld},
		"within errors":    {e(3, 0.2), e(2.7, 0.1), Undecided},
		"just beyond":      {e(3, 0.19), e(2.7, 0.1), Held},
		"equal":            {e(3, 0), e(3, 0), Undecided},
		"one not measured": {e(3, 0), nan, Undecided},
	} {
		c := Compare([]Findings{peak(spec(0.1, 32), "k_max", test.large), peak(spec(0.01, 32), "k_max", test.small)})
		if p := part(t, c, "k_max"); p.Outcome != test.want || (p.Why == "") == (test.want == Undecided) {
			t.Errorf("%s: %s (%s), want %s", name, p.Outcome, p.Why, test.want)
		}
	}
}

func TestDirections(t *testing.T) {
	pairs := func(k, rest float64) []any {
		return []any{"k_max", k, "h_max", k, "k_trace", k, "h_trace", k, "k_condition", rest, "k_rank", rest}
	}
	// The changes that the paper expects from a larger η and from a smaller S.
	for over, runs := range map[string][]Findings{
		"η": {peak(spec(0.01, 32), pairs(3, 1)...), peak(spec(0.1, 32), pairs(1, 2)...), peak(spec(0.05, 32), pairs(2, 1.5)...)},
		"S": {peak(spec(0.1, 8), pairs(1, 2)...), peak(spec(0.1, 512), pairs(3, 1)...)},
	} {
		c := Compare(runs)
		if len(c.Sweeps) != 1 || c.Sweeps[0].Over != over {
			t.Fatalf("%s: sweeps %+v", over, c.Sweeps)
		}
		for _, v := range c.Sweeps[0].Conjectures {
			if v.Outcome != Held {
				t.Errorf("%s: %s %s", over, v.Name, v.Outcome)
			}
		}
	}
}

func TestVerdictOfParts(t *testing.T) {
	for _, test := range []struct {
		h    any
		want Outcome
	}{{1.0, Held}, {5.0, NotHeld}, {3.0, Undecided}, {nan, Undecided}} {
		c := Compare([]Findings{
			peak(spec(0.01, 32), "k_max", 3, "h_max", 3),
			peak(spec(0.1, 32), "k_max", 1, "h_max", test.h),
		})
		if got := c.Sweeps[0].Conjectures[0].Outcome; got != test.want {
			t.Errorf("λ_H¹ 3 → %v: conjecture 1 %s, want %s", test.h, got, test.want)
		}
	}
}

func TestUntestedPartsDoNotDecide(t *testing.T) {
	c := Compare([]Findings{peak(spec(0.01, 32), "k_condition", 1, "k_trace", 3), peak(spec(0.1, 32), "k_condition", 2, "k_trace", 1)})
	for i, want := range []Outcome{Untested, Held} {
		if got := c.Sweeps[0].Conjectures[i].Outcome; got != want {
			t.Errorf("conjecture %d: %s, want %s", i+1, got, want)
		}
	}
	words := strings.Join(c.Lines(), "\n")
	for _, want := range []string{"was not tested", "held, as far as it was measured,", "max Tr H: not measured."} {
		if !strings.Contains(words, want) {
			t.Errorf("no %q in\n%s", want, words)
		}
	}
}

func TestLowerBoundsDecideOnlyUpwards(t *testing.T) {
	low, high := peak(spec(0.1, 32), "k_max", 1), peak(spec(0.01, 32), "k_max", 3)
	high.Status = run.Stopped // its maximum can only grow, so the order stays
	if p := part(t, Compare([]Findings{low, high}), "k_max"); p.Outcome != Held {
		t.Errorf("the larger maximum is a lower bound: %s", p.Outcome)
	}
	low.Status = run.Running
	if p := part(t, Compare([]Findings{low, high}), "k_max"); p.Outcome != Undecided {
		t.Errorf("the smaller maximum is a lower bound: %s", p.Outcome)
	}
}

func TestMaximumOfTheInitialWeights(t *testing.T) {
	start := func(eta float64) Findings {
		return Analyze(study.Run{Spec: spec(eta, 32), Status: run.Finished, Records: []run.Record{
			at(0, "k_condition", 5+eta), at(10, "k_condition", 1), at(20, "k_condition", 1)}})
	}
	p := part(t, Compare([]Findings{start(0.1), start(0.01)}), "k_condition")
	if p.Outcome != Undecided || !strings.Contains(p.Why, "initial weights") {
		t.Errorf("%s: %s", p.Outcome, p.Why)
	}
}

// Where the initial weights are the noisiest, the headline does not say that their noise fell, and compares the last
// values.
func TestHeadlineOfTheInitialWeights(t *testing.T) {
	start := func(eta float64, last ...float64) Findings {
		r := study.Run{Spec: spec(eta, 32), Status: run.Finished, Records: []run.Record{at(0, "k_max", 16)}}
		for i, v := range last {
			r.Records = append(r.Records, at(10*(i+1), "k_max", v))
		}
		return Analyze(r)
	}
	all := []Findings{start(0.01, 9, 8), start(0.1, 2, 4)}
	c := Compare(all)
	want := "From η = 0.01 to η = 0.1 λ_K¹ at the last measurement fell from 8 to 4 (its maximum is that of the initial weights)."
	if got := headline(all, c); !strings.HasPrefix(got, want) {
		t.Errorf("%q", got)
	}
	if p := part(t, c, "k_max"); p.Outcome != Undecided || !strings.HasSuffix(p.Why, "and at the last measurement they are 8 and 4, ÷ 2") {
		t.Errorf("%s: %s", p.Outcome, p.Why)
	}
	all = []Findings{start(0.01), start(0.1)}
	if got := headline(all, Compare(all)); strings.Contains(got, "fell") {
		t.Errorf("of one measurement it says %q", got)
	}
}

func TestSeeds(t *testing.T) {
	var runs []Findings
	for seed, k := range []float64{2, 3, 4} {
		for _, eta := range []float64{0.01, 0.1} {
			s := spec(eta, 32)
			s.Seed = uint64(seed)
			runs = append(runs, peak(s, "k_max", k*0.1/eta))
		}
	}
	c := Compare(runs)
	p := part(t, c, "k_max")
	// Mean 3, deviation 1, standard error 1/√3; ten times that for the small η.
	if got := p.Figures[1].String(); p.Outcome != Held || got != "3.0 ± 0.6" || p.Figures[0].String() != "30 ± 6" {
		t.Errorf("%s %v", p.Outcome, p.Figures)
	}
	if !strings.Contains(strings.Join(c.Sweeps[0].Warnings, "\n"), "3 seeds at a setting") {
		t.Errorf("warnings %q", c.Sweeps[0].Warnings)
	}
}

func TestResidueIsRefused(t *testing.T) {
	a, b := spec(0.1, 32), spec(0.01, 32)
	b.Model, b.Measure.L = "mlp", 10
	c := Compare([]Findings{peak(a, "k_max", 1), peak(b, "k_max", 3)})
	notes := strings.Join(c.Notes, "\n")
	if len(c.Sweeps) != 0 || !strings.Contains(notes, "differ in model (mlp, simplecnn), measure.l (10, 25)") || !strings.Contains(notes, "no two such runs") {
		t.Errorf("%d sweeps, notes\n%s", len(c.Sweeps), notes)
	}
	// Two such groups are compared separately.
	a2, b2 := a, b
	a2.LR, b2.LR = 0.5, 0.5
	if c = Compare([]Findings{peak(a, "k_max", 1), peak(b, "k_max", 3), peak(a2, "k_max", 1), peak(b2, "k_max", 1)}); len(c.Sweeps) != 2 {
		t.Errorf("%d sweeps, notes %q", len(c.Sweeps), c.Notes)
	}
	// Where something is compared, nobody needs to be told in what networks differ.
	if notes = strings.Join(c.Notes, "\n"); notes != "Runs of different networks or data sets are not compared with each other." {
		t.Errorf("notes %q", notes)
	}
	// A different length does not separate runs, but gives a warning.
	d := a
	d.LR, d.Epochs = 0.01, 77
	c = Compare([]Findings{peak(a, "k_max", 1), peak(d, "k_max", 3)})
	if !strings.Contains(strings.Join(c.Lines(), "\n"), "The runs differ in epochs.") {
		t.Errorf("lines %q", c.Lines())
	}
}

func TestGridIsSweptBothWays(t *testing.T) {
	var runs []Findings
	for _, eta := range []float64{0.01, 0.1} {
		for _, S := range []int{32, 128, 512} {
			runs = append(runs, peak(spec(eta, S), "k_max", 1))
		}
	}
	over := ""
	for _, s := range Compare(runs).Sweeps {
		over += fmt.Sprintf("%s×%d at %s; ", s.Over, len(s.Settings), s.Fixed)
	}
	if want := "η×2 at S = 32; η×2 at S = 128; η×2 at S = 512; S×3 at η = 0.01; S×3 at η = 0.1; "; over != want {
		t.Errorf("sweeps %s\nwant   %s", over, want)
	}
}

func TestWhoTakesNoPart(t *testing.T) {
	gone := peak(spec(1, 32), "k_max", 1)
	gone.Status = run.Diverged
	for want, runs := range map[string][]Findings{
		"diverged and takes no part":  {gone, peak(spec(0.1, 32), "k_max", 1)},
		"has no measurement":          {Analyze(study.Run{Spec: spec(0.1, 32)})},
		"there are no two such runs":  {peak(spec(0.1, 32), "k_max", 1)},
		"no two such runs here":       nil,
		"differ in the learning rate": {peak(spec(0.1, 32), "k_max", 1), peak(spec(0.01, 64), "k_max", 1)},
	} {
		c := Compare(runs)
		if len(c.Sweeps) != 0 || !strings.Contains(strings.Join(c.Lines(), "\n"), want) {
			t.Errorf("%d sweeps, no %q in %q", len(c.Sweeps), want, c.Lines())
		}
		if _, err := json.Marshal(c); err != nil {
			t.Error(err)
		}
	}
}

func TestSpecsAreValidAndDifferInTheRateAlone(t *testing.T) {
	for name, specs := range map[string][]run.Spec{"demo": specsOf(demo()), "cifar10": specsOf(small()[:2])} {
		if len(specs) != 2 || specs[0].LR >= specs[1].LR || len(residue(specs[0], specs[1])) > 0 {
			t.Errorf("%s: %v", name, specs)
		}
		for _, s := range specs {
			if err := s.Validate(run.Known{}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// By chance half of the reviews are classified correctly and a tenth of the images:
// each has its own accuracy line.
func TestAccuracyLineOfData(t *testing.T) {
	image, review := spec(0.1, 32), spec(0.1, 32)
	review.Data, review.Model = "imdb", "lstm"
	var all []Findings
	for _, s := range []run.Spec{image, review} {
		all = append(all, Analyze(study.Run{Spec: s, Records: []run.Record{at(0, "accuracy", 0.5), at(10, "accuracy", 0.7), at(20, "accuracy", 0.8)}}))
	}
	if all[0].Line.At.Step != 10 || all[1].Line.At.Step != 20 {
		t.Errorf("lines at step %d and %d", all[0].Line.At.Step, all[1].Line.At.Step)
	}
	for i, want := range []string{"step of the accuracy line", "step of accuracy 0.75"} {
		if text := Maxima(all[i:]).String(); !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func specsOf(trials []study.Trial) []run.Spec {
	var specs []run.Spec
	for _, t := range trials {
		specs = append(specs, t.Spec)
	}
	return specs
}
