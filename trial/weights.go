package trial

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/internal/weights"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// weights makes the weights of the spec, those of a file or drawn, the initial ones.
// The spec knows a file by its content: a spec that was stored goes on only from the
// same.
func (t *setting) weights() (err error) {
	t.state = t.net.InitialState()
	file := t.spec.Weights
	m, _ := model.Lookup(t.spec.Model)
	if m.File && !t.begun {
		theta, notes, err := model.FromFile(t.spec, t.net)
		if err != nil {
			return err
		}
		t.theta, t.warnings = theta, append(t.warnings, notes...)
	}
	switch {
	case file == "" && m.File:
		return nil
	case file == "":
		if m.Initial != nil {
			t.draw = func(seed uint64) []float32 { return t.split(m.Initial(t.spec, t.net.Whole(), seed)) }
			return nil
		}
		init, err := nn.InitByName(t.spec.Init)
		t.draw = func(seed uint64) []float32 { return t.split(t.net.Whole().InitialParams(init, seed)) }
		return err
	case t.begun:
		return nil
	}
	if err := t.readInitial(file); err != nil {
		return err
	}
	if err := allFinite(append(places(t.net.Params(), t.theta), places(t.net.Buffers(), t.state)...)); err != nil {
		return fmt.Errorf("weights: %s: %w", file, err)
	}
	sum, err := weights.Sum(file)
	if err != nil {
		return err
	}
	if begun := t.spec.WeightsSHA256; begun != "" && begun != sum {
		return fmt.Errorf("weights: %s is another file than the one that the run was begun with: its SHA-256 is %s, not %s", file, sum, begun)
	}
	t.spec.WeightsSHA256 = sum
	t.setFrozen(t.state)
	return nil
}

// split returns the parameters among those of the whole network, and gives what is frozen its numbers.
func (t *setting) split(whole []float32) (theta []float32) {
	theta = t.net.Split(whole, t.state)
	t.setFrozen(t.state)
	return theta
}

// setFrozen gives what is frozen the numbers that it has in a state vector, also in the network of the task, of which t.net may
// be a copy with fixed statistics.
func (t *setting) setFrozen(state []float32) {
	t.net.SetFrozen(state)
	t.task.Net.SetFrozen(state)
}

// readInitial makes the weights of a file the initial ones. The file may be one of pre-trained
// weights, which lacks the head of the model: that is drawn.
func (t *setting) readInitial(file string) error {
	m, _ := model.Lookup(t.spec.Model)
	if t.theta = make([]float32, t.net.Dim()); m.Head != "" {
		t.theta = t.split(m.Initial(t.spec, t.net.Whole(), t.spec.Seed))
	}
	must, may := t.wanted(t.theta, t.state, m.Head)
	d, err := t.dialect()
	if err != nil {
		return err
	}
	notes, err := weights.LoadAs(file, must, may, d)
	t.warnings = append(t.warnings, notes...)
	return err
}

// dialect says how files of other programs have the weights of the network.
func (t *setting) dialect() (weights.Dialect, error) {
	m, _ := model.Lookup(t.spec.Model)
	l, err := model.LayoutOf(t.spec, t.net)
	return weights.Dialect{Rename: m.Rename, Turned: l.Turned, Tied: l.Tied, Constants: l.Constants}, err
}

// wanted returns the places in a vector of parameters and a state vector of the tensors that a file must have, and of those
// that it may have: the running statistics, what is frozen if its numbers came with the network, and what
// begins with head, unless that is "".
func (t *setting) wanted(theta, state []float32, head string) (must, may []run.Tensor) {
	known := t.net.HasInitialState()
	add := func(p nn.Param, vector []float32, optional bool) {
		to := &must
		if optional || head != "" && strings.HasPrefix(p.Name, head) {
			to = &may
		}
		*to = append(*to, places([]nn.Param{p}, vector)...)
	}
	for _, p := range t.net.Params() {
		add(p, theta, false)
	}
	for _, p := range t.net.Buffers() {
		add(p, state, known || !p.Frozen)
	}
	return must, may
}

// take makes tensors the initial weights.
func (t *setting) take(tensors []run.Tensor) error {
	t.theta, t.state = make([]float32, t.net.Dim()), t.net.InitialState()
	wanted := append(places(t.net.Params(), t.theta), places(t.net.Buffers(), t.state)...)
	for _, w := range wanted {
		i := slices.IndexFunc(tensors, func(x run.Tensor) bool { return x.Name == w.Name && len(x.Data) == len(w.Data) })
		if i < 0 {
			return fmt.Errorf("weights: there is no tensor %s of %d numbers", w.Name, len(w.Data))
		}
		copy(w.Data, tensors[i].Data)
	}
	t.setFrozen(t.state)
	return allFinite(wanted)
}

// allFinite returns an error that names the first tensor which holds a number that is
// NaN or infinite.
func allFinite(tensors []run.Tensor) error {
	for _, w := range tensors {
		for i, v := range w.Data {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return fmt.Errorf("tensor %s: number %d is %v: nothing can be measured there", w.Name, i, v)
			}
		}
	}
	return nil
}

// initial returns new initial parameters, which are drawn no earlier than it is
// known that they fit into memory.
func (t *setting) initial() []float32 {
	switch {
	case t.theta != nil:
		return slices.Clone(t.theta)
	case t.spec.Weights != "" || t.draw == nil: // a checkpoint holds them
		return make([]float32, t.net.Dim())
	}
	return t.draw(t.spec.Seed)
}

// places are the tensors of a vector.
func places(ps []nn.Param, vector []float32) []run.Tensor {
	var list []run.Tensor
	for _, p := range ps {
		list = append(list, run.Tensor{Name: p.Name, Shape: p.Shape, Data: vector[p.Offset : p.Offset+p.Size()]})
	}
	return list
}

// plainStep returns the parameters after a plain gradient step of training from theta on a
// batch of Spec.Batch examples.
func (t *setting) plainStep(stop func() error, b nn.Batch, theta []float32, lr float64) ([]float32, error) {
	plan := t.task.Net.Compile(nn.Settings{Batch: t.room(t.spec.Batch), Loss: t.task.Loss})
	plan.SetStop(stop)
	plan.SetParams(theta)
	plan.Forward(b)
	next := make([]float32, t.net.Dim())
	plan.Gradient(next, -lr/t.net.Weight(b), false)
	keep := float32(1 - lr*t.decay())
	for i, v := range theta {
		next[i] += keep * v
	}
	return next, plan.Err()
}

// nextBytes is what plainStep takes.
func (t *setting) nextBytes() int64 {
	return t.task.Net.Memory(nn.Settings{Batch: t.room(t.spec.Batch), Loss: t.task.Loss}) + t.vector()
}
