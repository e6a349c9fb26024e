package learn

import (
	"breakeven/flight/features"
	"breakeven/nn"
	"breakeven/rng"
)

// A Dither undoes the rounding of altitudes while a network learns: each is moved at random within
// the step that it was rounded to. An aircraft that cruises repeats its altitude exactly, and
// a density that has found that grows without bound.
type Dither struct {
	Step float64 // ft; 100 for what transponders send
}

// Apply moves the altitudes of a batch of a coder's flights, and their targets with them: the
// target of a state is the moved altitude of the next one. Unknown altitudes stay so.
func (d Dither) Apply(b nn.Batch, c *Coder, s *rng.Stream) {
	if !c.Vertical {
		return
	}
	states := len(b.In[0].F) / b.N / features.Inputs
	for i := range b.N {
		n := int(b.In[0].Steps[i])
		x := b.In[0].F[i*states*features.Inputs:][:n*features.Inputs]
		y := b.Target[0].Vector[i*states*features.Targets:][:n*features.Targets]
		d.move(x, y, &c.Scale, s)
	}
}

// move moves the altitudes of one flight.
func (d Dither) move(x, y []float32, scale *features.Scale, s *rng.Stream) {
	const unit = 100 // ft, of altitudes in states
	_, std := scale.OfTarget(altitude)
	for t := range len(x) / features.Inputs {
		moved := d.Step / unit * (s.Float64() - 0.5)
		in := &x[t*features.Inputs+altitude]
		if *in == 0 {
			continue // unknown
		}
		*in += float32(moved / scale.Std[altitude])
		if t > 0 {
			y[(t-1)*features.Targets+altitude] += float32(moved / std)
		}
		if scale.Change {
			y[t*features.Targets+altitude] -= float32(moved / std)
		}
	}
}
