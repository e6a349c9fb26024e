package main

import (
	"fmt"
	"io"
	"strings"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
	"breakeven/study/catalog"

	"github.com/spf13/cobra"
)

func (a *app) studyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "study",
		GroupID: "do",
		Short:   "Reproduce a paper: its claims, its trials, what they show",
		Long: `A study is a paper made repeatable: what the paper claims, with the numbers of its
figures, the trials that test it at several scales, and an analysis that says
whether each claim held, also when it did not.`,
		Example: "  breakeven study list\n  breakeven study show " + catalog.Studies[0].Name,
	}
	c.AddCommand(a.studyListCommand(), a.studyShowCommand(), a.studyRunCommand())
	return c
}

func completeStudies(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var words []cobra.Completion
	if len(args) == 0 {
		for _, s := range catalog.Studies {
			words = append(words, cobra.CompletionWithDesc(s.Name, s.Title))
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

// completeScales completes the scales of the study that stands before the flag, or those of every study.
func completeScales(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		if s, err := catalog.Find(args[0]); err == nil {
			return s.ScaleNames(), cobra.ShellCompDirectiveNoFileComp
		}
	}
	return study.ScaleNames, cobra.ShellCompDirectiveNoFileComp
}

// completeFigures completes the figures of the study that stands before the flag.
func completeFigures(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	s, _ := catalog.Find(args[0]) // an unknown study completes nothing
	return s.Figures(), cobra.ShellCompDirectiveNoFileComp
}

func (a *app) studyListCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the studies",
		Long:    "Lists the studies that the program has, with the number of trials at each scale.",
		Example: "  breakeven study list\n  breakeven study list --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if a.json {
				var list []studyJSON
				for _, s := range catalog.Studies {
					list = append(list, describeStudy(s))
				}
				return printJSON(a.stdout, list)
			}
			for i, s := range catalog.Studies {
				if i > 0 {
					fmt.Fprintln(a.stdout)
				}
				writeStudy(a.stdout, s)
			}
			return nil
		},
	}
	a.jsonFlag(c)
	return c
}

func (a *app) studyShowCommand() *cobra.Command {
	name := catalog.Studies[0].Name
	c := &cobra.Command{
		Use:   "show STUDY",
		Short: "Show one study: claims, figures, and the trials of each scale",
		Long: `Shows one study: what the paper claims and in which figures, and for each scale
how long it takes, what it cuts, and its trials with the figures that need them.`,
		Example:           "  breakeven study show " + name + "\n  breakeven study show " + name + " --json",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeStudies,
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := findStudy(args[0])
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(a.stdout, describeStudy(s))
			}
			writeStudy(a.stdout, s)
			fmt.Fprintf(a.stdout, "\n%s\n", wrap(s.Doc, lineOf(a.stdout), ""))
			writeClaims(a.stdout, s)
			for _, scale := range s.Scales {
				writeScale(a.stdout, scale)
			}
			_, err = fmt.Fprintf(a.stdout, "\nrun it: breakeven study run %s --scale %s\n", s.Name, study.Demo)
			return err
		},
	}
	a.jsonFlag(c)
	return c
}

// writeStudy prints what a study is about.
func writeStudy(w io.Writer, s study.Study) {
	var sizes []string
	for _, scale := range s.Scales {
		sizes = append(sizes, fmt.Sprintf("%s %d", scale.Name, len(scale.Trials())))
	}
	fmt.Fprintf(w, "%s\n  %s\n  %s\n  trials: %s\n", s.Name, wrap(s.Title, lineOf(w), "  "), wrap(s.Paper, lineOf(w), "  "), listText(sizes))
}

func writeClaims(w io.Writer, s study.Study) {
	var lines []string
	for _, c := range s.Claims {
		lines = append(lines, c.Text+figuresText(" (", c.Figures, ")"))
	}
	writeSentences(w, "What the paper claims:", lines)
}

// figuresText returns "Fig. 2" or "Figs. 3a, 3b" between two texts, and nothing
// where there are none.
func figuresText(before string, figures []string, after string) string {
	switch len(figures) {
	case 0:
		return ""
	case 1:
		return before + "Fig. " + figures[0] + after
	}
	return before + "Figs. " + strings.Join(figures, ", ") + after
}

// mostListed is how many trials of a scale are written for people.
const mostListed = 100

func writeScale(w io.Writer, s study.Scale) {
	fmt.Fprintf(w, "\n--scale %s\n  %s\n", s.Name, wrap(s.Doc, lineOf(w), "  "))
	trials := s.Trials()
	for i, label := range labelsOf(specsOf(s)) {
		if i == mostListed {
			fmt.Fprintf(w, "  and %s more, which --json lists\n", digits.Thousands(len(trials)-i))
			return
		}
		fmt.Fprintf(w, "  %2d. %s%s\n", i+1, label, figuresText(" (", trials[i].Figures, ")"))
	}
}

func specsOf(s study.Scale) []run.Spec {
	var specs []run.Spec
	for _, t := range s.Trials() {
		specs = append(specs, t.Spec)
	}
	return specs
}

// A studyJSON describes a study.
type studyJSON struct {
	Name   string      `json:"name"`
	Title  string      `json:"title"`
	Paper  string      `json:"paper"`
	Doc    string      `json:"doc"`
	Claims []claimJSON `json:"claims"`
	Scales []scaleJSON `json:"scales"`
}

type claimJSON struct {
	Text    string   `json:"text"`
	Figures []string `json:"figures"` // of the paper
}

type scaleJSON struct {
	Name   string      `json:"name"`
	Doc    string      `json:"doc"`
	Trials []trialJSON `json:"trials"`
}

type trialJSON struct {
	Run     string   `json:"run"` // the ID of its first run in a store
	Figures []string `json:"figures"`
	Spec    run.Spec `json:"spec"`
}

func describeStudy(s study.Study) studyJSON {
	j := studyJSON{Name: s.Name, Title: s.Title, Paper: s.Paper, Doc: s.Doc}
	for _, c := range s.Claims {
		j.Claims = append(j.Claims, claimJSON{c.Text, append([]string{}, c.Figures...)})
	}
	words := known()
	for _, scale := range s.Scales {
		list := scaleJSON{Name: scale.Name, Doc: scale.Doc}
		for _, t := range scale.Trials() {
			spec := t.Spec.Canonical(words)
			list.Trials = append(list.Trials, trialJSON{spec.ID(), append([]string{}, t.Figures...), spec})
		}
		j.Scales = append(j.Scales, list)
	}
	return j
}
