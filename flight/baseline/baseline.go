// Package baseline predicts flights by simple means, to which a network is compared: constant
// velocity, straight to the destination, along the filed plan, the mean of earlier flights with the
// same plan, and that of the earlier flights that began most alike.
//
// A method is fitted on training flights and predicts from the first fixes of a flight and its
// plan. It gives the same kind of prediction as the network: a state for each step, with the
// covariance of the method's errors that many steps ahead on the training flights, each predicted
// as if it were not among them.
//
// Laws:
//
//   - Of a flight only Options.Known fixes and the plan are read.
//   - A method says nothing where it cannot: without a plan, for instance. Then a prediction has no
//     alternatives.
package baseline

import (
	"cmp"

	"breakeven/flight"
	"breakeven/flight/geodesy"
	"breakeven/flight/pace"
	"breakeven/flight/score"
)

// Options say what is known and predicted; those that are 0 have the paper's value.
type Options struct {
	Known int     // fixes of each flight that are known; 20
	Step  float64 // s between predicted states; 120
	Steps int     // predicted states; 70
}

func (o Options) filled() Options {
	return Options{cmp.Or(o.Known, 20), cmp.Or(o.Step, 120), cmp.Or(o.Steps, 70)}
}

// A Method is a way to predict.
type Method struct {
	Name string // as in a table
	Doc  string // one sentence
	make func(train []flight.Flight, o Options) path
}

// A path returns where a flight will be, at Options.Steps steps after its last known fix; nil if
// this cannot be said. It does not use the training flight with the index skip, −1 for none.
type path func(f flight.Flight, skip int) []flight.Fix

// Fitted is a method that has seen its training flights.
type Fitted struct {
	Method
	options Options
	path    path
	held    []flight.Prediction // of the training flights, each as if it were not among them
	cov     [][5][5]float64     // by step
	pace    *pace.Pace          // nil: predictions are not corrected
}

// sampled is how many training flights at most tell a method's covariance.
const sampled = 500

// Fit fits a method on training flights. Those of not more than Options.Known fixes are of no use
// to it.
func (m Method) Fit(train []flight.Flight, o Options) *Fitted {
	o = o.filled()
	var long []flight.Flight
	for _, f := range train {
		if len(f.Fixes) > o.Known {
			long = append(long, f)
		}
	}
	f := &Fitted{Method: m, options: o, path: m.make(long, o)}
	f.spread(long)
	return f
}

// Predict predicts the rest of a flight.
func (f *Fitted) Predict(fl flight.Flight) flight.Prediction {
	p := flight.Prediction{Flight: fl, Known: f.options.Known}
	if len(fl.Fixes) < f.options.Known || f.options.Known < 2 {
		return p
	}
	known := fl.Fixes[:f.options.Known]
	fl.Fixes = known
	fixes := f.path(fl, -1)
	if fixes == nil {
		return p
	}
	states := rated(known[len(known)-1], fixes)
	for k := range states {
		if k < len(f.cov) {
			states[k].Cov = f.cov[k]
		}
	}
	p.Alternatives = []flight.Alternative{{States: states}}
	if f.pace != nil {
		p = f.pace.Apply([]flight.Prediction{p})[0]
	}
	return p
}

// Pace corrects what the method predicts by how fast the training flights went: see package pace.
func (f *Fitted) Pace() {
	f.pace = pace.New(f.held)
	f.held = f.pace.Apply(f.held)
	f.cov = score.Covariance(f.held)
}

// rated makes states of fixes: rates are those since the one before.
func rated(last flight.Fix, fixes []flight.Fix) []flight.State {
	states := make([]flight.State, len(fixes))
	for k, x := range fixes {
		dt := x.Time - last.Time
		states[k] = flight.State{Time: x.Time, Mean: [5]float64{x.Lat, x.Lon, x.Alt, (x.Lat - last.Lat) / dt, geodesy.Wrap(x.Lon-last.Lon) / dt}}
		last = x
	}
	return states
}

// spread predicts training flights, and finds the covariances of the errors.
func (f *Fitted) spread(train []flight.Flight) {
	stride := (len(train) + sampled - 1) / sampled
	for i := 0; i < len(train); i += max(1, stride) {
		p := flight.Prediction{Flight: train[i], Known: f.options.Known}
		known := train[i]
		known.Fixes = known.Fixes[:p.Known]
		if fixes := f.path(known, i); fixes != nil {
			p.Alternatives = []flight.Alternative{{States: rated(known.Fixes[p.Known-1], fixes)}}
		}
		f.held = append(f.held, p)
	}
	f.cov = score.Covariance(f.held)
}
