package jastrzebski2020breakeven

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"breakeven/internal/digits"
	"breakeven/study"
)

// An Effect is the factor by which a maximum changes from one setting of a sweep to another: the
// geometric mean over seeds, with its interval of 95 % by Student's t of the logarithms. Runs of
// the same seed begin with the same weights, and are compared with each other if both settings
// have two such seeds.
type Effect struct {
	Ratio  float64 // NaN: a maximum is missing, or not above 0
	Lo, Hi float64 // ends of the interval; NaN if there is one seed
	Seeds  int     // pairs of them; unpaired: of the setting with fewer
	Paired bool
}

// effect compares the maxima of a key in two settings.
func effect(from, to Setting, key string) Effect {
	a, b := from.logarithms(key), to.logarithms(key)
	var pairs []float64
	for _, seed := range slices.Sorted(maps.Keys(a)) {
		if y, ok := b[seed]; ok {
			pairs = append(pairs, y-a[seed])
		}
	}
	n := min(len(a), len(b))
	switch {
	case n == 0:
		return Effect{Ratio: math.NaN(), Lo: math.NaN(), Hi: math.NaN()}
	case len(pairs) > 1 || n == 1 && len(pairs) == 1:
		mean, deviation := stat.MeanStdDev(pairs, nil)
		return interval(mean, deviation/math.Sqrt(float64(len(pairs))), float64(len(pairs)-1), len(pairs), true)
	}
	x, y := values(a), values(b)
	mean := stat.Mean(y, nil) - stat.Mean(x, nil)
	if n == 1 {
		return interval(mean, math.NaN(), 0, 1, false)
	}
	// Welch's t: the two settings need not vary alike.
	v, w := stat.Variance(x, nil)/float64(len(x)), stat.Variance(y, nil)/float64(len(y))
	freedom := (v + w) * (v + w) / (v*v/float64(len(x)-1) + w*w/float64(len(y)-1))
	return interval(mean, math.Sqrt(v+w), freedom, n, false)
}

// interval returns the effect of a mean logarithm with its standard error.
func interval(mean, err, freedom float64, seeds int, paired bool) Effect {
	e := Effect{Ratio: math.Exp(mean), Lo: math.NaN(), Hi: math.NaN(), Seeds: seeds, Paired: paired}
	switch {
	case seeds < 2:
	case err == 0:
		e.Lo, e.Hi = e.Ratio, e.Ratio
	default:
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}.Quantile(0.975)
		e.Lo, e.Hi = math.Exp(mean-t*err), math.Exp(mean+t*err)
	}
	return e
}

// logarithms returns the logarithms of the maxima of a key by seed. Those that are missing, or not
// above 0, are left out.
func (s Setting) logarithms(key string) map[uint64]float64 {
	list := map[uint64]float64{}
	for _, f := range s.of {
		if x := f.Maximum(key).Figure; x.Known() && x.Value > 0 {
			list[f.Spec.Seed] = math.Log(x.Value)
		}
	}
	return list
}

// values returns them in the order of their seeds, in which sums are the same each time.
func values(bySeed map[uint64]float64) []float64 {
	var list []float64
	for _, seed := range slices.Sorted(maps.Keys(bySeed)) {
		list = append(list, bySeed[seed])
	}
	return list
}

// Known reports whether there is a factor.
func (e Effect) Known() bool { return finite(e.Ratio) }

// Tested reports whether there is an interval.
func (e Effect) Tested() bool { return finite(e.Lo) && finite(e.Hi) }

// String returns "÷ 5.2 (3.9 to 7.0)", "× 1.3" if there is one seed, and a dash if there is no
// factor.
func (e Effect) String() string {
	if !e.Known() {
		return study.Empty
	}
	sign, r, lo, hi := "×", e.Ratio, e.Lo, e.Hi
	if r < 1 {
		sign, r, lo, hi = "÷", 1/r, 1/hi, 1/lo
	}
	text := sign + " " + digits.Significant(r, 2)
	if e.Tested() {
		text += fmt.Sprintf(" (%s to %s)", digits.Significant(lo, 2), digits.Significant(hi, 2))
	}
	return text
}

// MarshalJSON writes the factor, its interval if there is one, and of how many seeds it is; or null.
func (e Effect) MarshalJSON() ([]byte, error) {
	if !e.Known() {
		return []byte("null"), nil
	}
	v := map[string]any{"ratio": e.Ratio, "seeds": e.Seeds, "paired": e.Paired}
	if e.Tested() {
		v["low"], v["high"] = e.Lo, e.Hi
	}
	return json.Marshal(v)
}
