package predict

import (
	"errors"
	"fmt"
	"math"

	"breakeven/flight"
	"breakeven/flight/features"
	"breakeven/flight/filter"
	"breakeven/flight/match"
	"breakeven/flight/search"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// Model is the name of the model that predicts flights.
const Model = "deeptp"

// A Net is a trained network, and what its numbers mean.
type Net struct {
	Spec     run.Spec                                    // fields of the model
	Tensor   func(name string) (data []float32, ok bool) // parameters by name
	Mixture  nn.MixtureDensity                           // of (latitude, longitude, altitude) and rates; or without altitude
	Scale    features.Scale
	Features features.Options
	Plan     bool // it reads plans
	Official bool // it sees weather as the released program matches it: see package match
	// Cube makes, of a cube of package match, what the network reads: [channels, rows, columns].
	// Nil: it reads no weather.
	Cube func(dst, cube []float32)
}

// Weather is where cubes come from: a [match.Matcher].
type Weather interface {
	MatchTo(dst []float32, points []match.Point) error
}

// A Result is what is predicted for a flight, or why nothing is.
type Result struct {
	flight.Prediction
	Err error
}

// rowsAtOnce is how many beams take a step together, unless one flight has more.
const rowsAtOnce = 576

// Predict continues flights after their first known fixes, or after all if they have fewer or
// known is 0. If w is nil the network sees no weather.
func (n *Net) Predict(flights []flight.Flight, known int, w Weather, o search.Options, stop func() error) ([]Result, error) {
	o.Components = n.Mixture.Components
	results := make([]Result, len(flights))
	var list []*past
	var at []int
	for i, f := range flights {
		p, err := n.past(f, known)
		results[i].Flight, results[i].Err = f, err
		if err == nil {
			results[i].Known = p.known
			list, at = append(list, p), append(at, i)
		}
	}
	if len(list) == 0 {
		return results, nil
	}
	together := min(max(1, rowsAtOnce/o.Beams), len(list))
	s, err := n.compile(list, together, o.Beams, w)
	if err != nil {
		return nil, err
	}
	for lo := 0; lo < len(list); lo += together {
		hi := min(lo+together, len(list))
		s.flights = list[lo:hi]
		last := make([]flight.State, hi-lo)
		for i, p := range s.flights {
			last[i] = p.last
		}
		found, err := search.Run(s, last, o, stop)
		if err != nil {
			return nil, err
		}
		for i, f := range found {
			r := &results[at[lo+i]]
			if r.Alternatives = f.Alternatives; f.Err != nil {
				r.Err = fmt.Errorf("predict: flight %.60q: %w", r.ID, f.Err)
			}
		}
	}
	return results, nil
}

// A past is what is known of a flight.
type past struct {
	*features.Example
	known  int
	plan   []float64 // scaled
	points []match.Point
	last   flight.State
}

// past returns what is known of a flight after a number of its fixes; 0 means all.
func (n *Net) past(f flight.Flight, known int) (*past, error) {
	if known <= 0 || known > len(f.Fixes) {
		known = len(f.Fixes)
	}
	if n.Plan && len(f.Plan) < 2 {
		return nil, fmt.Errorf("predict: flight %.60q has no plan, and the network has learned from plans", f.ID)
	}
	seen := f
	seen.Fixes = f.Fixes[:known]
	if n.Features.Forward && known < len(f.Fixes) {
		seen.Fixes = f.Fixes[:known+1]
	}
	e, err := features.Of(seen, n.Features)
	if err != nil {
		return nil, err
	}
	x, fix := e.Input[(known-1)*features.Inputs:], f.Fixes[known-1]
	p := &past{Example: e, known: known, plan: n.Scale.Apply(e).Plan, points: match.Along(nil, &seen, n.Official)[:known]}
	p.last = flight.State{Time: fix.Time, Mean: filter.Vector{fix.Lat, fix.Lon, fix.Alt, x[4], x[5]}}
	if !n.vertical() {
		p.last.Mean[2] = math.NaN()
	}
	return p, nil
}

// compile makes a stepper for flights, of which so many are predicted at a time, with so many
// beams each.
func (n *Net) compile(flights []*past, together, beams int, w Weather) (*stepper, error) {
	if width := n.Mixture.Width(); len(n.Mixture.Blocks) != 2 || width != 5 && width != 4 {
		return nil, fmt.Errorf("predict: a mixture of blocks %v, which is no state of a flight", n.Mixture.Blocks)
	}
	if n.Cube == nil {
		w = nil
	}
	in := []nn.Input{{Name: model.StateInput, Shape: nn.Seq(1, features.Inputs)}}
	if n.Cube != nil {
		in = append(in, nn.Input{Name: model.CubeInput, Shape: nn.Shape{T: 1, C: match.Channels, H: match.Rows, W: match.Cols}})
	}
	s := &stepper{Net: n, weather: w}
	var err error
	if s.step, err = n.plan(model.DeepTPStep(n.Spec, in, n.Mixture.Outputs()), together*beams); err != nil {
		return nil, err
	}
	if n.Plan {
		for _, f := range flights {
			s.longest = max(s.longest, len(f.plan)/features.Points)
		}
		net := model.DeepTPEncoder(n.Spec, nn.Input{Name: model.PlanInput, Shape: nn.Seq(s.longest, features.Points)})
		if s.encoder, err = n.plan(net, together); err != nil {
			return nil, err
		}
	}
	s.room(together * beams)
	return s, nil
}

// plan compiles a part of the network, with its parameters.
func (n *Net) plan(net *nn.Network, batch int) (*nn.Plan, error) {
	theta := make([]float32, net.Dim())
	for _, p := range net.Params() {
		data, ok := n.Tensor(p.Name)
		if !ok {
			return nil, errors.New("predict: the weights have no tensor " + p.Name)
		}
		if len(data) != p.Size() {
			return nil, fmt.Errorf("predict: tensor %s has %d numbers, and the network %d", p.Name, len(data), p.Size())
		}
		copy(theta[p.Offset:], data)
	}
	plan := net.Compile(nn.Settings{Batch: batch, Loss: n.Mixture, Evaluate: true})
	plan.SetParams(theta)
	return plan, nil
}

// vertical reports whether the network predicts altitudes.
func (n *Net) vertical() bool { return n.Mixture.Width() == features.Targets }

// Tensors returns the parameters of a network by name, as Net.Tensor has them.
func Tensors(params []nn.Param, theta []float32) func(name string) ([]float32, bool) {
	at := map[string]nn.Param{}
	for _, p := range params {
		at[p.Name] = p
	}
	return func(name string) ([]float32, bool) {
		p, ok := at[name]
		if !ok {
			return nil, false
		}
		return theta[p.Offset : p.Offset+p.Size()], true
	}
}
