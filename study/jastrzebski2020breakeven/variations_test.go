package jastrzebski2020breakeven

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"breakeven/run"
	"breakeven/study"
)

// varying makes up three seeds whose largest λ_K¹ is that of the seed times a factor.
func varying(factor float64, change func(s *run.Spec)) (runs []study.Run) {
	for seed, k := range []float64{0.4, 0.5, 0.6} {
		s := spec(0.1, 128)
		s.Data, s.Seed = "cifar10", uint64(seed)
		change(&s)
		runs = append(runs, study.Run{Spec: s, Status: run.Finished, Train: 6000, Records: []run.Record{
			at(0, "loss", 2.0, "k_max", 0.1, "k_rank", 9.0), at(100, "loss", 1.5, "k_max", factor*k, "k_rank", 10.0), at(200, "loss", 1.4, "k_max", 0.2, "k_rank", 8.0)}})
	}
	return runs
}

// Each setting that differs from the base in one field has a row, with the factor over seeds of the same weights.
func TestVariations(t *testing.T) {
	runs := slices.Concat(
		varying(1, func(*run.Spec) {}),
		varying(2, func(s *run.Spec) { s.Measure.Augment = true }),
		varying(3, func(s *run.Spec) { s.Init = "he" }),
		varying(1, func(s *run.Spec) { s.LR = 0.2 }),
		varying(1, func(s *run.Spec) { s.Init, s.Epochs = "he", 3 }),
	)
	var all []Findings
	for _, r := range study.Named(runs, labels(runs)) {
		all = append(all, Analyze(r))
	}
	table := Variations(all)
	if len(table.Rows) != 3 || table.Rows[0][0] != "nothing" || table.Rows[1][0] != "measure.augment true, not false" || table.Rows[2][0] != "init he, not glorot" {
		t.Fatalf("rows\n%v", table)
	}
	if row := table.Rows[2]; row[1] != "3" || row[3] != "× 3 (3 to 3)" || row[5] != "× 1 (1 to 1)" || row[6] != "1" {
		t.Errorf("row %q", row)
	}
	if !strings.Contains(table.Note, "The paper has λ_K¹ = 0.87") {
		t.Errorf("note %q", table.Note)
	}
	for i, want := range []string{"η = 0.1, S = 128", "η = 0.1, S = 128, measure.augment true", "η = 0.1, S = 128, init he"} {
		if got := all[3*i].Name; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if two := Variations(all[3:6]); len(two.Rows) != 0 {
		t.Errorf("of one setting: %v", two)
	}
	if two := Variations(slices.Concat(all[:3], all[6:9])); len(two.Rows) != 0 {
		t.Errorf("one field alone is no table: %v", two)
	}
}

// The base is the setting with most variations, as comparing each with each finds it.
func TestMostVaried(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var runs []Findings
		for range rapid.IntRange(1, 12).Draw(t, "runs") {
			s := spec(rapid.SampledFrom([]float64{0.1, 0.2}).Draw(t, "rate"), 128)
			s.Init = rapid.SampledFrom([]string{"glorot", "he"}).Draw(t, "init")
			s.Epochs = rapid.SampledFrom([]float64{1, 2, 3}).Draw(t, "epochs")
			s.Measure.Augment = rapid.Bool().Draw(t, "augment")
			runs = append(runs, Findings{Spec: s})
		}
		settings := group(runs, func(f Findings) string { return f.Spec.String() })
		var want []Findings
		most := 0
		for _, g := range settings {
			if n := len(variationsOf(g, settings)); n > most {
				want, most = g, n
			}
		}
		got := mostVaried(settings)
		if (got == nil) != (want == nil) || want != nil && got[0].Spec.String() != want[0].Spec.String() {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

// The scale that looks for the factor of two varies one field in each row.
func TestFactor(t *testing.T) {
	specs := factor()
	base := specs[0].Spec
	fields := map[string]int{}
	for _, trial := range specs[1:] {
		var differ []string
		for _, name := range run.Names(base, trial.Spec) {
			if name != "seed" && base.Text(name) != trial.Spec.Text(name) {
				differ = append(differ, name)
			}
		}
		fields[fmt.Sprint(differ)]++
	}
	for differ, count := range fields {
		if want := 3; differ != "[]" && (count != want || strings.Contains(differ, " ")) {
			t.Errorf("%s differ in %d trials", differ, count)
		}
	}
	if len(fields) != 10 || math.Mod(float64(len(specs)), 3) != 0 {
		t.Errorf("%d variations in %d trials", len(fields), len(specs))
	}
}
