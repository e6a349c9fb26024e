package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"

	"breakeven/flight/show"
	"breakeven/run"
	"breakeven/task"
	"breakeven/trial"

	"github.com/spf13/cobra"
)

func (a *app) flightTrainCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "train [experiment.yaml]",
		Short: "Train the network of Liu and Hansen on flights",
		Long: `Trains a network that predicts the next state of a flight from its plan, its states
and the weather ahead, after Liu and Hansen 2018. It is ` + "`breakeven run --task flights`" + `:
the runs are stored and resumed, lists of values and --seeds are several of them, and
every probe measures them. ` + "`breakeven flight evaluate --run last`" + ` and flight map then
show what the network predicts.

` + flightFiles,
		Example: `  breakeven flight train --units 16 --epochs 4 --probe loss --examples 10
  breakeven flight evaluate --run last`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt),
	}
	flags := addSpecFlags(c)
	files := c.Flags().String("tracks", "", "table of fixes, the same as --data")
	_ = c.MarkFlagFilename("tracks", "csv", "gz", "tsv", "parquet")
	a.storeFlag(c)
	a.dataFlag(c)
	a.memoryFlag(c)
	seeds := seedsFlag(c)
	again, dry := seriesFlags(c)
	a.jsonFlag(c)
	a.quietFlag(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		if *files != "" {
			if c.Flags().Changed("data") {
				return usagef("--tracks: it is the same as --data; leave out one of them")
			}
			if _, err := os.Stat(*files); err != nil {
				return err
			}
			if family, ok := task.FamilyOf(run.Spec{Data: *files}); !ok || family.Name != "flights" {
				return usagef("--tracks: %s is no table of tracks; it has columns for the flight, the time, latitude and longitude", *files)
			}
			if err := c.Flags().Set("data", *files); err != nil {
				return usageError{err}
			}
		}
		base, err := usual("flights")
		if err != nil {
			return err
		}
		specs, err := a.readSpecs(base, args, flags, *seeds)
		if err != nil {
			return err
		}
		return a.runSpecs(specs, *again, *dry)
	}
	return c
}

// The demonstration of flights.
const (
	flightDemoStore = "breakeven-flight-demo"
	flightDemoMap   = "map.html"
)

// flightDemoFolds is how many networks it trains, each of which holds out a part of the flights.
const flightDemoFolds = 5

// flightDemoSpecs are what it trains.
func flightDemoSpecs(quick bool) ([]run.Spec, error) {
	base, err := usual("flights")
	base.Epochs, base.Batch, base.Probes, base.Every = 120, 4, []string{"loss"}, 90
	folds, units := flightDemoFolds, 96
	if quick {
		base.Epochs, folds, units = 1, 2, 4
	}
	own := map[string]any{"units": units, "folds": folds}
	var specs []run.Spec
	for fold := range folds {
		s := base
		s.More = maps.Clone(s.More)
		own["fold"] = fold
		for _, f := range trial.Declared(s) {
			if value, ok := own[f.Name]; ok {
				f.Set(&s, value)
			}
		}
		specs = append(specs, s.Canonical(known()))
	}
	return specs, err
}

func (a *app) flightDemoCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "demo",
		Short: "Train on real flights, predict others, and see a map in a minute",
		Long: `Trains the network of Liu and Hansen 2018 on fifteen flights from Houston to Boston,
which are inside the program: five times, each on four fifths of them. The mean of
the five predicts five other flights from their first 40 minutes; what each held out
says how far off that may be. Simple methods are compared, and a map is written that
plays along time. Fifteen flights are few: the paper had 1,342.

It takes about a minute on two cores. The runs are kept in --store: after Ctrl-C
the same command goes on.`,
		Example: `  breakeven flight demo
  breakeven flight demo --again -o demo.html`,
		Args: cobra.NoArgs,
	}
	dir := c.Flags().String("store", flightDemoStore, "folder that keeps the runs")
	output := c.Flags().StringP("output", "o", flightDemoMap, "map to write")
	again := c.Flags().Bool("again", false, "train anew, although the runs are there")
	quick := c.Flags().Bool("quick", false, "a few steps: a demonstration of nothing, in seconds")
	_ = c.Flags().MarkHidden("quick") // for tests
	a.memoryFlag(c)
	a.quietFlag(c)
	c.RunE = func(*cobra.Command, []string) error {
		a.store = *dir // the other commands have another default
		specs, err := flightDemoSpecs(*quick)
		if err != nil {
			return err
		}
		ids, err := a.flightDemoRuns(specs, *again)
		if err != nil || ids == nil {
			return err
		}
		return a.flightDemoShow(ids, *output)
	}
	return c
}

// flightDemoRuns trains, or goes on with what was begun. It returns the IDs of the runs, or none if
// they were stopped.
func (a *app) flightDemoRuns(specs []run.Spec, again bool) ([]string, error) {
	s, err := a.openStore()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	runs, err := a.finish(s, series{name: "training", specs: specs, again: again, resume: a.typed()})
	var ids []string
	for _, r := range runs {
		ids = append(ids, r.ID)
	}
	return ids, err
}

// flightDemoShow compares the networks with simple methods, and writes the map.
func (a *app) flightDemoShow(ids []string, output string) error {
	f := &flightFlags{network: usualNetwork()}
	f.network.runs = ids
	f.options.Known, f.options.Step, f.options.Steps = 20, 120, 70
	h, network, err := a.openFlights(f)
	if err != nil {
		return err
	}
	methods, err := methodsOf([]string{"constant-rates", "filed-plan", usualMethod, "same-plan"})
	if err != nil {
		return err
	}
	e := evaluation{Learned: len(h.past)}
	p := show.Page{Title: "From Houston to Boston", By: network[0].doc, Air: h.air, Storms: h.storms}
	err = a.working("predicting", func(ctx context.Context, at *meter) (err error) {
		p.Predictions, err = e.add(ctx, append(network, methods...), h, f, at)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(a.stdout)
	if err := a.writeEvaluation(e, f, ""); err != nil {
		return err
	}
	if err := a.writeTo(output, func(w io.Writer) error { return show.HTML(w, p) }); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "\nmap: %s\n", output)
	return err
}
