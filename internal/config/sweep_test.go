package config

import (
	"math"
	"slices"
	"strings"
	"testing"

	"breakeven/run"

	"github.com/google/go-cmp/cmp"
)

// trialsOf returns the named fields of every trial that a text asks for.
func trialsOf(t *testing.T, text string, fields ...string) (list []string) {
	t.Helper()
	specs, err := ParseSweep(run.Default(), "x.yaml", []byte(text), known)
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	for _, s := range specs {
		var words []string
		for _, f := range fields {
			words = append(words, s.Text(f))
		}
		list = append(list, strings.Join(words, " "))
	}
	return list
}

func TestSweep(t *testing.T) {
	for _, test := range []struct {
		text, fields string
		want         []string
	}{
		{"lr: 0.5", "lr", []string{"0.5"}}, // one trial
		{"sweep:\n  grid:\n    lr: [1, 1e-2]\n    seed: {from: 0, to: 2}", "lr seed", []string{"1 0", "1 1", "1 2", "0.01 0", "0.01 1", "0.01 2"}},
		{"sweep: {grid: {lr: {from: 0.001, to: 1, points: 4, spacing: log}}}", "lr", []string{"0.001", "0.01", "0.1", "1"}},
		{"sweep: {grid: {lr: {from: 0.1, to: 0.2, points: 3}}}", "lr", []string{"0.1", "0.15", "0.2"}},
		{"sweep: {grid: {lr: {from: 0.1, to: 1, points: 3, spacing: log}}}", "lr", []string{"0.1", "0.316228", "1"}},
		// Numbers that round to the same one are one trial.
		{"sweep: {grid: {batch: {from: 1, to: 4, points: 7, spacing: log}}}", "batch", []string{"1", "2", "3", "4"}},
		{"steps: 5\nsweep: {grid: {probes: [[loss], [loss, h]], measure: {l: [3, 4]}, measure.m: [9]}}", "probes measure.l measure.m epochs",
			[]string{"[loss] 3 9 0", "[loss] 4 9 0", "[loss, h] 3 9 0", "[loss, h] 4 9 0"}},
		// What a file says holds where no trial says another thing; keys of a model come with it.
		{"lr: 0.5\nwidth: 7\nsweep:\n  list:\n  - {model: mlp, width: 8}\n  - {model: mlp, lr: 1}\n  grid: {seed: [1, 2]}", "model width lr seed",
			[]string{"mlp 8 0.5 1", "mlp 8 0.5 2", "mlp 7 1 1", "mlp 7 1 2"}},
		{"sweep: {list: [{model: mlp, width: 8}, {model: simplecnn}]}", "model width", []string{"mlp 8", "simplecnn "}},
		{"model: mlp\nsweep: {grid: {width: {from: 2, to: 4}, shares: [[0.5], []]}}", "width shares", []string{"2 [0.5]", "2 ", "3 [0.5]", "3 ", "4 [0.5]", "4 "}},
		{"sweep: {grid: {steps: [3, 4]}}", "steps epochs", []string{"3 0", "4 0"}},
	} {
		if d := cmp.Diff(test.want, trialsOf(t, test.text, strings.Fields(test.fields)...)); d != "" {
			t.Errorf("%s\n(-want +got)\n%s", test.text, d)
		}
	}
}

// Draws lie in their ranges, and are the same for the same seed, also among more draws and beside
// other fields.
func TestSweepDraws(t *testing.T) {
	const random = "method: momentum\nsweep:\n  draw_seed: 7\n  random:\n    lr: {from: 0.001, to: 1, spacing: log}\n    momentum: {from: 0.5, to: 0.9}\n    batch: {from: 8, to: 11}\n    model: [mlp, simplecnn]\n"
	many := trialsOf(t, random+"  draws: 400", "lr", "batch", "model")
	if few := trialsOf(t, random+"  draws: 20", "lr", "batch", "model"); len(many) != 400 || !slices.Equal(few, many[:20]) {
		t.Errorf("%d draws; the first of 20 are %q, of 400 %q", len(many), few, many[:20])
	}
	var rates []string
	for _, line := range many {
		rates = append(rates, strings.Fields(line)[0])
	}
	if alone := trialsOf(t, "sweep: {draw_seed: 7, draws: 400, random: {lr: {from: 0.001, to: 1, spacing: log}}}", "lr"); !slices.Equal(alone, rates) {
		t.Error("a field beside another one is drawn otherwise")
	}
	if other := trialsOf(t, strings.Replace(random, "7", "8", 1)+"  draws: 400", "lr", "batch", "model"); slices.Equal(many, other) {
		t.Error("another seed draws the same")
	}
	specs, err := ParseSweep(run.Default(), "x.yaml", []byte(random+"  draws: 400"), known)
	if err != nil {
		t.Fatal(err)
	}
	below, sum, batches, models := 0, 0.0, map[int]int{}, map[string]int{}
	for _, s := range specs {
		if s.LR < 0.001 || s.LR > 1 || s.Momentum < 0.5 || s.Momentum > 0.9 {
			t.Errorf("learning rate %v, momentum %v", s.LR, s.Momentum)
		}
		sum += s.Momentum
		if s.LR < math.Sqrt(0.001) {
			below++
		}
		batches[s.Batch]++
		models[s.Model]++
	}
	if mean := sum / 400; mean < 0.68 || mean > 0.72 {
		t.Errorf("the mean momentum is %v", mean)
	}
	if below < 150 || below > 250 || len(batches) != 4 || batches[8] < 60 || batches[11] < 60 || models["mlp"] < 150 || models["simplecnn"] < 150 {
		t.Errorf("%d of 400 below the middle; batches %v, models %v", below, batches, models)
	}
}

func TestSweepErrors(t *testing.T) {
	for text, want := range map[string]string{
		"sweep: {grid: {lerning_rate: [1]}}":                                    `x.yaml:1:31: unknown key "lerning_rate" (did you mean "lr"?)`,
		"sweep: {grid: {lr: [fast]}}":                                           `x.yaml:1:21: lr: want a number, found the text "fast"`,
		"sweep: {grid: {lr: [0.1, -1]}}":                                        `x.yaml:1:26: lr: the learning rate must be a positive number`,
		"sweep: {grid: {lr: 0.1}}":                                              `x.yaml:1:20: lr: want a list of values, or {from: …, to: …, points: …}, found "0.1"`,
		"sweep: {grid: {lr: []}}":                                               `x.yaml:1:20: lr: an empty list`,
		"sweep: {grid: {lr: {from: 0.1, to: 1}}}":                               `x.yaml:1:20: lr: points is missing`,
		"sweep: {grid: {seed: {from: 1, to: 4, spacing: log}}}":                 `x.yaml:1:22: seed: points is missing`,
		"sweep: {grid: {lr: {from: 1, to: 0.1, points: 3}}}":                    `x.yaml:1:20: lr: from is not below to`,
		"sweep: {grid: {lr: {from: 0, to: 1, points: 3, spacing: log}}}":        `x.yaml:1:20: lr: from must be above 0`,
		"sweep: {grid: {lr: {from: 1, to: 2, points: 1}}}":                      `x.yaml:1:45: lr: points: must be 2 or more, not 1`,
		"sweep: {grid: {lr: {from: 1, to: 2, step: 1}}}":                        `x.yaml:1:37: lr: unknown key "step": a range has from, to, points and spacing`,
		"sweep: {grid: {lr: {from: 1, to: 2, points: 2, spacing: wide}}}":       `x.yaml:1:57: lr: spacing is log or linear`,
		"sweep: {grid: {lr: {from: 1}}}":                                        `x.yaml:1:20: lr: a range has both from and to`,
		"sweep: {grid: {lr: {from: .nan, to: 1, points: 2}}}":                   `x.yaml:1:27: lr: from: want a number`,
		"sweep: {grid: {model: {from: 1, to: 2}}}":                              `x.yaml:1:23: model: is no number, and has no range: give a list`,
		"sweep: {grid: {seed: {from: 0, to: 1000000}}}":                         `x.yaml:1:22: these are more than 100000 trials`,
		"sweep: {grid: {seed: {from: 0, to: 1e300, points: 999999999}}}":        `x.yaml:1:22: these are more than 100000 trials`,
		"sweep: {grid: {seed: {from: 0, to: 999}, batch: {from: 1, to: 101}}}":  `x.yaml:1:49: these are more than 100000 trials`,
		"sweep: {list: {model: mlp}}":                                           `x.yaml:1:15: list: want trials such as`,
		"sweep: {list: [mlp]}":                                                  `x.yaml:1:16: want lines of the form`,
		"sweep: {list: [{model: mlp, width: x}]}":                               `x.yaml:1:36: width: want a whole number`,
		"sweep: {random: {lr: [1]}}":                                            `x.yaml:1:17: draws is missing`,
		"sweep: {draws: 3}":                                                     `x.yaml:1:16: draws of nothing`,
		"sweep: {random: {lr: [1]}, draws: 0}":                                  `x.yaml:1:35: draws: must be 1 or more, not 0`,
		"sweep: {grids: {lr: [1]}}":                                             `x.yaml:1:9: unknown key "grids": a sweep has list, random`,
		"sweep:":                                                                `x.yaml:1:8: want lines of the form`,
		"sweep: {}":                                                             `x.yaml:1:8: a sweep has list, random`,
		"sweep: [1]":                                                            `x.yaml:1:8: want lines of the form`,
		"sweep: {grid: {}}":                                                     `x.yaml:1:15: grid: no setting is named`,
		"sweep: {random: {}, draws: 3}":                                         `x.yaml:1:17: random: no setting is named`,
		"sweep: {grid: {lr: [1], lr: [2]}}":                                     `x.yaml:1:25: `,
		"sweep: {grid: {lr: [1]}, grid: {batch: [2]}}":                          `x.yaml:1:26: `,
		"sweep: {grid: {measure: {l: [3]}, measure.l: [4]}}":                    `x.yaml:1:35: measure.l: grid sets it already`,
		"sweep: {random: {lr: [1, 2]}, draws: 3, grid: {lr: [3]}}":              `x.yaml:1:48: lr: random sets it already`,
		"sweep: {list: [{lr: 1}, {model: mlp}], grid: {lr: [3]}}":               `x.yaml:1:47: lr: list sets it already`,
		"sweep: {list: [{measure: {l: 3}, measure.l: 4}]}":                      `x.yaml:1:34: measure.l: list sets it already`,
		"sweep: {draw_seed: 3, grid: {lr: [1]}}":                                `x.yaml:1:20: draw_seed of nothing`,
		"sweep: {random: {lr: {from: 0.1, to: 1, points: 3}}, draws: 2}":        `x.yaml:1:22: lr: points belong to a grid`,
		"sweep: {grid: {seed: {from: -3, to: 2}}}":                              `x.yaml:1:22: seed: must be 0 or more, not -3`,
		"sweep: {grid: {seed: {from: 0, to: 1e300, points: 3}}}":                `x.yaml:1:22: seed: 5e+299: ranges of whole numbers end below 9007199254740992`,
		"sweep: {grid: {batch: {from: 1, to: 1e300, points: 2}}}":               `x.yaml:1:23: batch: 1e+300: ranges of whole numbers end below`,
		"sweep: {grid: {seed: {from: 9007199254740993, to: 9007199254740995}}}": `x.yaml:1:22: seed: 9.007199254740992e+15: ranges of whole numbers`,
		"sweep: {grid: {lr: {from: -1e308, to: 1.7e308, points: 3}}}":           `x.yaml:1:20: lr: the learning rate must be a positive number`,
		"sweep: {3: 4}":                         `x.yaml:1:9: want a key, found "3"`,
		"lr: fast\nsweep: {grid: {batch: [x]}}": `x.yaml:1:5: lr: want a number, found the text "fast"`,
		"train: 50\nmeasure: {m: 50}\nsweep: {grid: {batch: [10, 100]}}": `x.yaml:3:28: batch: 100 is more than the 50 training examples`,
	} {
		specs, err := ParseSweep(run.Default(), "x.yaml", []byte(text), known)
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") || len(specs) > 0 {
			t.Errorf("%q\n%d specs, error %v\nwant  %s", text, len(specs), err, want)
		}
	}
	// Where one trial is asked for, a sweep is a fault.
	if _, err := Parse("x.yaml", []byte("lr: 1\nsweep: {grid: {lr: [1]}}"), known); err == nil || !strings.HasPrefix(err.Error(), "x.yaml:2:1: the file asks for a sweep") {
		t.Errorf("error %v", err)
	}
}

func FuzzParseSweep(f *testing.F) {
	f.Add([]byte("sweep: {list: [{model: mlp}], random: {lr: {from: 1, to: 2}}, draws: 3, grid: {seed: {from: 0, to: 3}, measure: {l: [3]}}}"))
	f.Add([]byte("sweep:\n  grid:\n    lr: {from: 0.1, to: 1, points: 3, spacing: log}\n    \"\": [1]\n? a\n: b"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if strings.Contains(string(text), "99") || strings.Count(string(text), "0") > 8 {
			return // many trials take long
		}
		func() {
			specs, err := ParseSweep(run.Default(), "x.yaml", text, known)
			for _, s := range specs {
				if err := s.Validate(known); err != nil {
					t.Errorf("a spec that was read is not valid: %v", err)
				}
			}
			if err == nil && len(specs) == 0 {
				t.Error("neither a trial nor an error")
			}
		}()
	})
}
