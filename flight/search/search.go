// Package search finds the most likely continuations of flights: a beam search over the components
// of predicted mixtures, with a filter for each beam, after Liu and Hansen (arXiv 1812.11670) and
// their code.
//
// After each state of a beam a [Stepper] gives the density of the next one, a mixture of normal
// distributions. Each component is a child of the beam: its mean is a measurement for the beam's
// filter, and the filtered state is the child's. With weight w the child adds
//
//	w·log π_k + (1−w)·log N(μ_k; μ_k, Σ_k)
//
// and the filter's penalty to the score of its track.
//
// Laws:
//
//   - Nothing is drawn at random, and of equal scores the first counts as the larger: the same
//     densities give the same tracks, whatever the number of cores.
//   - Flights do not influence each other. One whose densities are not numbers fails alone.
package search

import (
	"errors"
	"unsafe"

	"breakeven/flight"
	"breakeven/flight/filter"
)

// A Component of a mixture. Its mean and covariance are in the units of [filter.Vector];
// longitudes may differ by whole turns.
type Component struct {
	LogWeight float64 // log π
	LogPeak   float64 // log density at its mean, in units that are the same for all components
	filter.Gaussian
}

// A Move takes a beam one state on.
type Move struct {
	Flight int          // number of its flight
	From   int          // place of its parent among the moves before; at the first move, the flight
	State  flight.State // where it is now
}

// A Stepper predicts next states for a number of flights at a time.
type Stepper interface {
	// Start computes in density[i] that of the first state after the known ones of flight i.
	Start(density [][]Component) error
	// Next moves beams, and computes in density[i] that of the state after moves[i].
	Next(moves []Move, density [][]Component) error
}

// Options say how to search.
type Options struct {
	Steps      int     // states to predict
	Beams      int     // tracks kept of each flight
	Components int     // K, of the mixtures
	Weight     float64 // w
	Filter     filter.Filter
	Unfiltered bool // a measurement is taken as it is
	Smooth     bool // the tracks that were found are smoothed, backward from their ends

	// The released code differs in these.
	Unpruned    bool // a beam keeps all its children until there are Beams, and later its best one
	LatePenalty bool // if Unpruned: once a beam has one child, penalties count a step late, the last ones before that twice
	SmoothByOne bool // smoothing is [filter.Filter.SmoothByOne]
}

// Default returns the options of the paper: nine beams for 70 steps of two minutes.
func Default() Options {
	return Options{Steps: 70, Beams: 9, Components: 3, Weight: 0.8, Filter: filter.Default(), Smooth: true}
}

// Official returns the options that give the tracks of the released code, with each penalty
// counted once. With LatePenalty the scores are its scores, too, which decide the best track. It
// smooths tracks by one step, but throws the result away.
func Official() Options {
	o := Default()
	o.Filter, o.Unpruned, o.Smooth, o.SmoothByOne = filter.Official(), true, false, true
	return o
}

// Memory returns how many bytes Run takes for flights, if it searches for so many of them at a time: the
// beams of these, and the tracks of all.
func (o Options) Memory(flights, together int) int64 {
	beams := int64(together) * int64(o.Beams)
	density := beams * int64(o.Components) * int64(unsafe.Sizeof(Component{}))
	moves := beams * int64(unsafe.Sizeof(Move{}))
	nodes := beams * int64(o.Steps) * int64(unsafe.Sizeof(node{}))
	tracks := int64(flights) * int64(o.Beams) * int64(o.Steps) * int64(unsafe.Sizeof(flight.State{}))
	return density + moves + nodes + tracks
}

// ErrDiverged is the error of a flight whose predicted densities are not numbers.
var ErrDiverged = errors.New("the prediction is not a number: the weights of the network are damaged, or its training has diverged")

// A Result is what was found for a flight: its continuations by falling score, or an error.
type Result struct {
	Alternatives []flight.Alternative
	Err          error
}

// Run continues flights, each from its last known state. The altitude of a flight whose last
// altitude is NaN stays unknown. It asks stop before each step.
func Run(s Stepper, last []flight.State, o Options, stop func() error) ([]Result, error) {
	r := newRun(last, o)
	if err := s.Start(r.density[:len(last)]); err != nil {
		return nil, err
	}
	for t := range o.Steps {
		if err := stop(); err != nil {
			return nil, err
		}
		r.expand(t)
		moves := r.moves(t)
		if t == o.Steps-1 || len(moves) == 0 {
			break
		}
		if err := s.Next(moves, r.density[:len(moves)]); err != nil {
			return nil, err
		}
	}
	return r.results(), nil
}
