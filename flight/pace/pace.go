// Package pace corrects predictions by how much faster or slower than predicted earlier flights went:
// they met winds that have changed little since.
//
// A flight that was predicted and then seen is ahead of its prediction or behind it. Its rate is
// the time after which it was predicted to be where it is, over the time after which it was there,
// less 1. The pace of a flight that begins later is the mean of such rates, each as far as it was
// known then and at most after an hour and a half, with weights that are smaller for flights that were
// seen for less than that and fall with the time between, and shrunk toward 0.
//
// Laws:
//
//   - Of other flights only what was flown before the last known fix of the predicted one is used.
//   - The flights are of one route: winds that speed up some slow down those that go the other way.
//   - A flight of which no earlier one is known keeps its prediction.
package pace

import (
	"math"
	"sort"

	"breakeven/flight"
	"breakeven/flight/geodesy"
	"breakeven/flight/tracks"
)

// The constants were chosen by the flights from Houston to Boston that are not for the test, where twice
// or half of each changes little.
const (
	memory = 8 * 3600.0 // s, by which weights fall to 1/e
	whole  = 90 * 60.0  // s of a flight that count: later it is near its end
	shrink = 0.4        // weight of a rate of 0
)

// A Pace is what is known of the rates of flights.
type Pace struct{ flights []seen }

// seen is how a flight went.
type seen struct {
	from  float64   // its last known fix
	times []float64 // of its states, as far as it was flown
	rates []float64 // at these
}

// New returns the pace of flights that were predicted by a method that was not fitted on them, from
// their first alternatives and their whole tracks.
func New(held []flight.Prediction) *Pace {
	p := &Pace{}
	for _, h := range held {
		if s := ratesOf(h); len(s.rates) > 0 {
			p.flights = append(p.flights, s)
		}
	}
	return p
}

// ratesOf finds the rates of a flight.
func ratesOf(h flight.Prediction) (s seen) {
	if len(h.Alternatives) == 0 || h.Known < 1 || h.Known >= len(h.Fixes) {
		return s
	}
	last, end := h.Fixes[h.Known-1], h.Fixes[len(h.Fixes)-1].Time
	s.from = last.Time
	predicted := path(last, h.Alternatives[0].States)
	for _, x := range h.Alternatives[0].States {
		if x.Time > min(end, last.Time+whole) {
			break
		}
		there := tracks.Nearest(predicted, tracks.At(h.Track, x.Time).Point)
		s.times = append(s.times, x.Time)
		s.rates = append(s.rates, (there-x.Time)/(x.Time-last.Time))
	}
	return s
}

// path is a predicted track, from the last known fix on.
func path(last flight.Fix, states []flight.State) flight.Track {
	t := flight.Track{Fixes: []flight.Fix{last}}
	for _, s := range states {
		t.Fixes = append(t.Fixes, flight.Fix{Time: s.Time, Point: flight.Point{Lat: s.Mean[0], Lon: s.Mean[1]}, Alt: s.Mean[2]})
	}
	return t
}

// At returns the pace of a flight whose last known fix was at a time: 0.05 if it will be after an
// hour where it was predicted to be after an hour and three minutes.
func (p *Pace) At(now float64) float64 {
	sum, weights := 0.0, shrink
	for _, s := range p.flights {
		k := sort.Search(len(s.times), func(i int) bool { return s.times[i] > now }) - 1
		if k < 0 {
			continue
		}
		w := math.Exp((s.from-now)/memory) * min(1, (s.times[k]-s.from)/whole)
		sum, weights = sum+w*s.rates[k], weights+w
	}
	return sum / weights
}

// Apply returns predictions with the pace of their flights. A track that is to go farther than was
// predicted goes on straight. Covariances stay what they were.
func (p *Pace) Apply(list []flight.Prediction) []flight.Prediction {
	paced := make([]flight.Prediction, len(list))
	for i, x := range list {
		paced[i] = x
		if len(x.Alternatives) == 0 || x.Known < 1 || x.Known > len(x.Fixes) {
			continue
		}
		last := x.Fixes[x.Known-1]
		rate := p.At(last.Time)
		paced[i].Alternatives = nil
		for _, a := range x.Alternatives {
			a.States = along(last, a.States, rate)
			paced[i].Alternatives = append(paced[i].Alternatives, a)
		}
	}
	return paced
}

// along takes states to where they would be at another pace.
func along(last flight.Fix, states []flight.State, rate float64) []flight.State {
	predicted := path(last, states)
	moved := make([]flight.State, len(states))
	for k, s := range states {
		f := at(predicted, last.Time+(s.Time-last.Time)*(1+rate))
		s.Mean[0], s.Mean[1], s.Mean[2] = f.Lat, geodesy.Wrap(f.Lon), f.Alt
		s.Mean[3], s.Mean[4] = s.Mean[3]*(1+rate), s.Mean[4]*(1+rate)
		moved[k] = s
	}
	return moved
}

// at returns where a track is, or would be if it went on straight after its end.
func at(t flight.Track, time float64) flight.Fix {
	n := len(t.Fixes)
	a, b := t.Fixes[n-2], t.Fixes[n-1]
	if time <= b.Time {
		return tracks.At(t, time)
	}
	b.Point = geodesy.Between(a.Point, b.Point, (time-a.Time)/(b.Time-a.Time))
	return b
}
