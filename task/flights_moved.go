package task

import (
	"strconv"

	"breakeven/flight/learn"
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/run"
)

// moving moves the states of training batches off their tracks and their rounded altitudes, if the
// spec says so.
func (f *Flights) moving(s run.Spec, still func(uint64, int) (Batches, error)) func(uint64, int) (Batches, error) {
	m := moved{drift: learn.Drift{Step: drift.Float(s), Memory: driftMemory.Float(s)}, dither: learn.Dither{Step: altitudeDither.Float(s)}, coder: f.Coder}
	if m.drift.Step == 0 && m.dither.Step == 0 {
		return still
	}
	return func(seed uint64, size int) (Batches, error) {
		b, err := still(seed, size)
		m := m
		m.Batches, m.seed = b, seed
		return &m, err
	}
}

// Moved are batches with states that are moved, which seed and step decide.
type moved struct {
	Batches
	drift  learn.Drift
	dither learn.Dither
	coder  *learn.Coder
	seed   uint64
	stream rng.Stream
}

func (m *moved) Batch(step int) nn.Batch {
	b := m.Batches.Batch(step) // a copy, made anew for each step
	if m.drift.Step > 0 {
		m.stream.Reset(m.seed, "drift/"+strconv.Itoa(step))
		m.drift.Apply(b, m.coder, &m.stream)
	}
	if m.dither.Step > 0 {
		m.stream.Reset(m.seed, "dither/"+strconv.Itoa(step))
		m.dither.Apply(b, m.coder, &m.stream)
	}
	return b
}
