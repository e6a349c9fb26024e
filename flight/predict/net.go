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
	"breakeven/flight/tracks"
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
	// Step is the time in seconds between the states that it has learned from. What is known of a
	// flight is resampled so, back from its last known fix. 0: its fixes are its states.
	Step     float64
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
			results[i].Known = p.fixes
			list, at = append(list, p), append(at, i)
		}
	}
	if len(list) == 0 {
		return results, nil
	}
	together := together(len(list), o)
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
	fixes  int       // known ones
	known  int       // states
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
	seen, states := n.states(f, known)
	e, err := features.Of(seen, n.Features)
	if err != nil {
		return nil, err
	}
	x, fix := e.Input[(states-1)*features.Inputs:], f.Fixes[known-1]
	p := &past{Example: e, fixes: known, known: states, plan: n.Scale.Apply(e).Plan, points: match.Along(nil, &seen, n.Official)[:states]}
	p.last = flight.State{Time: fix.Time, Mean: filter.Vector{fix.Lat, fix.Lon, fix.Alt, x[4], x[5]}}
	if !n.vertical() {
		p.last.Mean[2] = math.NaN()
	}
	return p, nil
}

// states returns a flight as the network sees it after a number of its fixes, and how many states
// are known; with Features.Forward it has one more.
func (n *Net) states(f flight.Flight, known int) (seen flight.Flight, states int) {
	seen = f
	if n.Step == 0 {
		seen.Fixes = f.Fixes[:known]
		if n.Features.Forward && known < len(f.Fixes) {
			seen.Fixes = f.Fixes[:known+1]
		}
		return seen, known
	}
	first, last := f.Fixes[0].Time, f.Fixes[known-1].Time
	states = 1 + int((last-first)/n.Step+1e-9)
	seen.Fixes = nil
	for k := range states {
		seen.Fixes = append(seen.Fixes, tracks.At(f.Track, max(first, last-n.Step*float64(states-1-k))))
	}
	if next := last + n.Step; n.Features.Forward && next <= f.Fixes[len(f.Fixes)-1].Time {
		seen.Fixes = append(seen.Fixes, tracks.At(f.Track, next))
	}
	return seen, states
}

// Memory returns how many bytes Predict takes for so many flights, whose plans have up to so many
// points as the network reads them.
func (n *Net) Memory(flights, points int, weather bool, o search.Options) (int64, error) {
	o.Components = n.Mixture.Components
	together := together(flights, o)
	rows := together * o.Beams
	step, encoder, err := n.networks(points)
	if err != nil {
		return 0, err
	}
	bytes := step.Memory(n.settings(rows)) + 4*int64(step.Dim()) + roomBytes(step, rows, n.Mixture, weather && n.Cube != nil)
	if encoder != nil {
		bytes += encoder.Memory(n.settings(together)) + 4*int64(encoder.Dim())
	}
	return bytes + o.Memory(flights, together), nil
}

// together returns how many of so many flights are predicted at a time.
func together(flights int, o search.Options) int { return min(max(1, rowsAtOnce/o.Beams), flights) }

// networks returns the two parts of the network: a step of the decoder, and the encoder of plans of
// up to so many points, nil if it reads none.
func (n *Net) networks(points int) (step, encoder *nn.Network, err error) {
	if width := n.Mixture.Width(); len(n.Mixture.Blocks) != 2 || width != 5 && width != 4 {
		return nil, nil, fmt.Errorf("predict: a mixture of blocks %v, which is no state of a flight", n.Mixture.Blocks)
	}
	in := []nn.Input{{Name: model.StateInput, Shape: nn.Seq(1, features.Inputs)}}
	if n.Cube != nil {
		in = append(in, nn.Input{Name: model.CubeInput, Shape: nn.Shape{T: 1, C: match.Channels, H: match.Rows, W: match.Cols}})
	}
	if n.Plan {
		encoder = model.DeepTPEncoder(n.Spec, nn.Input{Name: model.PlanInput, Shape: nn.Seq(points, features.Points)})
	}
	return model.DeepTPStep(n.Spec, in, n.Mixture.Outputs()), encoder, nil
}

// settings are those of a part of the network.
func (n *Net) settings(batch int) nn.Settings {
	return nn.Settings{Batch: batch, Loss: n.Mixture, Evaluate: true}
}

// compile makes a stepper for flights, of which so many are predicted at a time, with so many
// beams each.
func (n *Net) compile(flights []*past, together, beams int, w Weather) (*stepper, error) {
	if n.Cube == nil {
		w = nil
	}
	s := &stepper{Net: n, weather: w}
	for _, f := range flights {
		s.longest = max(s.longest, len(f.plan)/features.Points)
	}
	step, encoder, err := n.networks(s.longest)
	if err != nil {
		return nil, err
	}
	if s.step, err = n.plan(step, together*beams); err != nil {
		return nil, err
	}
	if encoder != nil {
		if s.encoder, err = n.plan(encoder, together); err != nil {
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
	plan := net.Compile(n.settings(batch))
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
