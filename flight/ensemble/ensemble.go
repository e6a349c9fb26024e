// Package ensemble predicts flights by the mean of several predictions: of networks that were
// trained with other seeds or on other flights, and of simple methods.
//
// The covariance of such a mean is that of its errors on flights that were held out: each is
// predicted by the mean of those members that were not fitted on it. Where all flights of a
// cross-validation are held out by one member each, this is the covariance of single members, which
// is rather too large for the mean of all.
package ensemble

import (
	"math"

	"breakeven/flight"
	"breakeven/flight/geodesy"
	"breakeven/flight/pace"
	"breakeven/flight/score"
)

// A Member is one way to predict.
type Member struct {
	// Predict returns a prediction for each flight, in their order; one that cannot be made has no
	// alternatives.
	Predict func([]flight.Flight) ([]flight.Prediction, error)
	Held    []flight.Flight // flights that it was not fitted on
}

// An Ensemble is members, and the covariance of their mean.
type Ensemble struct {
	members []Member
	held    []flight.Prediction
	cov     [][5][5]float64 // by step; none: too little was held out
	pace    *pace.Pace      // nil: predictions are not corrected
}

// New returns the ensemble of members, which must be one at least. It has them predict the flights
// that they hold out, which are known by their IDs.
func New(members []Member) (*Ensemble, error) {
	if len(members) == 0 {
		panic("ensemble: no members")
	}
	e := &Ensemble{members: members}
	var order []string
	of := map[string][]flight.Prediction{}
	for _, m := range members {
		list, err := m.Predict(m.Held)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			if of[p.ID] == nil {
				order = append(order, p.ID)
			}
			of[p.ID] = append(of[p.ID], p)
		}
	}
	for _, id := range order {
		e.held = append(e.held, Mean(of[id]))
	}
	e.cov = score.Covariance(e.held)
	e.spread(e.held)
	return e, nil
}

// Held returns the predictions of what was held out, each by those members that held it out. Their
// covariances are those of their own errors.
func (e *Ensemble) Held() []flight.Prediction { return e.held }

// Pace corrects what the ensemble predicts by how fast flights went that were held out: see package
// pace.
func (e *Ensemble) Pace() {
	e.pace = pace.New(e.held)
	e.held = e.pace.Apply(e.held)
	e.cov = score.Covariance(e.held)
	e.spread(e.held)
}

// spread gives predictions the covariances of the ensemble.
func (e *Ensemble) spread(list []flight.Prediction) {
	for _, p := range list {
		for _, a := range p.Alternatives {
			for k := range min(len(a.States), len(e.cov)) {
				a.States[k].Cov = e.cov[k]
			}
		}
	}
}

// Predict returns the mean of what the members predict for each flight.
func (e *Ensemble) Predict(flights []flight.Flight) ([]flight.Prediction, error) {
	of := make([][]flight.Prediction, len(flights))
	for _, m := range e.members {
		list, err := m.Predict(flights)
		if err != nil {
			return nil, err
		}
		for i, p := range list {
			of[i] = append(of[i], p)
		}
	}
	means := make([]flight.Prediction, len(flights))
	for i := range means {
		means[i] = Mean(of[i])
	}
	if e.pace != nil {
		means = e.pace.Apply(means)
	}
	e.spread(means)
	return means, nil
}

// Mean returns the mean of predictions of one flight: of the first alternatives of those that have
// one, as far as all of them reach. Its covariances are those of a mixture of them: the mean of
// their covariances, and that of the products of their distances from the mean. All must predict
// the same times.
func Mean(list []flight.Prediction) flight.Prediction {
	p := list[0]
	p.Alternatives = nil
	var tracks [][]flight.State
	for _, m := range list {
		if len(m.Alternatives) > 0 {
			tracks = append(tracks, m.Alternatives[0].States)
		}
	}
	if len(tracks) == 0 {
		return p
	}
	steps := len(tracks[0])
	for _, t := range tracks {
		steps = min(steps, len(t))
	}
	states := make([]flight.State, steps)
	for k := range states {
		states[k] = mean(tracks, k)
	}
	p.Alternatives = []flight.Alternative{{States: states}}
	return p
}

// mean returns the mean of state k of tracks.
func mean(tracks [][]flight.State, k int) flight.State {
	first, share := tracks[0][k], 1/float64(len(tracks))
	s := flight.State{Time: first.Time}
	off := make([][5]float64, len(tracks)) // from the first
	var middle [5]float64
	for i, t := range tracks {
		if t[k].Time != s.Time {
			panic("ensemble: predictions for different times")
		}
		for a := range off[i] {
			off[i][a] = t[k].Mean[a] - first.Mean[a]
		}
		off[i][1] = geodesy.Wrap(off[i][1])
		for a := range middle {
			middle[a] += share * off[i][a]
		}
	}
	for a := range middle {
		s.Mean[a] = first.Mean[a] + middle[a]
	}
	s.Mean[1] = geodesy.Wrap(s.Mean[1])
	for i, t := range tracks {
		for a := range 5 {
			for b := range 5 {
				s.Cov[a][b] += share * (t[k].Cov[a][b] + (off[i][a]-middle[a])*(off[i][b]-middle[b]))
			}
		}
	}
	if math.IsNaN(s.Mean[2]) {
		for a := range 5 {
			s.Cov[2][a], s.Cov[a][2] = math.NaN(), math.NaN()
		}
	}
	return s
}
