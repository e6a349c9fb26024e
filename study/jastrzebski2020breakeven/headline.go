package jastrzebski2020breakeven

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/internal/digits"
	"breakeven/run"
)

// headline says in a sentence or two what runs show: of a sweep how far the largest λ_K¹ and
// λ_H¹ changed along it and whether the conjectures held, else who reached break-even; and
// which runs did not train. It is empty if nothing was measured.
func headline(all []Findings, c Comparison) string {
	measured := slices.DeleteFunc(slices.Clone(all), func(f Findings) bool { return f.Records == 0 })
	if len(measured) == 0 {
		return ""
	}
	text := ""
	switch {
	case len(c.Sweeps) > 0:
		text = c.Sweeps[0].headline()
	case len(measured) == 1:
		text = measured[0].headline()
	default:
		text = reached(measured)
	}
	return strings.TrimSpace(text + " " + untrained(measured))
}

// headline says how the maxima changed from the first setting to the last, and what that
// means for the conjectures.
func (s Sweep) headline() string {
	first, last := s.Settings[0], s.Settings[len(s.Settings)-1]
	var changes []string
	for _, key := range []string{"k_max", "h_max"} {
		if c := change(first, last, key); c != "" {
			changes = append(changes, c)
		}
	}
	var verdicts []string
	for _, v := range s.Conjectures {
		name, _, _ := strings.Cut(v.Name, ",")
		verdicts = append(verdicts, name+" "+strings.TrimSuffix(v.verb(), ","))
	}
	end := fmt.Sprintf("%s (%s).", strings.TrimSuffix(capital(strings.Join(verdicts, "; ")), ","), s.seeds())
	if len(changes) == 0 {
		return end
	}
	return fmt.Sprintf("From %s to %s %s. %s", s.name(first), s.name(last), strings.Join(changes, ", and "), end)
}

// change says how the maximum of a key changed from one setting to another; where both are that of the
// initial weights, how its last value did. It is empty if neither was
// measured.
func change(from, to Setting, key string) string {
	what, but := "the largest "+symbol(key), ""
	if from.atInit(key) && to.atInit(key) {
		from, to = from.atEnd(), to.atEnd()
		what, but = symbol(key)+" at the last measurement", " (its maximum is that of the initial weights)"
	}
	a, b := from.maximum(key), to.maximum(key)
	if !a.Known() || !b.Known() || from.atInit(key) && to.atInit(key) {
		return ""
	}
	verb := "fell"
	if b.Value > a.Value {
		verb = "rose"
	}
	text := fmt.Sprintf("%s %s from %v to %v", what, verb, a, b)
	if e := effect(from, to, key); e.Tested() {
		text += ", " + e.String()
	}
	return text + but
}

// headline says whether and where a run reached break-even.
func (f Findings) headline() string {
	b := f.Reached
	h := ""
	if b.crossed() && b.H.Known() {
		h = fmt.Sprintf(", at λ_H¹ = %v", b.H)
	}
	switch b.State {
	case Bracketed:
		return fmt.Sprintf("%s reached break-even between step %d and %d%s: from there on SGD itself limits curvature and noise.", f.Name, b.Before.Step, b.At.Step, h)
	case AtStart:
		return fmt.Sprintf("%s was past break-even at its first measurement, step %d%s.", f.Name, b.At.Step, h)
	case NotReached:
		return fmt.Sprintf("%s did not reach break-even in %d steps: the left side of Eq. 1 was at most %v.", f.Name, f.End.Step, b.Left)
	case NotDefined:
		return fmt.Sprintf("%s trained with %s, for which break-even is not defined; these are its noise and its curvature.", f.Name, method(f.Spec))
	}
	return fmt.Sprintf("Break-even of %s was not measured.", f.Name)
}

// reached says how many of several runs reached break-even.
func reached(all []Findings) string {
	n := 0
	for _, f := range all {
		if f.Reached.crossed() {
			n++
		}
	}
	return fmt.Sprintf("%s of %d runs reached break-even.", capital(count(n)), len(all))
}

// untrained names the runs that decide nothing.
func untrained(all []Findings) string {
	var lines []string
	for _, f := range all {
		switch {
		case f.Status == run.Diverged:
			lines = append(lines, f.Name+" diverged.")
		case f.Collapsed():
			lines = append(lines, fmt.Sprintf("%s %s.", f.Name, f.collapseBadge()))
		}
	}
	if len(lines) > 3 {
		return fmt.Sprintf("%d runs diverged or have not learned.", len(lines))
	}
	return strings.Join(lines, " ")
}

func count(n int) string {
	if n == 0 {
		return "none"
	}
	return digits.Thousands(n)
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
