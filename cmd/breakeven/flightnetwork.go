package main

import (
	"context"
	"fmt"

	"breakeven/flight"
	"breakeven/flight/baseline"
	"breakeven/flight/learn"
	flightmatch "breakeven/flight/match"
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
	step      float64       // s between the states that it has learned; 0: fixes as they are
	flights   *task.Flights // those of the run; nil: none
}

// openNetwork opens the network that the flags name, or returns nil.
func (a *app) openNetwork(f *flightFlags) (*network, error) {
	n, err := (*network)(nil), error(nil)
	switch {
	case f.network.run != "":
		n, err = a.openTrained(f)
	case f.network.named():
		n, err = openReleased(f)
	}
	if err != nil || n == nil || n.step == 0 {
		return n, err
	}
	if f.given("step") && f.options.Step != n.step {
		return nil, usagef("--step: %s has learned steps of %g seconds", n.name, n.step)
	}
	f.options.Step = n.step
	return n, nil
}

// openTrained opens the network of a run.
func (a *app) openTrained(f *flightFlags) (*network, error) {
	id, err := a.idOf(f.network.run)
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
		return nil, err
	}
	if begun := spec.DataSHA256; begun != "" && begun != flights.Set.Digest {
		return nil, fmt.Errorf("data: %s does not hold the flights that run %s was begun with: the SHA-256 is %s, not %s", spec.Data, id, flights.Set.Digest, begun)
	}
	net, err := flights.Net(spec, named(tensors))
	return &network{
		Net: net, name: "the network of run " + id, step: flights.Set.Step, flights: flights,
		doc: fmt.Sprintf("the network of run %s, trained on %d flights", id, len(flights.Train)),
	}, err
}

// openReleased opens the released network. With --official it reads fixes as they are, most of
// which lie two minutes apart in its data.
func openReleased(f *flightFlags) (*network, error) {
	net, err := flightpredict.Released(f.network.released...)
	n := &network{Net: net, name: "the released network", doc: "the network that Liu and Hansen have released", step: 120}
	if f.official {
		n.step = 0
	}
	return n, err
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
		h.now, err = n.states(a, h.now)
	}
	if err != nil {
		return nil, err
	}
	if h.weather == nil && (h.air != nil || h.storms != nil) {
		h.weather = flightmatch.New(h.air, h.storms, flightmatch.Options{Official: n.Official})
	}
	switch {
	case len(f.weather) == 0:
	case n.Cube == nil:
		a.warn("--weather: " + n.name + " has learned without weather, and predicts without it")
	default:
		var points []flightmatch.Point
		for i := range h.now {
			points = flightmatch.Along(points, &h.now[i], n.Official)
		}
		return h, h.weather.Check(points)
	}
	return h, nil
}

// own returns the flights of the training and of its test, or others in place of these.
func (n *network) own(a *app, f *flightFlags) (*flightSet, error) {
	set := n.flights.Set
	h := &flightSet{air: set.Air, storms: set.Storms, weather: set.Weather()}
	for _, i := range n.flights.Train {
		h.past = append(h.past, set.Flights[i])
	}
	test := n.flights.Test
	if len(test) == 0 {
		test = n.flights.Valid
	}
	for _, i := range test {
		h.now = append(h.now, set.Flights[i])
	}
	if f.files.Tracks != "" {
		others, err := a.readTracks(f.files)
		if err != nil {
			return nil, err
		}
		if h.now, err = n.states(a, others.Flights); err != nil {
			return nil, fmt.Errorf("%s: %w", f.files.Tracks, err)
		}
	}
	if len(h.now) == 0 {
		return nil, usagef("--run: run %s has no flights for a test; name flights with --tracks", f.network.run)
	}
	if len(f.weather) == 0 {
		return h, nil
	}
	h.weather = nil
	return h, h.readWeather(f, n.Official)
}

// states returns flights with the states that the network reads in place of their fixes. What
// has none is said, and left out.
func (n *network) states(a *app, list []flight.Flight) ([]flight.Flight, error) {
	set, err := learn.Of(&tracks.Set{Flights: list}, nil, nil, learn.Options{Step: n.step, Features: n.Features})
	if err != nil {
		return nil, err
	}
	for _, w := range set.Warnings {
		a.warn(w)
	}
	return set.Flights, nil
}

// predictor returns the network as what predicts. What cannot be predicted is said once.
func (n *network) predictor(a *app, f *flightFlags) predictor {
	return predictor{name: "network", doc: n.doc, predict: func(ctx context.Context, h *flightSet, o baseline.Options, at *meter) ([]flight.Prediction, error) {
		var w flightpredict.Weather
		if h.weather != nil {
			w = h.weather
		}
		const together = 64
		var list []flight.Prediction
		failed, first := 0, error(nil)
		for lo := 0; lo < len(h.now); lo += together {
			hi := min(lo+together, len(h.now))
			found, err := n.Predict(h.now[lo:hi], o.Known, w, f.search(o), ctx.Err)
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
			at.set(float64(hi)/float64(len(h.now)), fmt.Sprintf("flight %d of %d", hi, len(h.now)))
		}
		if failed > 0 {
			a.warn(fmt.Sprintf("nothing is predicted for %d of %d flights; the first: %v", failed, len(list), first))
		}
		return list, nil
	}}
}
