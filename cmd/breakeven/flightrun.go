package main

import (
	"context"
	"fmt"

	"breakeven/flight"
	"breakeven/flight/baseline"
	"breakeven/flight/learn"
	flightmatch "breakeven/flight/match"
	flightpredict "breakeven/flight/predict"
	"breakeven/flight/search"
	"breakeven/flight/weather"
	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/task"

	"github.com/spf13/cobra"
)

// runFlags give a command --run and what belongs to it.
func (a *app) runFlags(c *cobra.Command, f *flightFlags) {
	c.Flags().StringVar(&f.run, "run", "", "run of the store whose network predicts; its own test flights, unless --tracks names others")
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
	n := &flightpredict.Net{
		Spec: spec, Tensor: named(tensors), Mixture: f.Mixture, Scale: f.Coder.Scale, Features: f.Coder.Features,
		Plan: f.Coder.Plans, Official: f.Set.Official,
	}
	if f.Coder.Cubes {
		n.Cube = f.Coder.Cube
	}
	return &trained{id, f, n}, nil
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

// flightSet returns the flights to predict, and those of the training.
func (t *trained) flightSet(a *app, f *flightFlags) (*flightSet, error) {
	set := t.flights.Set
	h := &flightSet{air: set.Air, storms: set.Storms, weather: set.Weather()}
	for _, i := range t.flights.Train {
		h.past = append(h.past, set.Flights[i])
	}
	now := t.flights.Test
	if len(now) == 0 {
		now = t.flights.Valid
	}
	for _, i := range now {
		h.now = append(h.now, set.Flights[i])
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
		h.now = others.Flights
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
func (t *trained) predictor(a *app, official bool) predictor {
	doc := fmt.Sprintf("the network of run %s, trained on %d flights", t.id, len(t.flights.Train))
	return predictor{name: "network", doc: doc, predict: func(ctx context.Context, h *flightSet, o baseline.Options) ([]flight.Prediction, error) {
		s := search.Default()
		if official {
			s = search.Official()
		}
		s.Steps, s.Filter.Step = o.Steps, o.Step
		var w flightpredict.Weather
		if h.weather != nil {
			w = h.weather
		}
		found, err := t.net.Predict(h.now, o.Known, w, s, ctx.Err)
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
	}}
}
