package main

import (
	"fmt"
	"io"
	"slices"

	"breakeven/internal/report"
	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/study"
	"breakeven/study/catalog"
	"breakeven/task"

	"github.com/spf13/cobra"
)

func (a *app) reportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "report RUN…",
		GroupID: "look",
		Short:   "Write a page with curves and findings of one or more runs",
		Long: `Writes one page of HTML with the curves of the runs, what was found in each of
them, and, where they differ in the learning rate alone or in the batch size
alone, whether the two conjectures of Jastrzębski et al. 2020 held. The page
stands alone: it loads nothing. It says how every number was made.

RUN is the ID that ` + "`breakeven runs`" + ` shows, the beginning of it, the name of
the run, or "last". Runs of several stores are shown together with one --store for
each, where they are looked for, or as STORE:RUN; so runs can be compared that
were made at the same time.

Curves join the measurements. --average and --maxima draw moving averages or the
largest values so far in their place, as Jastrzębski et al. do, and keep the
measurements as faint lines. What was found does not depend on it.`,
		Example: `  breakeven run --model tiny --steps 20 --every 10 --examples 100
  breakeven report last -o report.html
  breakeven run --model tiny --lr 0.02 --steps 20 --every 10 --examples 100 --store two
  breakeven report breakeven-runs:last two:last`,
		Args: cobra.MinimumNArgs(1),
	}
	output := c.Flags().StringP("output", "o", "report.html", "file to write; -: standard output")
	pictures := c.Flags().String("pictures", "", "folder for the curves as SVG and PNG files, for slides and documents")
	average := c.Flags().Int("average", 1, "draw moving averages over so many measurements, an odd number")
	maxima := c.Flags().Bool("maxima", false, "draw the largest value so far")
	folders := storesFlag(c)
	c.ValidArgsFunction = a.completeRunsOf(func() []string { return *folders }, 1<<10)
	c.RunE = func(_ *cobra.Command, args []string) error {
		switch {
		case *average < 1 || *average%2 == 0:
			return usagef("--average %d: a moving average is over an odd number of measurements, such as 5: as many before each as behind it", *average)
		case *average > 1 && *maxima:
			return usagef("--average and --maxima: a line is either the average or the largest value so far; choose one")
		}
		s := newStores(*folders)
		defer s.close()
		runs, err := a.runsOf(s, args)
		if err != nil {
			return err
		}
		p, err := pageOf(runs, catalog.Analyze)
		if err != nil {
			return err
		}
		groups := slices.Concat(p.Analysis.Lead, p.Analysis.Groups)
		if *maxima {
			study.RunningMaxima(groups)
		} else if *average > 1 {
			study.Averaged(groups, *average)
		}
		if err := a.writePage(p, *output); err != nil {
			return err
		}
		if *pictures != "" {
			if _, err := report.Pictures(*pictures, groups); err != nil {
				return err
			}
		}
		if *output == "-" {
			return nil
		}
		_, err = fmt.Fprintln(a.stdout, *output)
		return err
	}
	return c
}

func (a *app) writePage(p report.Page, output string) error {
	return a.writeTo(output, func(w io.Writer) error { return report.Write(w, p) })
}

// page collects what a report of some runs of one store shows.
func page(s *store.Store, runs []store.Run, analyze analyzer) (report.Page, error) {
	return pageOf(within(s, runs), analyze)
}

// pageOf collects what a report of some runs shows.
func pageOf(runs []located, analyze analyzer) (report.Page, error) {
	first := runs[0].Origin
	p := report.Page{Program: "breakeven " + first.Program, ISA: first.ISA}
	list, analysis, err := analyzed(runs, analyze)
	if err != nil {
		return p, err
	}
	p.Analysis = analysis
	for i, r := range runs {
		id := list[i].ID
		p.Runs = append(p.Runs, report.Run{Run: list[i], Message: r.Message, Params: parameters(r.Spec)})
		if r.Origin != first {
			p.Notes = append(p.Notes, fmt.Sprintf("Run %s was made by breakeven %s, instruction set %s, numerics %d.", id, r.Origin.Program, r.Origin.ISA, r.Origin.Numerics))
		}
		if r.Changes != "" {
			p.Notes = append(p.Notes, fmt.Sprintf("The arithmetic of run %s changed %s: its bits are not those of a run that was not interrupted.", id, changesText(r.Run)))
		}
	}
	return p, nil
}

// parameters returns the number of parameters of a spec's network, 0 where
// this program does not know it.
func parameters(s run.Spec) int {
	net, ok := task.Network(s)
	if !ok {
		return 0
	}
	return net.Dim()
}
