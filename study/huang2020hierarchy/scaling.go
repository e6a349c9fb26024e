package huang2020hierarchy

import (
	"fmt"
	"math"
	"strconv"

	"breakeven/study"
)

// levelsOf returns how many levels all trials of a series have.
func levelsOf(s Series) int {
	n := s.Trials[0].levels()
	for _, t := range s.Trials {
		n = min(n, t.levels())
	}
	return n
}

// power returns the exponent of the truncation error in m at level p: −p/2 for even p, and
// for odd p that of the level below.
func power(p int) float64 { return -float64(p / 2) }

func inWidth(all []Series) (study.Section, []Scaling) {
	t := &tally{section: study.Section{Title: "Truncation error against width (Theorem 2.6)",
		Head: []string{"", "largest error of", "expected", "slope in m", "", "at t", "later", "at t"},
		More: []string{"Slopes are those of medians over networks, at the last time that is within √(λm/n) and m^(2/5), the theorem's conditions with constants of 1, for all widths of a " +
			"series; that at the end of the flow stands beside it. A slope within 0.35 of the expected one, with an interval of at most ±0.5, counts as held; one that is farther by more than its interval does not; the rest are open."}}}
	for _, s := range several(all) {
		i := s.within()
		for l := range levelsOf(s) {
			for _, of := range []struct{ key, name string }{{"f_error", "f"}, {"k2_error", "K²"}} {
				slope, ok := s.slope(func(t Trial) []float64 { return entries(t.Records, of.key+"_path", l*len(t.Times)+i) })
				if !ok {
					continue
				}
				t.compare(fmt.Sprintf("%s, level %d", of.name, l+2), s.Name, power(l+2), slope)
				late := study.Empty
				if end, ok := s.slope(entry(of.key, l)); ok {
					late = end.String()
				}
				t.more = append(t.more, []string{fmt.Sprintf("%.3g", s.last().Times[i]), late, fmt.Sprintf("%.3g", s.last().Time)})
			}
		}
	}
	text := "Within the theorem's times the error of f falls with width m to the powers %[1]s at %[2]s"
	if t.allHeld("f,") {
		text += ": as the theorem says, level 4 gains a power of m over level 2, and level 3 gains none"
	}
	t.say("f,", text+".")
	return t.judge()
}

// within returns the place of the last time that is within the theorem's conditions, with
// constants of 1, for all trials; of the first time after 0 if none is.
func (s Series) within() int {
	most := math.Inf(1)
	for _, t := range s.Trials {
		lambda, _ := medianOf(scalars(t.Records, "k2_min"))
		most = min(most, t.longest(lambda.Value))
	}
	i := 1
	for k, at := range s.last().Times {
		if k > 0 && at <= most {
			i = k
		}
	}
	return i
}

// longest is the time up to which Theorem 2.6 holds, with constants of 1 and p* = 4.
func (t Trial) longest(lambda float64) float64 {
	m := float64(t.Width)
	return min(math.Sqrt(max(0, lambda)*m/float64(t.Points)), math.Pow(m, 0.4))
}

func drift(all []Series) (study.Section, []Scaling) {
	t := &tally{section: study.Section{Title: "Drift of the tangent kernel (Corollary 2.4)", Head: []string{"", "", "expected", "slope in m", ""},
		More: []string{"Order 1/m is less than the fluctuation of order 1/√m that the kernel begins with."}}}
	for _, s := range several(all) {
		if slope, ok := s.slope(scalar("k2_drift")); ok {
			t.compare("max|K²(t) − K²(0)|", s.Name, -1, slope)
		}
	}
	t.say("", "The drift of K² to the end of the flow falls with width to the power %[1]s.")
	return t.judge()
}

func sizes(all []Series) (study.Section, []Scaling) {
	t := &tally{section: study.Section{Title: "Sizes of the kernels (Theorem 2.3)", Head: []string{"", "", "expected", "slope in m", ""},
		More: []string{"Largest magnitudes at the beginning. As an average K³ and K⁵ are 0; their fluctuations are of the order of K⁴ and K⁶."}}}
	for _, s := range several(all) {
		for r := 3; r <= 6; r++ {
			if slope, ok := s.slope(entry("k_size", r-2)); ok {
				t.compare(fmt.Sprintf("max|K^(%d)|", r), s.Name, -float64((r-1)/2), slope)
			}
		}
	}
	t.say("", "Kernels at the beginning fall with width to the powers %[1]s for %[2]s.")
	return t.judge()
}

// inTime compares the growth of errors with the theorem's bound, which lies between t^p and
// t^(p+1) for outputs and between t^(p−1) and t^p for the kernel: its slope on the same times.
func inTime(all []Series) (study.Section, []Scaling) {
	t := &tally{section: study.Section{Title: "Growth in time (Theorem 2.6 and Corollary 2.4)", Head: []string{"", "largest error of", "at most", "slope in t", ""},
		More: []string{"The first term that level p leaves out grows as t^p in f and as t^(p−1) in K²; the theorem's bound is no lower. Slopes are medians of those of single networks, over times " +
			"up to a quarter of the end, at the largest width, and as far as errors are above the integrator's."}}}
	for _, s := range several(all) {
		trial := s.last()
		for l := range trial.levels() {
			for _, of := range []struct {
				key, name string
				most      int
			}{{"f_error_path", "f", l + 2}, {"k2_error_path", "K²", l + 1}} {
				if slope, ok := trial.growth(of.key, l); ok {
					t.bound(fmt.Sprintf("%s, level %d", of.name, l+2), fmt.Sprintf("%s, m = %d", s.Name, trial.Width), float64(of.most), slope)
				}
			}
		}
	}
	t.say("f,", "The error of f grows with time to the powers %[1]s at %[2]s.")
	return t.judge()
}

// descents compares the distance of gradient descent from the flow with the learning rate.
func descents(all []Series) (study.Section, []Scaling) {
	t := &tally{section: study.Section{Title: "Gradient descent at finite steps", Head: []string{"", "", "expected", "slope in η", ""},
		More: []string{"The theorems are about gradient flow. Gradient descent is off it by the order of its learning rate."}}}
	var x []float64
	var y []Median
	name := ""
	for _, s := range all {
		for _, trial := range s.Trials {
			rate, err := strconv.ParseFloat(setting(trial.Spec, "rate"), 64)
			if m, ok := medianOf(scalars(trial.Records, "descent_error")); ok && err == nil && !trial.Images {
				x, y, name = append(x, rate), append(y, m), fmt.Sprintf("m = %d", trial.Width)
			}
		}
	}
	if slope, ok := fit(x, y); ok {
		t.compare("max|f_η − f|", name, 1, slope)
	}
	t.say("", "The distance of gradient descent from the flow goes with the learning rate to the power %[1]s.")
	return t.judge()
}

// noise is what the integrator leaves of errors.
const noise = 1e-9

// growth returns the exponent in time of an error of level 2+l.
func (t Trial) growth(key string, l int) (Slope, bool) {
	var slopes []float64
	for _, rec := range t.Records {
		v, _ := rec.Get(key)
		var x []float64
		var y []Median
		for i, at := range t.Times {
			if k := l*len(t.Times) + i; at > 0 && at <= t.Time/4 && k < len(v.Vector) && v.Vector[k] > noise {
				x, y = append(x, at), append(y, Median{v.Vector[k], v.Vector[k], v.Vector[k], 1})
			}
		}
		if s, ok := fit(x, y); ok && len(x) > 2 {
			slopes = append(slopes, s.Value)
		}
	}
	m, ok := medianOf(slopes)
	return Slope{m.Value, max(m.Hi-m.Value, m.Value-m.Lo)}, ok
}
