package main

import (
	"fmt"
	"strings"

	"breakeven/internal/store"
	"breakeven/run"

	"github.com/spf13/cobra"
)

func (a *app) runsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "runs",
		GroupID: "look",
		Short:   "List the runs of a store",
		Long: `Lists the runs that a store keeps, newest first. A run that is "killed" was
neither ended nor stopped, and no process works on it: resume it, as one that
is "stopped". Of a run that is "damaged" the database cannot be read; why stands
below the list.`,
		Example: "  breakeven run --model tiny --steps 20 --probe loss\n  breakeven runs\n  breakeven runs --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			s, err := store.OpenReader(a.store)
			if err != nil {
				return err
			}
			defer s.Close()
			return a.listRuns(s)
		},
	}
	a.storeFlag(c)
	a.jsonFlag(c)
	return c
}

func (a *app) listRuns(s *store.Store) error {
	runs, err := s.Runs()
	if err != nil {
		return err
	}
	if a.json {
		list := []runJSON{}
		for _, r := range runs {
			list = append(list, a.toJSON(r))
		}
		return printJSON(a.stdout, list)
	}
	t := &table{head: []string{"run", "status", "steps", "records", "data", "model", "lr", "batch", "seed", "begun"}}
	_, working := s.Writer()
	var reasons []string
	for _, r := range runs {
		if r.Damage != nil {
			t.add(r.ID, damaged, "-", "-", "-", "-", "-", "-", "-", "-")
			reasons = append(reasons, fmt.Sprintf("%s: %s", r.ID, flat(r.Damage.Error())))
			continue
		}
		t.add(r.ID, stateText(r.Status, working), fmt.Sprint(max(r.LastStep, r.Checkpoint, 0)), fmt.Sprint(r.Records), r.Spec.Data, r.Spec.Model,
			fmt.Sprint(r.Spec.LR), fmt.Sprint(r.Spec.Batch), fmt.Sprint(r.Spec.Seed), r.Created.Local().Format("2006-01-02 15:04"))
	}
	if err := t.write(a.stdout); err != nil || len(reasons) == 0 {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "\n%s\n", strings.Join(reasons, "\n"))
	return err
}

// damaged is shown in place of the status of a run that cannot be read.
const damaged = "damaged"

// stateText is the status of a run; one that is running while no process
// writes to the store was killed.
func stateText(status run.Status, working bool) string {
	if status == run.Running && !working {
		return "killed"
	}
	return string(status)
}
