package jastrzebski2020breakeven

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/internal/digits"
	"breakeven/run"
)

// A Comparison holds runs against each other: one sweep for each set of runs
// that differ in the learning rate alone, or in the batch size alone.
type Comparison struct {
	Sweeps []Sweep  `json:"sweeps"`
	Notes  []string `json:"notes"` // which runs are not compared, and why
}

// A Sweep is a set of runs that differ in one setting, and in the seed.
type Sweep struct {
	Of          string    `json:"of,omitempty"` // network and data, if other sweeps have others
	Over        string    `json:"over"`         // "η" or "S"
	Fixed       string    `json:"fixed"`        // the other of the two, "S = 128"
	Settings    []Setting `json:"settings"`     // η rising or S falling: the paper expects the same effect of both
	Conjectures []Verdict `json:"conjectures"`
	Forecasts   []string  `json:"forecasts"` // the closed form carried from one run to another
	Warnings    []string  `json:"warnings"`
}

// A Setting is one value of what is swept, with its runs (seeds).
type Setting struct {
	Value float64  `json:"value"`
	Runs  []string `json:"runs"`
	of    []Findings
}

// swept are the settings that a sweep is about, and the seed.
var swept = []string{"lr", "batch", "seed"}

// lookedAt are the settings that decide how long and how often a run was looked
// at. They may differ, with a warning.
var lookedAt = []string{"epochs", "steps", "until", "every", "overhead", "probes"}

// Compare tests both conjectures on every sweep among the runs. Runs that
// differ in another setting than η, S and the seed are not compared, and Notes
// names what differs; a run that diverged, or has no measurement, takes no
// part.
func Compare(runs []Findings) Comparison {
	var c Comparison
	var usable []Findings
	for _, f := range runs {
		switch {
		case f.Records == 0:
			c.Notes = append(c.Notes, fmt.Sprintf("%s has no measurement and takes no part.", f.Name))
		case f.Status == run.Diverged:
			c.Notes = append(c.Notes, fmt.Sprintf("%s diverged and takes no part: the conjectures are about runs that train.", f.Name))
		case f.Collapsed():
			c.Notes = append(c.Notes, fmt.Sprintf("%s %s and takes no part: its loss is not below that of one prediction for all examples.", f.Name, f.collapseBadge()))
		default:
			usable = append(usable, f)
		}
	}
	groups := group(usable, func(f Findings) string { return strings.Join(others(f.Spec), "\n") })
	many, foreign := manySubjects(usable), []string(nil)
	for i, g := range groups {
		for _, other := range groups[:i] {
			note := fmt.Sprintf("%s and %s are not compared: they differ in %s.",
				g[0].Name, other[0].Name, strings.Join(residue(g[0].Spec, other[0].Spec), ", "))
			if subject(g[0].Spec) == subject(other[0].Spec) {
				c.Notes = append(c.Notes, note)
			} else {
				foreign = append(foreign, note)
			}
		}
		c.Sweeps = append(c.Sweeps, sweeps(g, many)...)
	}
	if many && len(c.Sweeps) > 0 { // who has compared something knows that networks differ
		foreign = []string{"Runs of different networks or data sets are not compared with each other."}
	}
	c.Notes = append(c.Notes, foreign...)
	if len(c.Sweeps) == 0 {
		c.Notes = append(c.Notes, "The conjectures compare runs that differ in the learning rate alone or in the batch size alone; there are no two such runs here.")
	}
	return c
}

// others returns the settings of a spec that runs of one sweep must share, in
// canonical order, each as "name value".
func others(s run.Spec) []string {
	var list []string
	for _, name := range run.Names(s) {
		if !slices.Contains(swept, name) && !slices.Contains(lookedAt, name) {
			list = append(list, name+" "+s.Text(name))
		}
	}
	return list
}

// residue names the settings of others in which two specs differ, with both
// values.
func residue(a, b run.Spec) []string {
	var names []string
	for _, name := range run.Names(a, b) {
		if x, y := a.Text(name), b.Text(name); x != y && !slices.Contains(swept, name) && !slices.Contains(lookedAt, name) {
			names = append(names, fmt.Sprintf("%s (%s, %s)", name, x, y))
		}
	}
	return names
}

// group splits runs by a key, in order of first appearance.
func group(runs []Findings, key func(Findings) string) [][]Findings {
	var groups [][]Findings
	place := map[string]int{}
	for _, f := range runs {
		k := key(f)
		if _, seen := place[k]; !seen {
			place[k] = len(groups)
			groups = append(groups, nil)
		}
		groups[place[k]] = append(groups[place[k]], f)
	}
	return groups
}

// manySubjects reports whether the runs are of several networks or data sets.
func manySubjects(runs []Findings) bool {
	return slices.ContainsFunc(runs, func(f Findings) bool { return subject(f.Spec) != subject(runs[0].Spec) })
}

// sweeps returns those over η at fixed S and those over S at fixed η, and says what
// they are of if that must be named.
func sweeps(runs []Findings, named bool) []Sweep {
	var all []Sweep
	of := ""
	if named {
		of = subject(runs[0].Spec)
	}
	for _, g := range group(runs, func(f Findings) string { return fmt.Sprint(f.Spec.Batch) }) {
		s := Sweep{Of: of, Over: "η", Fixed: fmt.Sprintf("S = %d", g[0].Spec.Batch)}
		all = append(all, s.fill(g, func(f Findings) float64 { return f.Spec.LR }, 1)...)
	}
	for _, g := range group(runs, func(f Findings) string { return fmt.Sprint(f.Spec.LR) }) {
		s := Sweep{Of: of, Over: "S", Fixed: "η = " + digits.Significant(g[0].Spec.LR, 6)}
		all = append(all, s.fill(g, func(f Findings) float64 { return float64(f.Spec.Batch) }, -1)...)
	}
	return all
}

// fill returns the sweep with its settings and verdicts, or nothing where there
// is only one setting.
func (s Sweep) fill(runs []Findings, at func(Findings) float64, sign float64) []Sweep {
	for _, g := range group(runs, func(f Findings) string { return fmt.Sprint(at(f)) }) {
		set := Setting{Value: at(g[0]), of: g}
		for _, f := range g {
			set.Runs = append(set.Runs, f.Name)
		}
		s.Settings = append(s.Settings, set)
	}
	if len(s.Settings) < 2 {
		return nil
	}
	slices.SortFunc(s.Settings, func(a, b Setting) int { return cmp.Compare(sign*a.Value, sign*b.Value) })
	s.Conjectures = []Verdict{s.conjecture1(), s.conjecture2()}
	s.Forecasts = s.carry()
	s.warn()
	return []Sweep{s}
}

// name returns "η = 0.1" or "S = 128".
func (s Sweep) name(set Setting) string { return s.Over + " = " + digits.Significant(set.Value, 6) }

func (s *Sweep) warn() {
	add := func(format string, args ...any) { s.Warnings = append(s.Warnings, fmt.Sprintf(format, args...)) }
	seeds := math.MaxInt
	counts := map[int]bool{}
	first := s.Settings[0].of[0]
	differ := map[string]bool{}
	for _, set := range s.Settings {
		seeds = min(seeds, len(set.of))
		for _, f := range set.of {
			counts[f.Records] = true
			for _, name := range lookedAt {
				if f.Spec.Text(name) != first.Spec.Text(name) {
					differ[name] = true
				}
			}
		}
	}
	add("± is the error of estimate and sample together, and of the mean over seeds if there are several.")
	switch {
	case seeds == 1:
		add("One seed at a setting: an observation of these runs, not a test. The spread between seeds is not known and not in the errors.")
	case seeds < 6:
		add("%d seeds at a setting: intervals are wide and rest on maxima whose logarithms are normally distributed; six or more are better.", seeds)
	}
	if seeds > 1 {
		add("The interval of a factor is that of 95 %% over seeds.")
	}
	for _, name := range lookedAt {
		if differ[name] {
			add("The runs differ in %s.", name)
		}
	}
	if keys := s.withoutError(); len(keys) > 0 {
		add("No error is stated for %s: that of drawing the examples is not in the comparison.", strings.Join(keys, ", "))
	}
	if len(counts) > 1 {
		add("The runs were measured a different number of times; the maximum of more measurements is larger by chance alone.")
	}
}

// withoutError returns the symbols of the parts that have a figure but no error.
func (s Sweep) withoutError() []string {
	var symbols []string
	for _, v := range s.Conjectures {
		for _, p := range v.Parts {
			if slices.ContainsFunc(p.Figures, func(x Figure) bool { return x.Known() && x.Error == 0 }) {
				symbols = append(symbols, symbol(p.Key))
			}
		}
	}
	return symbols
}

// carry puts the closed form of every run beside what the other runs measured
// at their break-even points.
func (s Sweep) carry() []string {
	var lines []string
	for _, from := range s.Settings {
		for _, to := range s.Settings {
			a, b := from.of[0], to.of[0]
			if from.Value == to.Value || !b.Reached.crossed() || !b.Reached.H.Known() {
				continue
			}
			p, ok := a.Forecast(b.Spec.LR, b.Spec.Batch)
			switch {
			case !ok:
			case !(p.H.Value > 0):
				lines = append(lines, fmt.Sprintf("From %s the closed form says that nothing is stable for %s; λ_H¹ measured at break-even there: %v.",
					s.name(from), s.name(to), b.Reached.H))
			default:
				lines = append(lines, fmt.Sprintf("From %s the closed form says λ_H¹ = %v at break-even for %s; measured there: %v.",
					s.name(from), p.H, s.name(to), b.Reached.H))
			}
		}
	}
	return lines
}
