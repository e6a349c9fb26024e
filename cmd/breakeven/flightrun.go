package main

import (
	"context"
	"fmt"
	"strings"

	"breakeven/flight"
	"breakeven/flight/baseline"
	"breakeven/flight/learn"
	flightmatch "breakeven/flight/match"
	flightpredict "breakeven/flight/predict"
	"breakeven/flight/weather"
	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/task"

	"github.com/spf13/cobra"
)

// runFlags give a command --run and what belongs to it.
func (a *app) runFlags(c *cobra.Command, f *flightFlags) {
	c.Flags().StringVar(&f.run, "run", "", "run of the store whose network predicts; its own test flights, unless --tracks names others; of several runs, with commas between, the mean")
	c.Flags().StringSliceVar(&f.with, "with", nil, "simple methods whose predictions are averaged with that of --run, with commas between")
	c.Flags().StringVar(&f.filter, "filter", filterNames[0], "Kalman filter of what networks predict: "+strings.Join(filterNames, ", "))
	c.Flags().BoolVar(&f.valid, "valid", false, "predict what the runs of --run held out for validation, each flight by those that did")
	_ = c.RegisterFlagCompletionFunc("with", completeWords(methodNames))
	_ = c.RegisterFlagCompletionFunc("filter", cobra.FixedCompletions(filterNames, cobra.ShellCompDirectiveNoFileComp))
	c.Flags().StringSliceVar(&f.weather, "weather", nil, "files with wind and storms, with commas between (with --run: in place of those of its training)")
	a.storeFlag(c)
	a.dataFlag(c)
	_ = c.RegisterFlagCompletionFunc("run", a.completeRuns(1))
}

// A trained is the network of a run.
type trained struct {
	id      string
	flights *task.Flights
	net     *flightpredict.Net
}

// openTrained opens the network that a run has come to.
func (a *app) openTrained(name string) (*trained, error) {
	id, err := a.idOf(name)
	if err != nil {
		return nil, err
	}
	spec, tensors, err := a.runAt(id, 0, false)
	if err != nil {
		return nil, err
	}
	if family, ok := task.FamilyOf(spec); !ok || family.Name != "flights" || spec.Model != "deeptp" {
		return nil, usagef("--run: %s trains %s on %s, and flights are predicted by the model deeptp of the task flights", id, spec.Model, spec.Data)
	}
	f, err := task.OpenFlights(spec, a.dataDir)
	if err != nil {
		return nil, err
	}
	if begun := spec.DataSHA256; begun != "" && begun != f.Set.Digest {
		return nil, fmt.Errorf("data: %s does not hold the flights that run %s was begun with: the SHA-256 is %s, not %s", spec.Data, id, f.Set.Digest, begun)
	}
	return &trained{id, f, f.Net(spec, named(tensors))}, nil
}

// idOf returns the ID of a run of the store.
func (a *app) idOf(name string) (string, error) {
	s, err := store.OpenReader(a.store)
	if err != nil {
		return "", err
	}
	defer s.Close()
	r, err := s.Find(name)
	return r.ID, err
}

// named finds tensors by their names.
func named(tensors []run.Tensor) func(name string) ([]float32, bool) {
	at := map[string][]float32{}
	for _, t := range tensors {
		at[t.Name] = t.Data
	}
	return func(name string) ([]float32, bool) { data, ok := at[name]; return data, ok }
}

// hangar returns the flights to predict, and those of the training.
func (t *trained) hangar(a *app, f *flightFlags) (*hangar, error) {
	set := t.flights.Set
	h := &hangar{air: set.Air, storms: set.Storms, weather: set.Weather(), past: t.whole(t.flights.Train), now: t.whole(t.flights.Test)}
	if len(h.now) == 0 {
		h.now = t.whole(t.flights.Valid)
	}
	if f.files.Tracks != "" {
		other, err := a.readTracks(f.files)
		if err != nil {
			return nil, err
		}
		others, err := learn.Of(other, nil, nil, learn.Options{Step: set.Step, Features: set.Features})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.files.Tracks, err)
		}
		for _, w := range others.Warnings[len(other.Warnings):] {
			a.warn(w)
		}
		h.now = others.Whole
	}
	if len(f.weather) > 0 {
		var err error
		if h.air, h.storms, err = weather.Load(weather.Options{AsStored: set.Official}, f.weather...); err != nil {
			return nil, err
		}
		h.weather = flightmatch.New(h.air, h.storms, flightmatch.Options{Official: set.Official})
	}
	if len(h.now) == 0 {
		return nil, usagef("--run: run %s has no flights for a test; name flights with --tracks", t.id)
	}
	return h, nil
}

// whole returns flights of the run's data, as they were recorded.
func (t *trained) whole(index []int) (list []flight.Flight) {
	for _, i := range index {
		list = append(list, t.flights.Set.Whole[i])
	}
	return list
}

// options checks that steps are those of the training.
func (t *trained) options(o *baseline.Options, given bool) error {
	step := t.flights.Set.Step
	switch {
	case step == 0:
	case given && o.Step != step:
		return usagef("--step: the network of run %s has learned steps of %g seconds", t.id, step)
	default:
		o.Step = step
	}
	return nil
}

// predictor returns the network as what predicts.
func (t *trained) predictor(a *app, f *flightFlags) predictor {
	doc := fmt.Sprintf("the network of run %s, trained on %d flights", t.id, len(t.flights.Train))
	return predictor{name: "network", doc: doc, predict: func(ctx context.Context, h *hangar, o baseline.Options) ([]flight.Prediction, error) {
		return t.predict(ctx, a, f, h, o, h.now)
	}}
}

// predict predicts flights, in the weather of a hangar.
func (t *trained) predict(ctx context.Context, a *app, f *flightFlags, h *hangar, o baseline.Options, flights []flight.Flight) ([]flight.Prediction, error) {
	s := searching(f)
	s.Steps, s.Filter.Step = o.Steps, o.Step
	var w flightpredict.Weather
	if h.weather != nil {
		w = h.weather
	}
	found, err := t.net.Predict(flights, o.Known, w, s, ctx.Err)
	if err != nil {
		return nil, err
	}
	var list []flight.Prediction
	failed, first := 0, error(nil)
	for _, r := range found {
		if r.Err != nil {
			if failed++; failed == 1 {
				first = r.Err
			}
		}
		list = append(list, r.Prediction)
	}
	if failed > 0 {
		a.warn(fmt.Sprintf("nothing is predicted for %d of %d flights; the first: %v", failed, len(found), first))
	}
	return list, nil
}
