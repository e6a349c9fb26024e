package main

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/run"
	"breakeven/study"
	"breakeven/study/catalog"

	"github.com/spf13/cobra"
)

func (a *app) adviseCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "advise RUN…",
		GroupID: "look",
		Short:   "Say whether a learning rate and a batch fit, and what to try next",
		Long: `Reads the measurements of runs and answers what an engineer asks: whether the
learning rate is below break-even, at the bound of stability or past it, and what
that costs; which batch the gradient noise supports; whether training was long
enough; and what to try next, as commands. Each statement has its number with its
error, and says "not enough data" where that is so, and which probe would answer it.

Nothing is trained and nothing is changed. The learning rate of plain SGD is judged by
Eq. 1 of Jastrzębski et al. 2020 (probes loss,k,h,stability,step, which are measured
unless you say otherwise), that of other methods by the probe edge, and the batch by
the probe batchsize, noise or examples, the first of them that was measured.

RUN is the ID that ` + "`breakeven runs`" + ` shows, the beginning of it, the name of
the run, or "last". Several runs are compared, too.`,
		Example: `  breakeven run --model tiny --steps 20 --every 10 --examples 100 --probe loss,k,examples,h,stability,step
  breakeven advise last
  breakeven advise last --json`,
		Args: cobra.MinimumNArgs(1),
	}
	folders := storesFlag(c)
	a.jsonFlag(c)
	c.ValidArgsFunction = a.completeRunsOf(func() []string { return *folders }, 1<<10)
	c.RunE = func(_ *cobra.Command, args []string) error {
		s := newStores(*folders)
		defer s.close()
		runs, err := a.runsOf(s, args)
		if err != nil {
			return err
		}
		for _, r := range runs {
			if _, ok := catalog.Adviser(r.Spec.Kind); !ok {
				return usagef("%s is a run of kind %s; advice is about networks that are trained, such as runs of kind descent", r.ID, r.Spec.Kind)
			}
		}
		list, analysis, err := analyzed(runs, catalog.Analyze)
		if err != nil {
			return err
		}
		return a.advise(list, analysis)
	}
	return c
}

// An adviceJSON is what one run advises.
type adviceJSON struct {
	ID string `json:"id"`
	study.Advice
	Commands []string `json:"commands,omitempty"` // of Try, in its order; none if it was trained elsewhere
}

func (a *app) advise(runs []study.Run, all study.Analysis) error {
	var list []adviceJSON
	for i, r := range runs {
		by, _ := catalog.Adviser(r.Spec.Kind)
		one := adviceJSON{ID: r.ID, Advice: by.Advise(r)}
		one.Name = all.Runs[i].Name
		for _, t := range one.Try {
			s := r.Spec
			s.LR, s.Batch = t.LR, t.Batch
			if s.Kind == "descent" { // checkpoints were trained elsewhere
				one.Commands = append(one.Commands, runCommandOf(s))
			}
		}
		list = append(list, one)
	}
	if a.json {
		return printJSON(a.stdout, list)
	}
	for i, one := range list {
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		fmt.Fprintln(a.stdout, one.Name)
		for _, ans := range one.Answers {
			writeSentences(a.stdout, ans.Question+" "+ans.Short, ans.Why)
		}
		fmt.Fprintln(a.stdout, "\nWhat to try next?")
		for k, t := range one.Try {
			fmt.Fprintf(a.stdout, "- %s\n", wrap(fmt.Sprintf("η = %v, S = %d: %s.", t.LR, t.Batch, t.Why), lineOf(a.stdout), "  "))
			if k < len(one.Commands) {
				fmt.Fprintf(a.stdout, "  %s\n", one.Commands[k])
			}
		}
		if len(one.Try) == 0 {
			fmt.Fprintln(a.stdout, "- Nothing that was measured speaks for another learning rate or batch size.")
		}
	}
	if len(all.Choice.Rows) > 0 && len(runs) > 1 {
		fmt.Fprintf(a.stdout, "\n%s\n%s", all.Choice.Title, fitting(a.stdout, all.Choice))
	}
	var notes []string
	for _, one := range list {
		if one.Note != "" && !slices.Contains(notes, one.Note) {
			notes = append(notes, one.Note)
		}
	}
	writeSentences(a.stdout, "To bear in mind:", notes)
	return nil
}

// runCommandOf returns the command that makes the run of a spec: a flag for each field that is not
// at its default.
func runCommandOf(s run.Spec) string {
	words := []string{"breakeven", "run"}
	for _, f := range allFields() {
		if f.Derived || slices.Contains([]string{"kind", "format"}, f.Name) {
			continue
		}
		own := fieldOf(s, f)
		v := own.Value(s)
		if own.IsDefault(v) {
			continue
		}
		words = append(words, "--"+f.FlagName()+flagValue(v))
	}
	return strings.Join(words, " ")
}

// flagValue returns what stands after the name of a flag.
func flagValue(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return ""
		}
		return "=false"
	case []string:
		return " " + shellWord(strings.Join(v, ","))
	case []int, []float64:
		return " " + shellWord(strings.ReplaceAll(strings.Trim(fmt.Sprint(v), "[]"), " ", ","))
	}
	return " " + shellWord(fmt.Sprint(v))
}
