package learn

import (
	"math"

	"breakeven/flight/features"
	"breakeven/nn"
	"breakeven/rng"
)

// A Drift moves the states of flights off their tracks while a network learns, since its own
// predictions will be off, too. The offset of a state is Memory times that of the state before,
// and a random step. Targets are where the track goes on, Memory times the offset away: so the
// network learns to come back. It keeps a network of few flights from leaving their routes.
type Drift struct {
	Step   float64 // nmi, standard deviation of a step to the north, and of one to the east
	Memory float64 // 0 … 1
}

const mile = 1.0 / 60 // degrees of latitude in a nautical mile

// Apply moves the states of a batch of a coder's flights, and their rates and targets with them.
func (d Drift) Apply(b nn.Batch, c *Coder, s *rng.Stream) {
	states, width := len(b.In[0].F)/b.N/features.Inputs, len(b.Target[0].Vector)/len(b.Target[0].Weight)
	for i := range b.N {
		n := int(b.In[0].Steps[i])
		x := b.In[0].F[i*states*features.Inputs:][:n*features.Inputs]
		y := b.Target[0].Vector[i*states*width:][:n*width]
		for axis := range 2 {
			d.move(x, y, axis, c, s)
		}
	}
}

// The columns of a state that are scaled times and rates, and how many numbers of a target
// are rates, its last.
const (
	elapsed  = 3
	rateFrom = 4
	rates    = 2
)

// move moves one flight along an axis: 0 is latitude, 1 longitude.
func (d Drift) move(x, y []float32, axis int, c *Coder, s *rng.Stream) {
	deviation := d.Step * mile
	if axis == 1 {
		deviation /= math.Cos(c.Latitude * math.Pi / 180)
	}
	n := len(x) / features.Inputs
	width := len(y) / n
	scale := &c.Scale
	_, change := scale.OfTarget(axis)
	_, rate := scale.OfTarget(features.Targets - rates + axis)
	offset := 0.0
	for t := range n {
		in, out := x[t*features.Inputs:], y[t*width:]
		before := offset
		offset = d.Memory*before + deviation*s.NormFloat64()
		in[axis] += float32(offset / scale.Std[axis])
		if t > 0 {
			dt := float64(in[elapsed]-x[(t-1)*features.Inputs+elapsed]) * scale.Std[elapsed]
			in[rateFrom+axis] += float32((offset - before) / dt / scale.Std[rateFrom+axis])
		}
		if t == n-1 {
			break // the airport, or nothing
		}
		dt := float64(x[(t+1)*features.Inputs+elapsed]-in[elapsed]) * scale.Std[elapsed]
		next := d.Memory * offset
		out[width-rates+axis] += float32((next - offset) / dt / rate)
		if scale.Change {
			next -= offset
		}
		out[axis] += float32(next / change)
	}
}
