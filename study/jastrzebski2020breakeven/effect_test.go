package jastrzebski2020breakeven

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"breakeven/run"
	"breakeven/study"
)

// setOf returns a setting whose runs of seeds first, first + 1, … have these maxima of λ_K¹.
func setOf(eta float64, first int, maxima ...float64) Setting {
	set := Setting{Value: eta}
	for i, k := range maxima {
		s := spec(eta, 32)
		s.Seed = uint64(first + i)
		f := peak(s, "k_max", k)
		if !(k > 0) { // at every measurement
			f = Analyze(study.Run{Spec: s, Records: []run.Record{at(0, "k_max", k)}})
		}
		set.of = append(set.of, f)
	}
	return set
}

func TestEffect(t *testing.T) {
	const t2, t4 = 4.302653, 2.776445 // quantiles of Student's t at 97.5 %
	for name, test := range map[string]struct {
		from, to Setting
		want     Effect
	}{
		// Logarithms of the factors are 1, 2, 3: standard error 1/√3.
		"paired": {setOf(0.01, 0, 1, 5, 7), setOf(0.1, 0, math.E, 5*math.Exp(2), 7*math.Exp(3)),
			Effect{math.Exp(2), math.Exp(2 - t2/math.Sqrt(3)), math.Exp(2 + t2/math.Sqrt(3)), 3, true}},
		// Two samples of equal variance 1 and size 3: 4 degrees of freedom, variance 2/3.
		"other seeds": {setOf(0.01, 0, 1, math.E, math.Exp(2)), setOf(0.1, 10, math.Exp(-1), math.Exp(-2), math.Exp(-3)),
			Effect{math.Exp(-3), math.Exp(-3 - t4*math.Sqrt(2.0/3)), math.Exp(-3 + t4*math.Sqrt(2.0/3)), 3, false}},
		"one seed":            {setOf(0.01, 0, 4), setOf(0.1, 0, 2), Effect{0.5, math.NaN(), math.NaN(), 1, true}},
		"one other seed":      {setOf(0.01, 0, 4), setOf(0.1, 1, 2), Effect{0.5, math.NaN(), math.NaN(), 1, false}},
		"one seed of many":    {setOf(0.01, 0, 4), setOf(0.1, 1, 2, 2), Effect{0.5, math.NaN(), math.NaN(), 1, false}},
		"never varies":        {setOf(0.01, 0, 4, 8), setOf(0.1, 0, 2, 4), Effect{0.5, 0.5, 0.5, 2, true}},
		"not above 0":         {setOf(0.01, 0, -4), setOf(0.1, 0, 2), Effect{Ratio: math.NaN()}},
		"missing in some":     {setOf(0.01, 0, 1, 1, nan), setOf(0.1, 0, 2, 2, 2), Effect{2, 2, 2, 2, true}},
		"missing in all":      {setOf(0.01, 0, nan), setOf(0.1, 0, 2), Effect{Ratio: math.NaN()}},
		"one pair of several": {setOf(0.01, 0, 1, 1), setOf(0.1, 1, 2, 2), Effect{2, 2, 2, 2, false}},
	} {
		got := effect(test.from, test.to, "k_max")
		same := func(x, y float64) bool { return math.IsNaN(x) && math.IsNaN(y) || math.Abs(x-y) <= 1e-5*math.Abs(y) }
		if !same(got.Ratio, test.want.Ratio) || got.Known() && (!same(got.Lo, test.want.Lo) || !same(got.Hi, test.want.Hi)) ||
			got.Seeds != test.want.Seeds || got.Paired != test.want.Paired {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
		if _, err := json.Marshal(got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The same runs give the same factor to the bit, paired or not.
func TestEffectIsReproducible(t *testing.T) {
	var x, y []float64
	for i := range 12 {
		x, y = append(x, math.Pow(1.7, float64(i))/3), append(y, math.Pow(0.6, float64(i))*7)
	}
	for _, first := range []int{0, 100} {
		a, b := setOf(0.01, 0, x...), setOf(0.1, first, y...)
		want := effect(a, b, "k_max")
		for range 30 {
			if got := effect(a, b, "k_max"); got != want {
				t.Fatalf("seeds from %d: %+v, then %+v", first, want, got)
			}
		}
	}
}

// The interval holds the true factor in 95 of 100 sets of seeds, paired or not.
func TestIntervalCovers(t *testing.T) {
	const sets, seeds, truth = 600, 4, 0.5
	r := rand.New(rand.NewPCG(1, 2))
	for _, second := range []int{0, 100} { // the same seeds, other seeds
		held := 0
		for range sets {
			var a, b []float64
			for range seeds {
				common := r.NormFloat64()
				a = append(a, math.Exp(common+0.3*r.NormFloat64()))
				if second > 0 {
					common = r.NormFloat64()
				}
				b = append(b, truth*math.Exp(common+0.3*r.NormFloat64()))
			}
			if e := effect(setOf(0.01, 0, a...), setOf(0.1, second, b...), "k_max"); e.Lo <= truth && truth <= e.Hi {
				held++
			}
		}
		if share := float64(held) / sets; share < 0.92 || share > 0.985 {
			t.Errorf("seeds from %d: the interval holds the truth in %.3f of the sets", second, share)
		}
	}
}

// Several seeds decide by their interval, not by the errors of the single maxima.
func TestSeedsDecide(t *testing.T) {
	runs := func(first, second []float64) []Findings {
		return append(setOf(0.01, 0, first...).of, setOf(0.1, 0, second...).of...)
	}
	for _, test := range []struct {
		a, b []float64
		want Outcome
		text string
	}{
		{[]float64{4, 5, 6}, []float64{2, 2.6, 3.1}, Held, "÷ 2 (1.9 to 2.1)"},
		{[]float64{4, 5, 6}, []float64{8, 10.4, 12.3}, NotHeld, "× 2 (1.9 to 2.1)"},
		{[]float64{4, 5, 6}, []float64{2, 8, 3}, Undecided, "over 3 seeds"},
	} {
		c := Compare(runs(test.a, test.b))
		if p := part(t, c, "k_max"); p.Outcome != test.want {
			t.Errorf("%v to %v: %s, %v", test.a, test.b, p.Outcome, p.Effect)
		}
		if text := strings.Join(c.Lines(), "\n"); !strings.Contains(text, test.text) || !strings.Contains(text, "3 seeds each") {
			t.Errorf("no %q in\n%s", test.text, text)
		}
	}
}
