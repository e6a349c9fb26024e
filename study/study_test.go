package study

import (
	"slices"
	"strings"
	"testing"

	"breakeven/run"
)

// made is a study with two figures, one of them with parts.
func made() Study {
	var scales []Scale
	for i, name := range ScaleNames {
		a, b, c := run.Default(), run.Default(), run.Default()
		a.Seed, b.Seed, c.Seed = 1, 2, 3
		trials := slices.Concat(Trials([]run.Spec{a}, "3a"), Trials([]run.Spec{b}, "3b", "31"), Trials([]run.Spec{c}))[:min(3, i+2)]
		scales = append(scales, Scale{Name: name, Doc: "doc", Trials: func() []Trial { return trials }})
	}
	return Study{
		Name: "a2020b", Title: "T", Paper: "P", Doc: "D", Kinds: []string{"descent"}, Analyze: Plain, Scales: scales,
		Claims: []Claim{{Text: "one", Figures: []string{"3a", "3b"}}, {Text: "two", Figures: []string{"3b", "31", "4"}}},
	}
}

func seeds(specs []run.Spec) (list []uint64) {
	for _, s := range specs {
		list = append(list, s.Seed)
	}
	return list
}

func TestSpecsOfFigures(t *testing.T) {
	s := made()
	if got := s.Figures(); !slices.Equal(got, []string{"31", "3a", "3b", "4"}) {
		t.Errorf("figures %v", got)
	}
	for figure, want := range map[string][]uint64{
		"": {1, 2, 3}, "3a": {1}, "3": {1, 2}, "31": {2}, "Fig. 3a": {1}, "fig3b": {2}, "3A": {1}, "figure 3": {1, 2},
	} {
		specs, err := s.Specs(Paper, figure)
		if err != nil || !slices.Equal(seeds(specs), want) {
			t.Errorf("figure %q: %v, %v, want %v", figure, seeds(specs), err, want)
		}
	}
	for _, test := range []struct{ scale, figure, want string }{
		{"smal", "", `did you mean "small"?`},
		{"x", "", "there is test, demo, small, paper"},
		{Paper, "9", `unknown figure "9"; there is 31, 3a, 3b, 4`},
		{Paper, "fig", `unknown figure "fig"`},
		{Paper, "4", "figure 4 has no trial at scale paper; it has some at none"},
	} {
		if specs, err := s.Specs(test.scale, test.figure); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s, %q: %v, %v, want %q", test.scale, test.figure, specs, err, test.want)
		}
	}
	first := s.Scales[0].Trials()[:1]
	s.Scales[0].Trials = func() []Trial { return first }
	if _, err := s.Specs(Test, "3b"); err == nil || !strings.Contains(err.Error(), "it has some at demo, small, paper") {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	more := made()
	more.Scales = append(more.Scales, Scale{Name: "own", Doc: "doc", Trials: more.Scales[0].Trials})
	if err := more.Check(); err != nil {
		t.Error(err)
	}
	if _, err := more.Specs("own", ""); err != nil {
		t.Error(err)
	}
	if _, err := more.Specs("x", ""); err == nil || !strings.Contains(err.Error(), "small, paper, own") {
		t.Error(err)
	}
	for want, change := range map[string]func(*Study){
		"a title, a paper":     func(s *Study) { s.Paper = "" },
		"claims, kinds":        func(s *Study) { s.Claims = nil },
		"an analysis":          func(s *Study) { s.Analyze = nil },
		"has the scales demo":  func(s *Study) { s.Scales = s.Scales[1:] },
		"stands there twice":   func(s *Study) { s.Scales = append(s.Scales, s.Scales[0]) },
		"or trials":            func(s *Study) { s.Scales[0].Trials = nil },
		"which no claim names": func(s *Study) { s.Claims = s.Claims[:1] },
		"does not read":        func(s *Study) { s.Kinds = []string{"checkpoints"} },
	} {
		s := made()
		change(&s)
		if err := s.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestNamed(t *testing.T) {
	runs := []Run{{Spec: run.Default()}, {Spec: run.Default(), ID: "r2"}, {Name: "own"}}
	named := Named(runs, func(run.Spec) string { return "same" })
	for i, want := range []string{"same (" + runs[0].Spec.ID() + ")", "same (r2)", "own: same"} {
		if named[i].Name != want {
			t.Errorf("run %d is called %q, want %q", i, named[i].Name, want)
		}
	}
	if runs[0].Name != "" || runs[0].ID != "" {
		t.Error("the runs of the caller were changed")
	}
}

func TestTableText(t *testing.T) {
	small := Table{Head: []string{"", "a"}, Rows: [][]string{{"λ", "1"}, {"longer", Empty}}, Note: "note"}
	if got, want := small.String(), "        a\nλ       1\nlonger  –\nnote\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := small.Filled(); len(got.Rows) != 1 || len(small.Rows) != 2 {
		t.Errorf("filled %v of %v", got.Rows, small.Rows)
	}
	wide := Table{Head: []string{""}, Rows: [][]string{{"row"}}}
	for range 9 {
		wide.Head, wide.Rows[0] = append(wide.Head, strings.Repeat("h", 30)), append(wide.Rows[0], "cell")
	}
	text := wide.String()
	if strings.Count(text, "row") != 3 || strings.Count(text, "cell") != 9 {
		t.Errorf("not three blocks with a row each:\n%s", text)
	}
	for line := range strings.Lines(text) {
		if len(line) > 120+1 {
			t.Errorf("a line of %d characters", len(line))
		}
	}
	prose := Table{Head: []string{"key", "n", "what"}, Rows: [][]string{{"loss", "1", "the mean loss over all the examples that were measured"}}}
	want := "key   n  what\nloss  1  the mean loss over all the\n         examples that were measured\n"
	if got := prose.Text(36); got != want {
		t.Errorf("a last column of words:\n%s", got)
	}
	if got := prose.Text(0); strings.Count(got, "\n") != 2 {
		t.Errorf("without a width:\n%s", got)
	}
	if (Table{}).String() != "\n" && (Table{}).String() != "" {
		t.Errorf("an empty table is %q", Table{}.String())
	}
}
