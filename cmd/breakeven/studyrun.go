package main

import (
	"fmt"
	"strings"

	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/study"
	"breakeven/study/catalog"

	"github.com/spf13/cobra"
)

func (a *app) studyRunCommand() *cobra.Command {
	name := catalog.Studies[0].Name
	c := &cobra.Command{
		Use:   "run STUDY",
		Short: "Run the trials of a study, and report what they show",
		Long: `Runs the trials of a study one after the other, says in words what was found,
and writes a page with tables and curves. --scale says how much is done:
demo takes under two minutes on two cores and needs no data, small under half
an hour, and paper does what the paper did. ` + "`breakeven study show STUDY`" + ` lists
the trials of each scale and says what a scale cuts. With --only the trials that
one figure of the paper needs are run, and no others. With --seeds every trial is
run with as many seeds, and curves have bands over them.

The runs are kept in --store. A trial that is finished there is not run again,
and one that was begun goes on: after Ctrl-C, or when the machine went down, the
same command continues. Before the first trial begins, the data and the memory of
all of them are checked: those whose files are not there are left out, which is
said. With --workers several trials are run at a time, as a
sweep: see ` + "`breakeven sweep --help`" + `.`,
		Example: "  breakeven study run " + name + " --scale demo\n" +
			"  breakeven study run " + name + " --scale demo --only 3a\n" +
			"  breakeven study run " + name + " --scale demo --only 3a --seeds 2",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeStudies,
	}
	scale := c.Flags().String("scale", study.Demo, "how much is done: "+strings.Join(study.ScaleNames, ", ")+"; a study may have others")
	only := c.Flags().String("only", "", "run the trials of one figure of the paper alone, such as 3 or 3a")
	seeds := c.Flags().Int("seeds", 0, "run every trial with the seeds 0 to so many less one (default: those of the scale)")
	output := c.Flags().StringP("output", "o", "", "report to write (default: STUDY-SCALE.html)")
	again := c.Flags().Bool("again", false, "run all trials anew, although they are there")
	workers := c.Flags().Int("workers", 1, "trials that are run at a time; 0: one for each processor, as far as memory allows")
	a.storeFlag(c)
	a.dataFlag(c)
	a.memoryFlag(c)
	a.logFlag(c)
	a.jsonFlag(c)
	a.quietFlag(c)
	completes(c, "scale", completeScales)
	completes(c, "only", completeFigures)
	c.RunE = a.logging(nil, func(args []string) error {
		s, err := findStudy(args[0])
		if err != nil {
			return err
		}
		if *again && *workers != 1 {
			return usagef("--again: trials are run anew one after the other: leave --workers out")
		}
		if *seeds < 0 || *seeds > maxSeeds {
			return usagef("--seeds %d: 1 to %d seeds, or 0 for those of the scale", *seeds, maxSeeds)
		}
		r := studyRunning{study: s, scale: *scale, only: *only, seeds: *seeds, again: *again, workers: *workers, output: *output}
		if r.output == "" {
			r.output = s.Name + "-" + r.scale + ".html"
		}
		r.resume = a.studyLine(r, *output)
		return a.runStudy(r)
	})
	return c
}

// maxSeeds is how many seeds a study is run with at most: more than tell what varies from seed to seed.
const maxSeeds = 1000

// A studyRunning is a study to be run, and how.
type studyRunning struct {
	study       study.Study
	scale, only string // only: a figure; "" for all
	seeds       int    // of each trial; 0: those of the scale
	again       bool
	workers     int    // 1: one trial after the other, in this process
	output      string // of the page
	resume      string // the command that goes on with it
}

// studyLine is the command that goes on with a study.
func (a *app) studyLine(r studyRunning, output string) string {
	line := "breakeven study run " + r.study.Name + " --scale " + r.scale
	for _, flag := range []struct{ name, value string }{{"only", r.only}, {"output", output}, {"data-dir", a.dataDir}, {"memory", a.memory}, {"log", a.log}} {
		if flag.value != "" {
			line += " --" + flag.name + " " + shellWord(flag.value)
		}
	}
	if r.seeds > 0 {
		line += fmt.Sprintf(" --seeds %d", r.seeds)
	}
	if r.workers != 1 {
		line += fmt.Sprintf(" --workers %d", r.workers)
	}
	return line + a.storeWords()
}

// findStudy returns the study that a user named.
func findStudy(name string) (study.Study, error) {
	s, err := catalog.Find(name)
	if err != nil {
		return s, usagef("%w; `breakeven study list` describes them", err)
	}
	return s, nil
}

// runStudy runs the trials of a study that are not finished, and prints and writes
// what all of them show.
func (a *app) runStudy(r studyRunning) error {
	specs, err := r.study.Specs(r.scale, r.only)
	if err != nil {
		return usagef("%s: %w; `breakeven study show %s` lists scales and figures", r.study.Name, err, r.study.Name)
	}
	if r.seeds > 0 {
		specs = study.WithSeeds(specs, r.seeds)
	}
	words := known()
	for i := range specs {
		specs[i] = specs[i].Canonical(words)
		if err := specs[i].Validate(words); err != nil {
			return fmt.Errorf("study %s, scale %s: %w", r.study.Name, r.scale, err)
		}
	}
	s, err := a.openStore()
	if err != nil {
		return err
	}
	defer s.Close()
	runs, err := a.studyRuns(s, specs, r)
	if err != nil || runs == nil {
		return err
	}
	return a.studyOutcome(s, runs, r)
}

// studyRuns runs the trials of a study: one after the other, or as a sweep.
func (a *app) studyRuns(s *store.Store, specs []run.Spec, r studyRunning) ([]store.Run, error) {
	if r.workers == 1 {
		return a.finish(s, series{name: r.scale, specs: specs, again: r.again, absent: true, resume: r.resume})
	}
	p := a.newPlanner()
	specs, err := p.present(specs)
	if err != nil {
		return nil, err
	}
	w, err := s.Submit(strings.TrimSpace(r.study.Name+" "+r.scale+" "+r.only)+either(r.seeds > 0, fmt.Sprintf(", %d seeds", r.seeds), ""), usualRetries, origin(), specs)
	if err != nil {
		return nil, err
	}
	return a.sweepRuns(s, w, p, r.workers, r.resume)
}

// studyStopped says how to go on.
func (a *app) studyStopped(last store.Run, resume string) error {
	if a.json {
		j := a.toJSON(last)
		j.Resume = resume
		return printJSON(a.stdout, j)
	}
	_, err := fmt.Fprintf(a.stdout, "\n%s: %s: %s\ngo on with: %s\n", last.ID, last.Status, last.Message, resume)
	return err
}

// studyOutcome prints what the runs show, and writes the page.
func (a *app) studyOutcome(s *store.Store, runs []store.Run, r studyRunning) error {
	p, err := page(s, runs, r.study.Analyze)
	if err != nil {
		return err
	}
	p.Title, p.Source = r.study.Title, r.study.Paper
	if err := a.writePage(p, r.output); err != nil {
		return err
	}
	if a.json {
		j := studyOutcomeJSON{Study: r.study.Name, Scale: r.scale, Only: r.only, Seeds: r.seeds, Comparison: p.Analysis.Data, Report: r.output}
		for i, found := range runs {
			one := a.toJSON(found)
			one.Records, one.Findings = p.Runs[i].Records, p.Analysis.Runs[i].Data
			j.Runs = append(j.Runs, one)
		}
		return printJSON(a.stdout, j)
	}
	writeAnalysis(a.stdout, p.Analysis)
	_, err = fmt.Fprintf(a.stdout, "\nreport: %s\nmore:   breakeven show %s%s\n", r.output, runs[0].ID, a.storeWords())
	return err
}

// A studyOutcomeJSON is what the runs of a study show.
type studyOutcomeJSON struct {
	Study      string    `json:"study"`
	Scale      string    `json:"scale"`
	Only       string    `json:"only,omitempty"`  // a figure
	Seeds      int       `json:"seeds,omitempty"` // of each trial, where they are not those of the scale
	Runs       []runJSON `json:"runs"`
	Comparison any       `json:"comparison"` // what they show together
	Report     string    `json:"report"`     // the file of the page
}
