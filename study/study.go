package study

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/run"
)

// A Study is a paper, the trials that test what it claims, and their analysis.
type Study struct {
	Name   string // of its folder: author, year, topic
	Title  string // of the paper
	Paper  string // authors, where and when
	Doc    string // what is done here, in a sentence or two
	Claims []Claim
	Kinds  []string // of the trials whose runs Analyze reads
	// Prefers reports whether runs of Kinds, all together, are this study's though others could
	// read them. There is at least one. Nil: no.
	Prefers func(specs []run.Spec) bool
	Scales  []Scale // in the order of ScaleNames, and then others

	// Analyze says what runs show, together and each by itself. It never
	// fails: what the records do not hold is said in words. It takes any runs
	// of Kinds, in any state, also those that the study did not ask for.
	Analyze func(runs []Run) Analysis
	// Advise says what one run of Kinds advises whoever trains its network. Nil: nothing.
	Advise func(r Run) Advice
	// Tune says which learning rate short runs of one setting speak for, and which to try next, with
	// so many runs at most. There is at least one run. Nil: nothing.
	Tune func(runs []Run, most int) Tuning
}

// A Claim is a statement of the paper.
type Claim struct {
	Text    string
	Figures []string // of the paper, that show it: "2", "3a"; none if no figure does
}

// The scales of a study, from the smallest.
const (
	Test  = "test"  // seconds: every part is there and nothing is shown
	Demo  = "demo"  // under two minutes on two cores, on data inside the program
	Small = "small" // minutes to a few hours on two cores
	Paper = "paper" // what the paper did
)

// ScaleNames are the scales that every study has, before those of its own.
var ScaleNames = []string{Test, Demo, Small, Paper}

// A Scale is the trials of a study for a given amount of time.
type Scale struct {
	Name   string         // one of ScaleNames, or another
	Doc    string         // how long it takes, what data it needs, what it cuts
	Trials func() []Trial // a list may be long, and is made when it is asked for
}

// A Trial is one spec of a scale, and the figures that need it.
type Trial struct {
	Spec    run.Spec
	Figures []string // as in Claim
}

// Trials returns a trial for each spec, all of the same figures.
func Trials(specs []run.Spec, figures ...string) []Trial {
	var list []Trial
	for _, s := range specs {
		list = append(list, Trial{s, figures})
	}
	return list
}

// Figures returns the figures of the paper that the claims name, in their order.
func (s Study) Figures() []string {
	var list []string
	for _, c := range s.Claims {
		for _, f := range c.Figures {
			if !slices.Contains(list, f) {
				list = append(list, f)
			}
		}
	}
	slices.Sort(list)
	return list
}

// Scale returns the scale of a name.
func (s Study) Scale(name string) (Scale, error) {
	for _, scale := range s.Scales {
		if scale.Name == name {
			return scale, nil
		}
	}
	return Scale{}, unknown("scale", name, s.ScaleNames())
}

// ScaleNames returns the names of the scales of the study.
func (s Study) ScaleNames() []string {
	var names []string
	for _, scale := range s.Scales {
		names = append(names, scale.Name)
	}
	return names
}

// Specs returns the specs of a scale that a figure of the paper needs, and all
// of them if the figure is "". A figure with parts, such as 3 with 3a and 3b,
// needs those of all its parts; "fig3a" and "Fig. 3a" mean 3a.
func (s Study) Specs(scale, figure string) ([]run.Spec, error) {
	at, err := s.Scale(scale)
	if err != nil {
		return nil, err
	}
	asked := figureName(figure)
	if figure != "" && !slices.ContainsFunc(s.Figures(), func(f string) bool { return partOf(f, asked) }) {
		return nil, unknown("figure", figure, s.Figures())
	}
	var specs []run.Spec
	for _, t := range at.Trials() {
		if figure == "" || slices.ContainsFunc(t.Figures, func(f string) bool { return partOf(f, asked) }) {
			specs = append(specs, t.Spec)
		}
	}
	if len(specs) == 0 {
		return nil, fmt.Errorf("figure %s has no trial at scale %s; it has some at %s", asked, scale, orNone(s.scalesOf(asked)))
	}
	return specs, nil
}

// scalesOf returns the scales that have a trial of a figure.
func (s Study) scalesOf(figure string) []string {
	var names []string
	for _, scale := range s.Scales {
		if slices.ContainsFunc(scale.Trials(), func(t Trial) bool {
			return slices.ContainsFunc(t.Figures, func(f string) bool { return partOf(f, figure) })
		}) {
			names = append(names, scale.Name)
		}
	}
	return names
}

// figureName returns "3a" of "Fig. 3a", "fig3a" and "3A".
func figureName(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	for _, word := range []string{"figure", "fig.", "fig"} {
		if rest, ok := strings.CutPrefix(s, word); ok {
			return strings.TrimSpace(rest)
		}
	}
	return s
}

// partOf reports whether a figure is the one asked for, or a part of it: 3a is
// a part of 3, and 31 is not.
func partOf(figure, asked string) bool {
	rest, ok := strings.CutPrefix(figure, asked)
	return ok && asked != "" && (rest == "" || rest[0] < '0' || rest[0] > '9')
}

// unknown says that there is no such scale or figure, and what may be meant.
func unknown(what, name string, choices []string) error {
	if near, ok := run.Nearest(name, choices); ok && len(name) > 2 {
		return fmt.Errorf("unknown %s %q; did you mean %q?", what, name, near)
	}
	return fmt.Errorf("unknown %s %q; there is %s", what, name, orNone(choices))
}

func orNone(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}

// Check returns the first thing that a study lacks: a name, a claim, a scale, the
// trials of one, or a claim for the figure of a trial. The tests of the catalogue
// call it.
func (s Study) Check() error {
	switch {
	case s.Name == "" || s.Title == "" || s.Paper == "" || s.Doc == "":
		return fmt.Errorf("study %q: a name, a title, a paper or a doc is missing", s.Name)
	case len(s.Claims) == 0 || len(s.Kinds) == 0 || s.Analyze == nil:
		return fmt.Errorf("study %s: claims, kinds or an analysis are missing", s.Name)
	}
	names := s.ScaleNames()
	if len(names) < len(ScaleNames) || !slices.Equal(names[:len(ScaleNames)], ScaleNames) {
		return fmt.Errorf("study %s has the scales %s; each has %s, in this order, and then others", s.Name, strings.Join(names, ", "), strings.Join(ScaleNames, ", "))
	}
	for i, scale := range s.Scales {
		if scale.Name == "" || slices.Contains(names[:i], scale.Name) || scale.Doc == "" || scale.Trials == nil || len(scale.Trials()) == 0 {
			return fmt.Errorf("study %s: scale %q stands there twice, or is without a name, a doc or trials", s.Name, scale.Name)
		}
		for _, t := range scale.Trials() {
			if !slices.Contains(s.Kinds, t.Spec.Kind) {
				return fmt.Errorf("study %s, scale %s: a trial of kind %q, which the analysis does not read", s.Name, scale.Name, t.Spec.Kind)
			}
			for _, f := range t.Figures {
				if !slices.Contains(s.Figures(), f) {
					return fmt.Errorf("study %s, scale %s: a trial of figure %q, which no claim names", s.Name, scale.Name, f)
				}
			}
		}
	}
	return nil
}
