package predict

import (
	"unsafe"

	"breakeven/flight"
	"breakeven/flight/features"
	"breakeven/flight/geodesy"
	"breakeven/flight/match"
	"breakeven/flight/search"
	"breakeven/nn"
	"breakeven/tensor"
)

// A memory is h and c of both layers of the decoder, [rows, units] each.
type memory [4][]float32

// A row is one row of a step of the network.
type row struct {
	flight *past
	from   int // row of the memory that it goes on from
	state  [features.Inputs]float64
	point  match.Point
}

// A stepper is a network as a [search.Stepper] for a number of flights.
type stepper struct {
	*Net
	encoder, step *nn.Plan
	weather       Weather
	longest       int // points of a plan
	flights       []*past

	rows          []row
	memory, after memory
	points, next  []match.Point // by row of the memory: where it is
	batch         nn.Batch
	wanted        []match.Point
	cubes         []float32
	normals       [][]nn.Normal // by row
}

// room makes the buffers for a number of rows.
func (s *stepper) room(rows int) {
	inputs := s.step.Network().Inputs()
	s.batch.In = make([]nn.Values, len(inputs))
	for k, in := range inputs {
		s.batch.In[k].F = make([]float32, rows*in.Shape.Size())
	}
	units := inputs[len(inputs)-1].Shape.Size()
	for k := range s.memory {
		s.memory[k], s.after[k] = make([]float32, rows*units), make([]float32, rows*units)
	}
	s.points, s.next, s.normals = make([]match.Point, rows), make([]match.Point, rows), make([][]nn.Normal, rows)
	if s.weather != nil {
		s.cubes = make([]float32, rows*match.Size)
	}
}

// roomBytes is what room takes, and what densities of so many rows take.
func roomBytes(step *nn.Network, rows int, m nn.MixtureDensity, weather bool) int64 {
	inputs := step.Inputs()
	numbers := 2 * len(memory{}) * inputs[len(inputs)-1].Shape.Size()
	for _, in := range inputs {
		numbers += in.Shape.Size()
	}
	if weather {
		numbers += match.Size
	}
	width := m.Width()
	normal := int(unsafe.Sizeof(nn.Normal{})) + 8*width*(1+width) + width*int(unsafe.Sizeof([]float64{}))
	each := 4*numbers + m.Components*normal + int(2*unsafe.Sizeof(match.Point{})+unsafe.Sizeof(row{})+unsafe.Sizeof([]nn.Normal{}))
	return int64(rows) * int64(each)
}

// Start encodes the plans and runs over the known states. Flights with fewer of them begin later,
// so that all end at the same time.
func (s *stepper) Start(density [][]search.Component) error {
	s.encode()
	most := 0
	for _, p := range s.flights {
		most = max(most, p.known)
	}
	for t := range most {
		s.rows = s.rows[:0]
		for i, p := range s.flights {
			k := t - (most - p.known)
			if k < 0 {
				continue
			}
			state := [features.Inputs]float64(p.Input[k*features.Inputs:])
			s.rows = append(s.rows, row{flight: p, from: i, state: state, point: p.points[k]})
		}
		if err := s.advance(); err != nil {
			return err
		}
		s.keep()
	}
	s.give(density)
	return nil
}

// encode computes the first memory of the flights.
func (s *stepper) encode() {
	for i, p := range s.flights {
		s.points[i] = p.points[0]
	}
	if s.encoder == nil {
		for k := range s.memory {
			clear(s.memory[k])
		}
		return
	}
	size := s.longest * features.Points
	b := nn.Batch{N: len(s.flights), In: []nn.Values{{F: make([]float32, len(s.flights)*size), Steps: make([]int32, len(s.flights))}}}
	for i, p := range s.flights {
		for j, x := range p.plan {
			b.In[0].F[i*size+j] = float32(x)
		}
		b.In[0].Steps[i] = int32(len(p.plan) / features.Points)
	}
	s.encoder.Forward(b)
	for k := range s.memory {
		copy(s.memory[k], s.encoder.Output(k))
	}
}

// Next takes the beams one step on.
func (s *stepper) Next(moves []search.Move, density [][]search.Component) error {
	s.rows = s.rows[:0]
	for _, m := range moves {
		p, before := s.flights[m.Flight], s.points[m.From]
		at := match.Point{Fix: flight.Fix{Time: m.State.Time, Point: flight.Point{Lat: m.State.Mean[0], Lon: m.State.Mean[1]}, Alt: m.State.Mean[2]}}
		if at.Azimuth = before.Azimuth; at.Point != before.Point {
			at.Azimuth = geodesy.Azimuth(before.Point, at.Point)
		}
		s.rows = append(s.rows, row{flight: p, from: m.From, state: p.relative(&m.State), point: at})
	}
	if err := s.advance(); err != nil {
		return err
	}
	s.memory, s.after = s.after, s.memory
	s.points, s.next = s.next, s.points
	s.give(density)
	return nil
}

// relative returns a state as features have it.
func (p *past) relative(x *flight.State) [features.Inputs]float64 {
	return [features.Inputs]float64{
		x.Mean[0] - p.Origin.Lat, geodesy.Wrap(x.Mean[1] - p.Origin.Lon), x.Mean[2] / 100, x.Time - p.points[0].Time, x.Mean[3], x.Mean[4],
	}
}

// advance computes the memories after the rows.
func (s *stepper) advance() error {
	n := len(s.rows)
	if err := s.match(); err != nil {
		return err
	}
	b := nn.Batch{N: n, In: make([]nn.Values, len(s.batch.In))}
	for k, in := range s.step.Network().Inputs() {
		b.In[k].F = s.batch.In[k].F[:n*in.Shape.Size()]
	}
	first := len(b.In) - len(s.memory)
	tensor.Parallel(n, func(i int) {
		r := &s.rows[i]
		state := s.Scale.State(r.state)
		copy(b.In[0].F[i*features.Inputs:], state[:])
		for k, m := range s.memory {
			units := len(b.In[first+k].F) / n
			copy(b.In[first+k].F[i*units:(i+1)*units], m[r.from*units:])
		}
		if s.weather != nil {
			s.Cube(b.In[1].F[i*match.Size:(i+1)*match.Size], s.cubes[i*match.Size:(i+1)*match.Size])
		}
		s.next[i] = r.point
	})
	s.step.Forward(b)
	for k := range s.after {
		copy(s.after[k], s.step.Output(1+k))
	}
	return nil
}

// match finds the weather around the rows.
func (s *stepper) match() error {
	if s.weather == nil {
		return nil
	}
	s.wanted = s.wanted[:0]
	for i := range s.rows {
		s.wanted = append(s.wanted, s.rows[i].point)
	}
	return s.weather.MatchTo(s.cubes[:len(s.wanted)*match.Size], s.wanted)
}

// keep puts what follows each row in the place of what was before it.
func (s *stepper) keep() {
	for i := range s.rows {
		from := s.rows[i].from
		for k, m := range s.memory {
			units := len(s.step.Output(1+k)) / len(s.rows)
			copy(m[from*units:(from+1)*units], s.after[k][i*units:])
		}
		s.points[from] = s.next[i]
	}
}
