package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"breakeven/flight"
	"breakeven/flight/baseline"
	"breakeven/flight/ensemble"
	"breakeven/flight/search"
)

// filterNames are the forms of the filter of --filter.
var filterNames = []string{"adaptive", "plain", "none"}

// searching returns the options of the search that --official and --filter name.
func searching(f *flightFlags) search.Options {
	s := search.Default()
	if f.official {
		s = search.Official()
	}
	switch f.filter {
	case "plain":
		s.Filter = s.Filter.Plain()
	case "none":
		s.Unfiltered = true
	}
	return s
}

// openRuns opens the networks of --run, whose mean predicts if there are several or --with names
// methods beside them.
func (a *app) openRuns(f *flightFlags) (*hangar, []predictor, error) {
	if f.filter != "" && !slices.Contains(filterNames, f.filter) {
		return nil, nil, usagef("--filter: %q is none; there are %s", f.filter, strings.Join(filterNames, ", "))
	}
	with, err := methodsNamed("--with", f.with)
	if err != nil {
		return nil, nil, err
	}
	var nets []*trained
	for _, name := range strings.Split(f.run, ",") {
		t, err := a.openTrained(strings.TrimSpace(name))
		if err != nil {
			return nil, nil, err
		}
		if slices.ContainsFunc(nets, func(n *trained) bool { return n.id == t.id }) {
			return nil, nil, usagef("--run: run %s stands there twice", t.id)
		}
		if err := t.options(&f.options, f.step != nil && f.step.Changed); err != nil {
			return nil, nil, err
		}
		if len(nets) > 0 && !t.like(nets[0]) {
			return nil, nil, usagef("--run: runs %s and %s have other flights or other steps, so that there is no mean of them", nets[0].id, t.id)
		}
		nets = append(nets, t)
	}
	h, err := nets[0].hangar(a, f)
	if err != nil {
		return nil, nil, err
	}
	if f.valid {
		if h.nets, h.now = nets, union(nets, (*trained).held); len(h.now) == 0 {
			return nil, nil, usagef("--valid: run %s has held no flights out for validation; train with --folds or --valid", nets[0].id)
		}
	} else if len(nets) == 1 && len(with) == 0 {
		return h, []predictor{nets[0].predictor(a, f)}, nil
	}
	h.past = union(nets, (*trained).learned)
	return h, []predictor{a.meanOf(nets, with, f)}, nil
}

// like reports whether two runs have the same flights, in the same steps.
func (t *trained) like(other *trained) bool {
	a, b := t.flights.Set, other.flights.Set
	return t.net.Spec.Data == other.net.Spec.Data && a.Digest == b.Digest && a.Step == b.Step
}

// union returns the flights that any of the runs has, as of says.
func union(nets []*trained, of func(*trained) []flight.Flight) []flight.Flight {
	is := map[string]bool{}
	for _, t := range nets {
		for _, f := range of(t) {
			is[f.ID] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(nets[0].flights.Set.Whole), func(f flight.Flight) bool { return !is[f.ID] })
}

// learned returns the flights that a run has trained on.
func (t *trained) learned() []flight.Flight { return t.whole(t.flights.Train) }

// held returns the flights that a run kept for validation, if they are not those for the test.
func (t *trained) held() []flight.Flight {
	if len(t.flights.Valid) == 0 || slices.Contains(t.flights.Test, t.flights.Valid[0]) {
		return nil
	}
	return t.whole(t.flights.Valid)
}

// meanOf returns the mean of networks and methods as what predicts. The methods are fitted on the
// flights that each network has learned from, so that what it holds out is new to both.
func (a *app) meanOf(nets []*trained, with []baseline.Method, f *flightFlags) predictor {
	name := plural(len(nets), "network")
	doc := "the network of run " + nets[0].id
	if len(nets) > 1 {
		doc = fmt.Sprintf("the mean of the networks of %d runs, the first of which is %s", len(nets), nets[0].id)
	}
	for _, m := range with {
		name += ", " + m.Name
		doc += ", averaged with " + m.Doc
	}
	return predictor{name: name, doc: doc, predict: func(ctx context.Context, h *hangar, o baseline.Options) ([]flight.Prediction, error) {
		var members []ensemble.Member
		for _, t := range nets {
			members = append(members, t.member(ctx, a, f, h, o, with))
		}
		return together(members, h)
	}}
}

// together returns what members predict for a hangar: of flights that were held out, those that did.
func together(members []ensemble.Member, h *hangar) ([]flight.Prediction, error) {
	e, err := ensemble.New(members)
	if err != nil {
		return nil, err
	}
	if h.nets != nil {
		return e.Held(), nil
	}
	return e.Predict(h.now)
}

// heldBy returns what a simple method predicts for the flights that networks held out, fitted on
// what each of them has learned from.
func heldBy(m baseline.Method, h *hangar, o baseline.Options) ([]flight.Prediction, error) {
	var members []ensemble.Member
	for _, t := range h.nets {
		fitted := m.Fit(t.learned(), o)
		members = append(members, ensemble.Member{Held: t.held(), Predict: func(flights []flight.Flight) (list []flight.Prediction, err error) {
			for _, f := range flights {
				list = append(list, fitted.Predict(f))
			}
			return list, nil
		}})
	}
	return together(members, h)
}

// member returns a network, averaged with methods, as a part of an ensemble.
func (t *trained) member(ctx context.Context, a *app, f *flightFlags, h *hangar, o baseline.Options, with []baseline.Method) ensemble.Member {
	var fitted []*baseline.Fitted
	for _, m := range with {
		fitted = append(fitted, m.Fit(t.learned(), o))
	}
	return ensemble.Member{Held: t.held(), Predict: func(flights []flight.Flight) ([]flight.Prediction, error) {
		list, err := t.predict(ctx, a, f, h, o, flights)
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
