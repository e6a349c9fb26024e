package main

import (
	"breakeven/study"
	"breakeven/study/catalog"

	"github.com/spf13/cobra"
)

const (
	demoStore  = "breakeven-demo"
	demoReport = "report.html"
)

func (a *app) demoCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "demo",
		GroupID: "do",
		Short:   "See the break-even point in a minute, on embedded data",
		Long: `Trains a small convolutional network on 6,000 images of Fashion-MNIST, which are
inside the program, once at a small and once at a large learning rate. Measures
both runs along the way, says in words what was found (where the break-even
points are, and whether the two conjectures of Jastrzębski et al. 2020 held,
also when they did not), and writes a report with the curves.

It takes about a minute on two cores. The runs are kept in --store: after
Ctrl-C the same command goes on, and when both are there it shows them again at
once. Run it anew with --again. It is the first study of ` + "`breakeven study list`" + `
at its scale demo.`,
		Example: `  breakeven demo
  breakeven demo --again -o demo.html`,
		Args: cobra.NoArgs,
	}
	dir := c.Flags().String("store", demoStore, "folder that keeps the runs")
	output := c.Flags().StringP("output", "o", demoReport, "report to write")
	again := c.Flags().Bool("again", false, "run both anew, although they are there")
	quick := c.Flags().Bool("quick", false, "tiny networks, a few steps and examples: a demonstration of nothing, in seconds")
	_ = c.Flags().MarkHidden("quick") // for tests
	a.memoryFlag(c)
	a.jsonFlag(c)
	a.quietFlag(c)
	c.RunE = func(*cobra.Command, []string) error {
		a.store = *dir // the other commands have another default
		return a.runStudy(studyRunning{
			study: catalog.Studies[0], scale: either(*quick, study.Test, study.Demo), again: *again, workers: 1, output: *output,
			resume: "breakeven demo" + either(a.store == demoStore, "", " --store "+shellWord(a.store)),
		})
	}
	return c
}
