package main

import (
	"context"
	"fmt"
	"slices"

	"breakeven/flight"
	"breakeven/flight/baseline"
	"breakeven/flight/ensemble"
)

// alike returns an error if there is no mean of what networks predict.
func alike(nets []*network) error {
	for i, n := range nets {
		first := nets[0]
		switch {
		case i == 0:
		case slices.ContainsFunc(nets[:i], func(o *network) bool { return o.id == n.id }):
			return usagef("--run: run %s stands there twice", n.id)
		case n.Spec.Data != first.Spec.Data || n.flights.Set.Digest != first.flights.Set.Digest || n.Step != first.Step:
			return usagef("--run: runs %s and %s have other flights or other steps, so that there is no mean of them", first.id, n.id)
		case (n.Cube == nil) != (first.Cube == nil):
			return usagef("--run: of runs %s and %s one has learned with weather and one without", first.id, n.id)
		}
	}
	return nil
}

// joined returns what predicts: a network, or the mean of several and of the methods of --with.
func (a *app) joined(nets []*network, h *flightSet, f *flightFlags) (predictor, error) {
	with, err := methodsNamed("--with", f.network.with)
	switch {
	case err != nil:
		return predictor{}, err
	case f.network.valid:
		if h.nets, h.now = nets, union(nets, (*network).held); len(h.now) == 0 {
			return predictor{}, usagef("--valid: run %s has held no flights out for validation; train with --folds or --valid", nets[0].id)
		}
	case f.pace && !slices.ContainsFunc(nets, func(n *network) bool { return len(n.held()) > 0 }):
		return predictor{}, usagef("--pace: %s has held no flights out, by whose rates predictions could be corrected; train with --folds or --valid", nets[0].name)
	case len(nets) == 1 && len(with) == 0 && !f.pace:
		return nets[0].predictor(a, f), nil
	}
	h.past = union(nets, (*network).learned)
	return a.meanOf(nets, with, f), nil
}

// union returns the flights that any of the runs has, as of says.
func union(nets []*network, of func(*network) []flight.Flight) []flight.Flight {
	is := map[string]bool{}
	for _, n := range nets {
		for _, f := range of(n) {
			is[f.ID] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(nets[0].flights.Set.Whole), func(f flight.Flight) bool { return !is[f.ID] })
}

// meanOf returns the mean of networks and methods as what predicts. The methods are fitted on the
// flights that each network has learned from, so that what it holds out is new to both.
func (a *app) meanOf(nets []*network, with []baseline.Method, f *flightFlags) predictor {
	name, doc := plural(len(nets), "network"), nets[0].doc
	if len(nets) > 1 {
		doc = fmt.Sprintf("the mean of the networks of %d runs, the first of which is %s", len(nets), nets[0].id)
	}
	for _, m := range with {
		name += ", " + m.Name
		doc += ", averaged with " + m.Doc
	}
	return predictor{name: name, doc: doc, predict: func(ctx context.Context, h *flightSet, o baseline.Options, at *meter) ([]flight.Prediction, error) {
		var members []ensemble.Member
		for i, n := range nets {
			part := at.share(n.id, float64(i)/float64(len(nets)), float64(i+1)/float64(len(nets)))
			members = append(members, n.member(ctx, a, f, h, o, with, part))
		}
		return together(members, h)
	}}
}

// member returns a network, averaged with methods, as a part of an ensemble.
func (n *network) member(ctx context.Context, a *app, f *flightFlags, h *flightSet, o baseline.Options, with []baseline.Method, at *meter) ensemble.Member {
	var fitted []*baseline.Fitted
	for _, m := range with {
		fitted = append(fitted, m.Fit(n.learned(), o))
	}
	return ensemble.Member{Held: n.held(), Predict: func(flights []flight.Flight) ([]flight.Prediction, error) {
		list, err := n.predict(ctx, a, f, h, o, flights, at)
		if err != nil || len(fitted) == 0 {
			return list, err
		}
		for i, p := range list {
			of := []flight.Prediction{p}
			for _, m := range fitted {
				of = append(of, m.Predict(flights[i]))
			}
			list[i] = ensemble.Mean(of)
		}
		return list, nil
	}}
}

// together returns what members predict for a set: of flights that were held out, those that did.
func together(members []ensemble.Member, h *flightSet) ([]flight.Prediction, error) {
	e, err := ensemble.New(members)
	if err != nil {
		return nil, err
	}
	if h.pace {
		e.Pace()
	}
	if h.nets != nil {
		return e.Held(), nil
	}
	return e.Predict(h.now)
}

// heldBy returns what a simple method predicts for the flights that networks held out, fitted on
// what each of them has learned from.
func heldBy(m baseline.Method, h *flightSet, o baseline.Options) ([]flight.Prediction, error) {
	var members []ensemble.Member
	for _, n := range h.nets {
		fitted := m.Fit(n.learned(), o)
		members = append(members, ensemble.Member{Held: n.held(), Predict: func(flights []flight.Flight) (list []flight.Prediction, err error) {
			for _, f := range flights {
				list = append(list, fitted.Predict(f))
			}
			return list, nil
		}})
	}
	return together(members, h)
}
