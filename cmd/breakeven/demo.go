package main

import (
	"context"
	"fmt"

	"breakeven/internal/store"
	"breakeven/run"
	breakeven2020 "breakeven/study/jastrzebski2020breakeven"
	"breakeven/trial"

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
once. Run it anew with --again.`,
		Example: `  breakeven demo
  breakeven demo --again -o demo.html`,
		Args: cobra.NoArgs,
	}
	dir := c.Flags().String("store", demoStore, "folder that keeps the runs")
	output := c.Flags().StringP("output", "o", demoReport, "report to write")
	again := c.Flags().Bool("again", false, "run both anew, although they are there")
	quick := c.Flags().Bool("quick", false, "a tiny network, a few steps and examples: a demonstration of nothing, in seconds")
	_ = c.Flags().MarkHidden("quick") // for tests
	a.memoryFlag(c)
	a.jsonFlag(c)
	a.quietFlag(c)
	c.RunE = func(*cobra.Command, []string) error {
		a.store = *dir // the other commands have another default
		return a.demo(demoSpecs(*quick), *again, *output)
	}
	return c
}

// demoProbes are what the findings need. Batch sharpness would take a quarter
// of the time more.
var demoProbes = []string{"loss", "k", "h", "stability", "step"}

// demoSpecs returns the two runs of the demonstration, or quick ones like them.
func demoSpecs(quick bool) []run.Spec {
	specs := breakeven2020.Demo()
	for i := range specs {
		if quick {
			specs[i].Model, specs[i].Steps, specs[i].Epochs, specs[i].Every, specs[i].Valid = "tiny", 4, 0, 2, 100
			specs[i].Measure = run.Measure{L: 5, M: 32, Examples: 64, PerExample: 32, Tolerance: 0.05}
		}
		specs[i].Probes = demoProbes
	}
	return specs
}

// demo makes the runs that are not there, compares them, and writes a report.
func (a *app) demo(specs []run.Spec, again bool, output string) error {
	s, err := a.openStore()
	if err != nil {
		return err
	}
	defer s.Close()
	v := a.newView()
	ctx, cancel := interruptible(v)
	runs, err := a.demoRuns(ctx, s, v, specs, again)
	cancel()
	v.close()
	if err != nil {
		return err
	}
	if last := runs[len(runs)-1]; last.Status.Resumable() {
		if a.json {
			return printJSON(a.stdout, a.toJSON(last))
		}
		_, err := fmt.Fprintf(a.stdout, "\n%s: %s: %s\ngo on with: breakeven demo%s\n", last.ID, last.Status, last.Message,
			either(a.store == demoStore, "", " --store "+shellWord(a.store)))
		return err
	}
	return a.demoOutcome(s, runs, output)
}

// demoRuns brings the runs of the specs to their ends. Where it was stopped,
// the last one that it returns can be resumed.
func (a *app) demoRuns(ctx context.Context, s *store.Store, v *view, specs []run.Spec, again bool) ([]store.Run, error) {
	var runs []store.Run
	for i, spec := range specs {
		r, err := demoRun(s, spec, again)
		if err != nil {
			return nil, err
		}
		title := fmt.Sprintf("%d of %d: learning rate %v", i+1, len(specs), spec.LR)
		if r.Status.Resumable() {
			t, err := trial.Open(ctx, spec, trial.Env{})
			if err != nil {
				return nil, err
			}
			if err := checkMemory(runMemory(t), a.memory, runLevers); err != nil {
				return nil, err
			}
			if i == 0 && !a.json && !a.quiet {
				planOf(t).write(v.lines)
			}
			from, warning, err := lastCheckpoint(s, r.ID)
			if err != nil {
				return nil, fmt.Errorf("%w; for the demonstration name another --store", err)
			}
			if warning != "" {
				a.warn(warning)
			}
			fmt.Fprintf(v.lines, "\n%s, run %s%s\n", title, r.ID, either(from == nil, "", ", goes on "+placeText(from)))
			if r, err = a.drive(ctx, s, r, t, from, v.run(fmt.Sprintf("lr %v", spec.LR), r.LastStep, startPart(from, t.Plan().Steps))); err != nil {
				return nil, err
			}
		} else {
			fmt.Fprintf(v.lines, "%s, run %s is %s already (--again runs it anew)\n", title, r.ID, r.Status)
		}
		runs = append(runs, r)
		if r.Status.Resumable() {
			break
		}
	}
	return runs, nil
}

// demoRun returns the run of a spec on the kernels of this processor, or a new
// one.
func demoRun(s *store.Store, spec run.Spec, again bool) (store.Run, error) {
	before, err := s.WithSpec(spec)
	if err != nil {
		return store.Run{}, err
	}
	for _, r := range before {
		if r.Origin.ISA == origin().ISA && (!again || r.Status.Resumable()) {
			return r, nil
		}
	}
	return s.Create(spec, origin())
}

// demoOutcome prints what the runs show, and writes the report.
func (a *app) demoOutcome(s *store.Store, runs []store.Run, output string) error {
	var all []breakeven2020.Findings
	var list []runJSON
	for _, r := range runs {
		records, err := s.Records(r.ID)
		if err != nil {
			return err
		}
		f := analyze(r, records)
		all = append(all, f)
		j := a.toJSON(r)
		j.Records, j.Findings = records, &f
		list = append(list, j)
	}
	comparison := breakeven2020.Compare(all)
	if err := a.writeReport(s, runs, output); err != nil {
		return err
	}
	if a.json {
		return printJSON(a.stdout, struct {
			Runs       []runJSON                `json:"runs"`
			Comparison breakeven2020.Comparison `json:"comparison"`
			Report     string                   `json:"report"`
		}{list, comparison, output})
	}
	if err := writeComparison(a.stdout, all, comparison); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.stdout, "\nreport: %s\nmore:   breakeven show %s --store %s\n", output, runs[0].ID, shellWord(a.store))
	return err
}
