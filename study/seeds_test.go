package study

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"breakeven/run"
)

// seedOf is a trajectory whose loss at steps 0, 10, … is given; a NaN stands for a value that was
// not measured.
func seedOf(lr float64, seed uint64, mark float64, loss ...float64) Trajectory {
	s := run.Default()
	s.LR, s.Seed = lr, seed
	t := Trajectory{Run: Run{Name: "one", Spec: s}}
	for i, x := range loss {
		rec := run.Record{Step: 10 * i, Epoch: float64(i)}
		if !math.IsNaN(x) {
			rec.Values = []run.Value{{Key: "loss", Value: x, Error: 9}}
		}
		t.Records = append(t.Records, rec)
	}
	if mark > 0 {
		t.Marks = []Mark{{At: mark, Name: "break-even"}}
	}
	return t
}

func TestOverSeeds(t *testing.T) {
	named := func(s run.Spec) string { return "η = " + s.Text("lr") }
	three := []Trajectory{
		seedOf(0.1, 0, 1, 1, 4, 5), seedOf(0.2, 3, 2, 7), seedOf(0.1, 1, 3, 3, math.NaN(), 5), seedOf(0.1, 2, 5, 5, 4),
	}
	got := OverSeeds(three, named)
	if len(got) != 2 || got[0].Name != "η = 0.1" || got[1].Name != "one" || got[0].Place != 1 || got[1].Place != 2 {
		t.Fatalf("%+v", got)
	}
	// Step 20 is missing in one seed, and so is the loss at step 10 in another.
	mean := got[0].Records
	if len(mean) != 2 || len(mean[1].Values) != 1 || !math.IsNaN(mean[1].Values[0].Value) {
		t.Fatalf("records %+v", mean)
	}
	if v := mean[0].Values[0]; v.Value != 3 || v.Combined() != 2 {
		t.Errorf("mean %+v, want 3 ± 2", v)
	}
	if m := got[0].Marks; len(m) != 1 || m[0].At != 3 {
		t.Errorf("marks %+v, want the mean of 1, 3 and 5", m)
	}
	if got[1].Records[0].Values[0].Error != 9 || got[1].Spec.Seed != 3 {
		t.Error("a setting with one seed changed")
	}
	single := OverSeeds(three[:2], named)
	if len(single) != 2 || single[0].Name != "one" {
		t.Errorf("no setting has two seeds, yet %+v", single)
	}
	three[3].Marks = nil // one seed did not get there
	if m := OverSeeds(three, named)[0].Marks; len(m) != 0 {
		t.Errorf("marks %+v although one of the seeds has none", m)
	}
}

// Every setting has every seed once, whatever seeds the specs had.
func TestWithSeeds(t *testing.T) {
	one, two, other := run.Default(), run.Default(), run.Default()
	two.Seed, other.LR = 5, 0.02
	var got []string
	for _, s := range WithSeeds([]run.Spec{one, two, other}, 3) {
		got = append(got, fmt.Sprint(s.LR, " ", s.Seed))
	}
	want := []string{"0.1 0", "0.02 0", "0.1 1", "0.02 1", "0.1 2", "0.02 2"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Seeds and folds of a setting are together, and what was measured at more steps counts once.
func TestSettings(t *testing.T) {
	of := func(lr float64, seed uint64, every int, fold string) Run {
		s := run.Default()
		s.LR, s.Seed, s.Every = lr, seed, every
		return Run{Spec: s.With("fold", fold)}
	}
	runs := []Run{of(0.1, 0, 5, "0"), of(0.2, 0, 5, "0"), of(0.1, 1, 5, "1"), of(0.1, 0, 7, "0"), of(0.2, 0, 5, "2")}
	if got, want := fmt.Sprint(Settings(runs, "fold")), "[[0 2] [1 4]]"; got != want {
		t.Errorf("settings %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(Settings(runs)), "[[0] [1] [2] [4]]"; got != want {
		t.Errorf("with each fold by itself, settings %s, want %s", got, want)
	}
}
