package trial

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"breakeven/internal/weights"
	"breakeven/model"
	"breakeven/run"
)

// A Meter measures at weights that others bring, one checkpoint after another: what a trial of kind
// checkpoints would measure there. Data and network are those of a spec and are kept.
type Meter struct {
	c       *checkpoints
	walk    *walk
	busy    sync.Mutex
	request context.Context // of the measurement under way; nil: none
}

// A WeightsError says that what somebody brought are no weights of the network.
type WeightsError struct{ Err error }

func (e *WeightsError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong with them.
func (e *WeightsError) Unwrap() error { return e.Err }

// NewMeter reads the data of a spec and builds its network, and takes no more memory than that until
// Start.
func NewMeter(s run.Spec, env Env) (*Meter, error) {
	switch {
	case s.Kind != "descent":
		return nil, fmt.Errorf("kind: %s is not measured at single checkpoints; leave it out", s.Kind)
	case s.Weights != "":
		return nil, fmt.Errorf("weights: they come with each checkpoint; leave %s out", s.Weights)
	}
	base, err := newSetting(s, env)
	if err != nil {
		return nil, err
	}
	notes, err := model.FileNotes(base.spec, base.net)
	if err != nil {
		return nil, err
	}
	base.warnings = append(base.warnings, notes...)
	batches, err := base.task.Batches(s.Seed, base.spec.Batch)
	if err != nil {
		return nil, err
	}
	d, err := base.dialect()
	return &Meter{c: &checkpoints{setting: base, batches: batches, dialect: d}}, err
}

// Memory lists what Start and Measure take.
func (m *Meter) Memory() []Memory { return m.c.Memory() }

// Warnings are what a user must know of the data and of what is measured.
func (m *Meter) Warnings() []string { return m.c.warnings }

// About says in a line what is measured.
func (m *Meter) About() string {
	s := m.c.spec
	return fmt.Sprintf("%s on %s: %s", s.Model, s.Data, strings.Join(s.Probes, ", "))
}

// Bytes bounds a checkpoint that Measure is brought: weights of 64 bits with two states of an optimizer,
// and what stands beside them.
func (m *Meter) Bytes() int64 { return 3*8*int64(m.c.net.Dim()+m.c.net.StateDim()) + 16<<20 }

// Start reads the measurement sets and allocates what measurements need.
func (m *Meter) Start(ctx context.Context) error {
	m.walk = &walk{checkpoints: m.c, theta: make([]float32, m.c.net.Dim()), state: m.c.net.InitialState()}
	return m.walk.prepare(relay{ctx, m})
}

// A relay is the context of what lives as long as a Meter: it ends when the measurement under way does.
type relay struct {
	context.Context
	m *Meter
}

func (r relay) Err() error {
	if r.m.request != nil {
		return r.m.request.Err()
	}
	return r.Context.Err()
}

// Measure measures at the weights of a file, a state dict in safetensors or as PyTorch saves it, as at
// a step of training with a learning rate; 0 is the spec's. The same weights and step give the same
// bits. Notes are what their owner should know of the file. The error is a *WeightsError if they do not fit;
// when ctx ends, so does the measurement, with the error of ctx.
func (m *Meter) Measure(ctx context.Context, file io.ReaderAt, size int64, step int, lr float64) (r run.Record, notes []string, err error) {
	m.busy.Lock()
	defer m.busy.Unlock()
	m.request = ctx
	defer func() { m.request = nil }()
	w := m.walk
	copy(w.state, m.c.net.InitialState())
	must, may := m.c.wanted(w.theta, w.state, "")
	if notes, err = weights.LoadFrom("checkpoint", file, size, must, may, m.c.dialect); err == nil {
		if err = allFinite(append(must, may...)); err != nil {
			err = fmt.Errorf("weights: checkpoint: %w", err)
		}
	}
	if err != nil {
		return r, nil, &WeightsError{err}
	}
	m.c.setFrozen(w.state)
	s := w.subject
	s.Step, s.LR, s.Warm = step, lr, nil
	if lr == 0 {
		s.LR = m.c.spec.LR
	}
	values, err := m.c.measure(ctx, s, m.c.probes)
	if ended(ctx, err) {
		return r, nil, ctx.Err()
	}
	return run.Record{Step: step, Epoch: float64(step*m.c.spec.Batch) / float64(m.c.task.Train.Len()), Time: time.Now().UTC(), Values: values, Omitted: s.Omitted}, notes, err
}
