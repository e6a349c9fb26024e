package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"breakeven/flight"
	"breakeven/flight/baseline"
	"breakeven/flight/learn"
	flightpredict "breakeven/flight/predict"
	"breakeven/flight/tracks"
	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/task"
)

// A network is one that predicts flights: that of a run, or the released one.
type network struct {
	*flightpredict.Net
	name, doc string
	id        string        // of the run; "": none
	flights   *task.Flights // those of the run; nil: none
}

// openNetworks opens the networks that the flags name.
func (a *app) openNetworks(f *flightFlags) ([]*network, error) {
	var list []*network
	for _, name := range f.network.runs {
		n, err := a.openTrained(f, strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	if len(f.network.released) > 0 {
		n, err := openReleased(f)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	for _, n := range list {
		switch {
		case n.Step == 0:
		case f.given("step") && f.options.Step != n.Step:
			return nil, usagef("--step: %s has learned steps of %g seconds", n.name, n.Step)
		default:
			f.options.Step = n.Step
		}
	}
	return list, alike(list)
}

// openTrained opens the network of a run.
func (a *app) openTrained(f *flightFlags, name string) (*network, error) {
	id, err := a.idOf(name)
	if err != nil {
		return nil, err
	}
	spec, tensors, err := a.runAt(id, f.network.at, f.given("at"))
	if err != nil {
		return nil, err
	}
	if family, ok := task.FamilyOf(spec); !ok || family.Name != "flights" || spec.Model != flightpredict.Model {
		return nil, usagef("--run: %s trains %s on %s, and flights are predicted by the model %s of the task flights", id, spec.Model, spec.Data, flightpredict.Model)
	}
	flights, err := task.OpenFlights(spec, a.dataDir)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", id, err)
	}
	net, err := flights.Net(spec, named(tensors))
	return &network{
		Net: net, name: "the network of run " + id, id: id, flights: flights,
		doc: fmt.Sprintf("the network of run %s, trained on %d flights", id, len(flights.Train)),
	}, err
}

// openReleased opens the released network. With --official it reads fixes as they are, most of
// which lie two minutes apart in its data.
func openReleased(f *flightFlags) (*network, error) {
	net, err := flightpredict.Released(f.network.released...)
	if err == nil && !f.official {
		net.Step = 120
	}
	return &network{Net: net, name: "the released network", doc: "the network that Liu and Hansen have released"}, err
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

// flightSet returns the flights to predict, and those to learn from.
func (n *network) flightSet(a *app, f *flightFlags) (h *flightSet, err error) {
	if n.flights != nil {
		h, err = n.own(a, f)
	} else if h, err = a.openFiles(f, n.Official); err == nil {
		h.now, err = n.readable(a, h.now)
	}
	if err != nil {
		return nil, err
	}
	if h.weather == nil {
		h.weather = h.matcher(n.Official)
	}
	if len(f.weather) > 0 && n.Cube == nil {
		a.warn("--weather: " + n.name + " has learned without weather, and predicts without it")
	}
	return h, h.covered(f, h.weather, n.Official)
}

// own returns the flights of the training and of its test, or others in place of these.
func (n *network) own(a *app, f *flightFlags) (*flightSet, error) {
	set := n.flights.Set
	h := &flightSet{air: set.Air, storms: set.Storms, weather: set.Weather(), past: n.learned(), now: n.whole(n.flights.Test)}
	if len(h.now) == 0 {
		h.now = n.whole(n.flights.Valid)
	}
	if f.files.Tracks != "" {
		others, err := a.readTracks(f.files)
		if err != nil {
			return nil, err
		}
		if h.now, err = n.readable(a, others.Flights); err != nil {
			return nil, fmt.Errorf("%s: %w", f.files.Tracks, err)
		}
	}
	if len(h.now) == 0 {
		return nil, usagef("--run: run %s has no flights for a test; name flights with --tracks", n.id)
	}
	if len(f.weather) == 0 {
		return h, nil
	}
	h.weather = nil
	return h, h.readWeather(f, n.Official)
}

// whole returns flights of the run's data, as they were recorded.
func (n *network) whole(index []int) (list []flight.Flight) {
	for _, i := range index {
		list = append(list, n.flights.Set.Whole[i])
	}
	return list
}

// learned returns the flights that the run has trained on.
func (n *network) learned() []flight.Flight { return n.whole(n.flights.Train) }

// held returns the flights that the run kept for validation, if they are not those for the test.
func (n *network) held() []flight.Flight {
	if n.flights == nil || len(n.flights.Valid) == 0 || slices.Contains(n.flights.Test, n.flights.Valid[0]) {
		return nil
	}
	return n.whole(n.flights.Valid)
}

// readable returns the flights that the network can read. What it cannot is said, and left out.
func (n *network) readable(a *app, list []flight.Flight) ([]flight.Flight, error) {
	set, err := learn.Of(&tracks.Set{Flights: list}, nil, nil, learn.Options{Step: n.Step, Features: n.Features})
	if err != nil {
		return nil, err
	}
	for _, w := range set.Warnings {
		a.warn(w)
	}
	return set.Whole, nil
}

// predictor returns the network as what predicts. What cannot be predicted is said once.
func (n *network) predictor(a *app, f *flightFlags) predictor {
	return predictor{name: "network", doc: n.doc, predict: func(ctx context.Context, h *flightSet, o baseline.Options, at *meter) ([]flight.Prediction, error) {
		return n.predict(ctx, a, f, h, o, h.now, at)
	}}
}

// predict predicts flights, in the weather of a set.
func (n *network) predict(ctx context.Context, a *app, f *flightFlags, h *flightSet, o baseline.Options, flights []flight.Flight, at *meter) ([]flight.Prediction, error) {
	var w flightpredict.Weather
	if h.weather != nil {
		w = h.weather
	}
	const together = 64
	var list []flight.Prediction
	failed, first := 0, error(nil)
	for lo := 0; lo < len(flights); lo += together {
		hi := min(lo+together, len(flights))
		found, err := n.Predict(flights[lo:hi], o.Known, w, f.search(o), ctx.Err)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			if r.Err != nil {
				if failed++; failed == 1 {
					first = r.Err
				}
			}
			list = append(list, r.Prediction)
		}
		at.set(float64(hi)/float64(len(flights)), fmt.Sprintf("flight %d of %d", hi, len(flights)))
	}
	if failed > 0 {
		a.warn(fmt.Sprintf("nothing is predicted for %d of %d flights; the first: %v", failed, len(list), first))
	}
	return list, nil
}
