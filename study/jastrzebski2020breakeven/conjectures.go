package jastrzebski2020breakeven

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/internal/digits"
	"breakeven/run"
)

// An Outcome says what the runs show of a conjecture.
type Outcome string

// The outcomes of a conjecture and of each of its parts.
const (
	Held      Outcome = "held"
	NotHeld   Outcome = "did not hold"
	Undecided Outcome = "undecided"
	Untested  Outcome = "not measured" // in any run
)

// A Verdict is what a sweep shows of one conjecture. It held if every deciding
// part that was measured held, it did not hold if one of them did not, and is
// undecided otherwise.
type Verdict struct {
	Name      string  `json:"name"`
	Statement string  `json:"statement"`
	Outcome   Outcome `json:"outcome"`
	Parts     []Part  `json:"parts"`
}

// A Part is the maximum of one key over the settings of a sweep. It held if
// every step of the sweep changed it in the expected direction, and did not hold
// if one changed it in the other: over two seeds or more, if the interval of the
// factor leaves out 1; of one seed, by more than the sum of both errors.
type Part struct {
	Key     string   `json:"key"`
	Larger  bool     `json:"larger"`  // expected to become larger along the sweep
	Decides bool     `json:"decides"` // false: stands beside the conjecture
	Figures []Figure `json:"figures"` // one for each setting: mean over seeds; none if untested
	Effect  Effect   `json:"effect"`  // from the first setting to the last
	Outcome Outcome  `json:"outcome"`
	Why     string   `json:"why,omitempty"` // of what is undecided
}

func (s Sweep) conjecture1() Verdict {
	return s.verdict("Conjecture 1, variance reduction",
		"the maximum of λ_K¹ and of λ_H¹ along the trajectory is smaller for a "+s.cause(),
		Part{Key: "k_max", Decides: true}, Part{Key: "h_max", Decides: true})
}

func (s Sweep) conjecture2() Verdict {
	return s.verdict("Conjecture 2, pre-conditioning",
		"the maximum of λ_K*/λ_K¹ is larger, that of Tr K and of Tr H smaller, for a "+s.cause(),
		Part{Key: "k_condition", Larger: true, Decides: true},
		Part{Key: "k_trace", Decides: true}, Part{Key: "h_trace", Decides: true},
		Part{Key: "k_rank", Larger: true}, Part{Key: "h_rank", Larger: true})
}

func (s Sweep) cause() string {
	if s.Over == "S" {
		return "smaller batch size"
	}
	return "larger learning rate"
}

func (s Sweep) verdict(name, statement string, parts ...Part) Verdict {
	v := Verdict{Name: name, Statement: statement, Outcome: Untested}
	for _, p := range parts {
		s.decide(&p)
		v.Parts = append(v.Parts, p)
		switch {
		case !p.Decides || p.Outcome == Untested:
		case v.Outcome == Untested, p.Outcome == NotHeld, p.Outcome == Undecided && v.Outcome == Held:
			v.Outcome = p.Outcome
		}
	}
	return v
}

// decide fills a part.
func (s Sweep) decide(p *Part) {
	if !slices.ContainsFunc(s.Settings, func(set Setting) bool { return set.measured(p.Key) }) {
		p.Outcome, p.Effect = Untested, Effect{Ratio: math.NaN()}
		return
	}
	p.Outcome = Held
	var why []string
	for i, set := range s.Settings {
		p.Figures = append(p.Figures, set.maximum(p.Key))
		if i == 0 {
			continue
		}
		before := s.Settings[i-1]
		outcome, reason := p.step(before, set, p.Figures[i-1], p.Figures[i])
		if outcome == NotHeld || outcome == Undecided && p.Outcome == Held {
			p.Outcome = outcome
		}
		if reason != "" {
			why = append(why, fmt.Sprintf("between %s and %s %s", s.name(before), s.name(set), reason))
		}
	}
	p.Effect = effect(s.Settings[0], s.Settings[len(s.Settings)-1], p.Key)
	if p.Outcome == Undecided {
		p.Why = strings.Join(why, "; ")
	}
}

// step compares the maxima a and b of two neighbouring settings.
func (p Part) step(from, to Setting, a, b Figure) (Outcome, string) {
	switch {
	case !a.Known() || !b.Known():
		return Undecided, "it was not measured in both"
	case from.atInit(p.Key) && to.atInit(p.Key):
		return Undecided, "both are largest at the initial weights, before the setting can matter" + afterwards(from, to, p.Key)
	}
	if reason := within(a, b, effect(from, to, p.Key)); reason != "" {
		return Undecided, reason
	}
	smaller := from
	if b.Value < a.Value {
		smaller = to
	}
	if why := smaller.lowerBound(p.Key); why != "" {
		return Undecided, "the smaller maximum is only a lower bound: " + why
	}
	if (b.Value > a.Value) == p.Larger {
		return Held, ""
	}
	return NotHeld, ""
}

// afterwards says what a key is at the last measurement of two settings, "" where that is the first.
func afterwards(from, to Setting, key string) string {
	from, to = from.atEnd(), to.atEnd()
	a, b := from.maximum(key), to.maximum(key)
	if from.atInit(key) || to.atInit(key) || !a.Known() || !b.Known() {
		return ""
	}
	return fmt.Sprintf(", and at the last measurement they are %v and %v, %v", a, b, effect(from, to, key))
}

// atEnd returns the setting with the last values of its runs in the place of their maxima.
func (s Setting) atEnd() Setting {
	s.of = slices.Clone(s.of)
	for i := range s.of {
		s.of[i].Maxima = slices.Clone(s.of[i].Maxima)
		for j := range s.of[i].Maxima {
			e := &s.of[i].Maxima[j]
			e.Figure, e.At = e.End, e.Ended
		}
	}
	return s
}

// within says why two maxima cannot be told apart; "" if they can.
func within(a, b Figure, e Effect) string {
	switch {
	case e.Tested() && e.Lo <= 1 && e.Hi >= 1:
		return fmt.Sprintf("the interval of the factor over %d seeds, %s to %s, holds 1", e.Seeds, digits.Significant(e.Lo, 2), digits.Significant(e.Hi, 2))
	case !e.Tested() && math.Abs(a.Value-b.Value) <= a.Error+b.Error:
		return "the difference is within the errors"
	}
	return ""
}

// measured reports whether a run of the setting has the key.
func (s Setting) measured(key string) bool {
	return slices.ContainsFunc(s.of, func(f Findings) bool { e := f.Maximum(key); return e.Count+e.Lost > 0 })
}

// maximum returns the mean over seeds of the maximum of a key. Its error adds
// the standard error of the mean over seeds to the errors of the maxima.
func (s Setting) maximum(key string) Figure {
	n, mean, stated := float64(len(s.of)), 0.0, 0.0
	for _, f := range s.of {
		x := f.Maximum(key).Figure
		mean += x.Value / n
		stated += x.Error * x.Error / (n * n)
	}
	spread := 0.0
	for _, f := range s.of {
		d := f.Maximum(key).Figure.Value - mean
		spread += d * d
	}
	if n > 1 {
		stated += spread / (n - 1) / n
	}
	return Figure{mean, math.Sqrt(stated)}
}

// lowerBound says why the maximum of a key is only a lower bound in one of the
// runs; "" where it is none.
func (s Setting) lowerBound(key string) string {
	for _, f := range s.of {
		switch e := f.Maximum(key); {
		case f.Status != run.Finished:
			return "its run is not finished"
		case e.Last:
			return "it stands at the last measurement"
		case e.Lost > 0:
			return "some of the values are not finite"
		}
	}
	return ""
}

// atInit reports whether all runs are largest at step 0.
func (s Setting) atInit(key string) bool {
	for _, f := range s.of {
		if e := f.Maximum(key); e.Count == 0 || e.At.Step != 0 {
			return false
		}
	}
	return true
}
