package learn

import (
	"breakeven/flight/features"
	"breakeven/flight/match"
	"breakeven/model"
	"breakeven/nn"
)

// A Coder is what the numbers of a network mean.
type Coder struct {
	Scale    features.Scale
	Features features.Options
	Vertical bool    // it predicts altitudes
	Plans    bool    // it reads plans
	Cubes    bool    // it reads weather
	Latitude float64 // degrees, mean over the fitted flights' states
	norm     *match.Norm
}

// Fit returns the coder of the flights with the given numbers.
func (s *Set) Fit(index []int, stop func() error) (*Coder, error) {
	var examples []*features.Example
	for _, i := range index {
		examples = append(examples, s.features[i])
	}
	c := &Coder{Scale: features.Fit(examples), Features: s.Features, Vertical: s.Vertical, Plans: s.Plans, Cubes: s.weather != nil, Latitude: s.latitude(index)}
	if !c.Cubes {
		return c, nil
	}
	var m match.Moments
	err := s.eachCube(index, stop, func(_, _ int, cube []float32) { m.Add(cube) })
	c.norm = m.Norm()
	return c, err
}

// latitude returns the mean over all states of flights.
func (s *Set) latitude(index []int) float64 {
	sum, n := 0.0, 0.0
	for _, i := range index {
		for _, fix := range s.Flights[i].Fixes {
			sum, n = sum+fix.Lat, n+1
		}
	}
	return sum / n
}

// Cube makes, of a cube of package match, what the network reads: see [match.Norm.Apply].
func (c *Coder) Cube(dst, cube []float32) { c.norm.Apply(dst, cube) }

// eachCube calls f with the cubes of flights, given the place of the flight in index and the
// number of the state.
func (s *Set) eachCube(index []int, stop func() error, f func(k, t int, cube []float32)) error {
	var cubes []float32
	var at []match.Point
	for k, i := range index {
		if err := stop(); err != nil {
			return err
		}
		at = match.Along(at[:0], &s.Flights[i], s.Official)
		if need := len(at) * match.Size; len(cubes) < need {
			cubes = make([]float32, need)
		}
		if err := s.weather.MatchTo(cubes[:len(at)*match.Size], at); err != nil {
			return err
		}
		for t := range at {
			f(k, t, cubes[t*match.Size:(t+1)*match.Size])
		}
	}
	return nil
}

// Mixture returns the density of the targets: of latitude, longitude and altitude, and of the
// rates of the first two, with the given number of components.
func (c *Coder) Mixture(components int, floor float64) nn.MixtureDensity {
	m := nn.MixtureDensity{Components: components, Blocks: []int{3, 2}, Floor: floor}
	if !c.Vertical {
		m.Blocks[0] = 2
	}
	return m
}

// altitude is which number of a state, and of a target, is the altitude.
const altitude = 2

// Inputs returns the inputs of a network for flights of up to so many states with plans of up
// to so many points.
func (c *Coder) Inputs(states, points int) []nn.Input {
	in := []nn.Input{{Name: model.StateInput, Shape: nn.Seq(states, features.Inputs)}}
	if c.Plans {
		in = append(in, nn.Input{Name: model.PlanInput, Shape: nn.Seq(points, features.Points)})
	}
	if c.Cubes {
		in = append(in, nn.Input{Name: model.CubeInput, Shape: nn.Shape{T: states, C: match.Channels, H: match.Rows, W: match.Cols}})
	}
	return in
}

// Longest returns the most states of a flight and the most points of a plan.
func (s *Set) Longest() (states, points int) {
	for _, e := range s.features {
		states, points = max(states, e.States()), max(points, len(e.Plan)/features.Points)
	}
	return states, points
}

// Batch returns the flights with the given numbers, for a network with the coder's Inputs for
// the longest flight. States without a target have weight 0.
func (s *Set) Batch(c *Coder, index []int, stop func() error) (nn.Batch, error) {
	states, points := s.Longest()
	b := nn.Batch{N: len(index), Target: make([]nn.Target, 1)}
	for _, in := range c.Inputs(states, points) {
		b.In = append(b.In, nn.Values{F: make([]float32, b.N*in.Shape.Size()), Steps: make([]int32, b.N)})
	}
	width := c.Mixture(1, 0).Width()
	y := &b.Target[0]
	y.Vector, y.Weight = make([]float32, b.N*states*width), make([]float32, b.N*states)
	for k, i := range index {
		e := c.Scale.Apply(s.features[i])
		for n := range b.In {
			b.In[n].Steps[k] = int32(e.States())
		}
		round(b.In[0].F[k*states*features.Inputs:], e.Input)
		if c.Plans {
			b.In[1].Steps[k] = int32(len(e.Plan) / features.Points)
			round(b.In[1].F[k*points*features.Points:], e.Plan)
		}
		for t := range len(e.Target) / features.Targets {
			y.Weight[k*states+t] = 1
			row := y.Vector[(k*states+t)*width:]
			for j, x := range e.Target[t*features.Targets:][:features.Targets] {
				switch {
				case c.Vertical || j < altitude:
					row[j] = float32(x)
				case j > altitude:
					row[j-1] = float32(x)
				}
			}
		}
	}
	if !c.Cubes {
		return b, nil
	}
	cubes := b.In[len(b.In)-1].F
	return b, s.eachCube(index, stop, func(k, t int, cube []float32) { c.Cube(cubes[(k*states+t)*match.Size:][:match.Size], cube) })
}

// round copies numbers.
func round(dst []float32, src []float64) {
	for i, x := range src {
		dst[i] = float32(x)
	}
}
