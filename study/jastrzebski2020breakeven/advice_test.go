package jastrzebski2020breakeven

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"breakeven/run"
	"breakeven/study"
)

// with returns the run with a key at each record.
func withKey(r study.Run, key string, value func(i int) float64) study.Run {
	for i := range r.Records {
		r.Records[i].Values = append(r.Records[i].Values, run.Value{Key: key, Value: value(i)})
	}
	return r
}

func always(x float64) func(int) float64 { return func(int) float64 { return x } }

// adam returns a run with Adam of six measurements.
func adam(pairs ...any) study.Run {
	s := spec(0.001, 32)
	s.Method = "adam"
	r := study.Run{Spec: s, Status: run.Finished, Train: 6000}
	for i := range 6 {
		r.Records = append(r.Records, at(10*i, append([]any{"loss", 1 / float64(i+1), "constant_loss", 2.3}, pairs...)...))
	}
	return r
}

func TestAdviceOnTheRate(t *testing.T) {
	diverged := trajectory(0.1, 32)
	diverged.Status = run.Diverged
	collapsed := withKey(withKey(trajectory(0.1, 32), "constant_loss", always(2.3)), "nothing", always(0))
	for i := range collapsed.Records {
		if i > 2 {
			collapsed.Records[i].Values[0].Value = 2.3 // the loss
		}
	}
	never := withKey(trajectory(0.1, 32), "constant_loss", always(2.3))
	for i := range never.Records {
		never.Records[i].Values[0].Value = 2.3
	}
	hardly := study.Run{Spec: spec(0.1, 32), Status: run.Finished, Train: 6000, Records: []run.Record{at(0, "loss", 2.3, "constant_loss", 2.3), at(40, "loss", 2.3, "constant_loss", 2.3)}}
	short := withKey(trajectory(0.1, 32), "nothing", always(0))
	for i := range short.Records {
		for k := range short.Records[i].Values {
			if short.Records[i].Values[k].Key == "step_margin" {
				short.Records[i].Values[k].Value = 0.7
			}
		}
	}
	momentum := adam("h_max", [2]float64{3900, 10})
	momentum.Spec.Method, momentum.Spec.Momentum = "momentum", 0.9 // bound 3,800
	for name, test := range map[string]struct {
		run  study.Run
		want string
		try  []float64
		says string
	}{
		"below":                 {trajectory(0.01, 32), Below, []float64{0.02}, "What it costs: λ_H¹ rose to 94.3"},
		"at break-even":         {trajectory(0.1, 32), AtBound, nil, "Break-even was reached at step 329"},
		"steps overshoot":       {short, TooLarge, []float64{0.05}, "α* = 0.7"},
		"diverged":              {diverged, TooLarge, []float64{0.05}, "diverged after step 1081"},
		"collapsed":             {collapsed, TooLarge, []float64{0.05}, "collapsed"},
		"never learned":         {never, NotLearnt, []float64{0.01, 1}, "has not learned"},
		"hardly trained":        {hardly, NotKnown, nil, "It trained for 0.4 of an epoch"},
		"nothing measured":      {study.Run{Spec: spec(0.1, 32)}, NotKnown, nil, "Nothing was measured"},
		"adam without edge":     {adam(), NotKnown, nil, "--probe loss,edge"},
		"adam, far below":       {adam("edge", [2]float64{0.1, 0.01}), Below, []float64{0.002}, "0.100 ± 0.010"},
		"adam, at its edge":     {adam("edge", [2]float64{1.05, 0.1}), AtBound, nil, "full batch"},
		"adam, far above":       {adam("edge", [2]float64{9, 1}), TooLarge, []float64{0.0005}, "full batch"},
		"momentum by λ_H¹":      {momentum, AtBound, nil, "λ_H¹ is 1.026"},
		"sgd without Eq. 1":     {study.Run{Spec: spec(0.1, 32), Train: 6000, Records: []run.Record{at(0, "loss", 2), at(10, "loss", 1)}}, NotKnown, nil, "add --probe"},
		"sgd, curvature alone":  {study.Run{Spec: spec(0.1, 32), Train: 6000, Records: []run.Record{at(0, "h_max", 1), at(10, "h_max", 2)}}, Below, []float64{0.2}, "have their bound below"},
		"value that is no more": {adam("edge", nan), NotKnown, nil, "--probe"},
	} {
		a := Advise(test.run)
		var try []float64
		for _, one := range a.Try {
			try = append(try, one.LR)
		}
		text := strings.Join(a.Answers[0].Why, "\n")
		if a.Rate != test.want || !strings.Contains(text, test.says) || len(try) != len(test.try) {
			t.Errorf("%s: %s, try %v, want %s and %v\n%s", name, a.Rate, try, test.want, test.try, text)
			continue
		}
		for i := range try {
			if try[i] != test.try[i] {
				t.Errorf("%s: try %v, want %v", name, try, test.try)
			}
		}
		if _, err := json.Marshal(a); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAdviceOnTheBatch(t *testing.T) {
	for scale, want := range map[float64]struct {
		says  string
		batch int
	}{
		1000: {"S = 32 is small", 128}, 40: {"S = 32 fits", 0}, 3: {"larger than the noise asks for", 8}, math.NaN(): {"Not enough data", 0}, 70: {"S = 32 is small", 64},
	} {
		a := Advise(withKey(trajectory(0.1, 32), "noise_scale", always(scale)))
		batch := 0
		for _, one := range a.Try {
			batch = one.Batch
		}
		if got := a.Answers[1].Short; !strings.Contains(got, want.says) || batch != want.batch {
			t.Errorf("noise scale %v: %s, try %d, want %q and %d", scale, got, batch, want.says, want.batch)
		}
	}
	// (1 + B/S) of the steps and (1 + S/B) of the examples.
	why := strings.Join(Advise(withKey(trajectory(0.1, 32), "noise_scale", always(96))).Answers[1].Why, " ")
	if !strings.Contains(why, "4 times the fewest steps and 1.3 times the fewest examples") {
		t.Error(why)
	}
	// Variance and squared gradient are averaged, and then divided; the metric of H decides if it was measured.
	unbiased := withKey(withKey(withKey(trajectory(0.1, 32), "noise_scale", always(3)), "grad_square", func(i int) float64 { return 1 + float64(i%2) }), "example_variance", always(60))
	if a := Advise(unbiased).Answers[1]; !strings.Contains(a.Short, "fits") || !strings.Contains(a.Why[0], "without bias, is 40") {
		t.Errorf("%+v", a)
	}
	if a := Advise(withKey(unbiased, "critical_batch", always(1000))).Answers[1]; !strings.Contains(a.Short, "is small") || !strings.Contains(a.Why[0], "Tr(HΣ)") {
		t.Errorf("%+v", a)
	}
	full := withKey(trajectory(0.1, 32), "noise_scale", always(96))
	full.Spec.Batch = full.Train
	if got := Advise(full).Answers[1].Short; !strings.Contains(got, "full batch") {
		t.Error(got)
	}
	// The quartiles of a scale that moves are its error: from 10 to 1,000 nothing is decided.
	if got := Advise(withKey(trajectory(0.1, 32), "noise_scale", func(i int) float64 { return math.Pow(10, 1+2*float64(i%5)/4) })).Answers[1].Short; !strings.Contains(got, "fits") {
		t.Error(got)
	}
}

func TestAdviceOnTheLength(t *testing.T) {
	of := func(valid ...float64) string {
		r := study.Run{Spec: spec(0.1, 32), Train: 6000}
		for i, v := range valid {
			r.Records = append(r.Records, at(10*i, "loss", 1/float64(i+1), "valid_loss", v))
		}
		return Advise(r).Answers[2].Short
	}
	for want, valid := range map[string][]float64{
		"best at step 20": {3, 2, 1, 1.5, 2}, "still improving": {3, 2, 1}, "come to rest": {3, 2, 1, 1.01}, "Not enough": {3, 2},
		"still improving at its last": {nan, nan, nan, nan}, // by the training loss
	} {
		if got := of(valid...); !strings.Contains(got, want) {
			t.Errorf("%v: %s, want %q", valid, got, want)
		}
	}
}

func TestRound(t *testing.T) {
	for x, want := range map[float64]float64{0.17: 0.1, 0.2: 0.2, 0.03: 0.02, 0.1: 0.1, 5e-7: 5e-7, 99: 50, 100: 100, 0: 0, -1: 0, math.Inf(1): 0} {
		if got := round(x); got != want {
			t.Errorf("round(%v) = %v, want %v", x, got, want)
		}
	}
	if round(math.NaN()) != 0 {
		t.Error("NaN is rounded to a number")
	}
}
