package trial

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"breakeven/run"
	"breakeven/train"
)

// Keys of a checkpoint's Meta.
const (
	metaMeasured = "measured" // whether the record of its step is saved
	metaStatus   = "status"   // of a run that ended there
	metaMessage  = "message"
	metaSpent    = "seconds" // of steps and of measurements, of a run with an overhead
)

// Measured reports whether the record of a checkpoint's step was saved with it.
func Measured(c run.Checkpoint) bool { return c.Meta[metaMeasured] == "true" }

// Unended returns the checkpoint of a run that ended there as one from which a longer run
// goes on.
func Unended(c run.Checkpoint) run.Checkpoint {
	c.Meta = maps.Clone(c.Meta)
	delete(c.Meta, metaStatus)
	delete(c.Meta, metaMessage)
	return c
}

// snapshot is the checkpoint of the current step.
func (r *runner) snapshot(measured bool) run.Checkpoint {
	c := run.Checkpoint{Step: r.loop.Done, Meta: map[string]string{metaMeasured: fmt.Sprint(measured), "model": r.spec.Model}}
	if r.times != nil {
		c.Meta[metaSpent] = r.spent.String()
	}
	c.Weights = append(places(r.net.Params(), r.loop.Theta), places(r.net.Buffers(), r.loop.Plan.State())...)
	for _, v := range r.loop.Memory() {
		c.State = append(c.State, run.Tensor{Name: v.Name, Shape: []int{len(v.Data)}, Data: v.Data})
	}
	if len(r.recent) > 0 {
		c.State = append(c.State, run.Tensor{Name: lossesName, Shape: []int{len(r.recent)}, Data: slices.Clone(r.recent)})
	}
	c.State = append(c.State, warmTensors(r.subject.Warm)...)
	return c
}

// warmTensors are the starting vectors of the next measurement.
func warmTensors(warm [][]float32) (list []run.Tensor) {
	for i, v := range warm {
		list = append(list, run.Tensor{Name: warmName(i), Shape: []int{len(v)}, Data: v})
	}
	return list
}

// warmVectors is the inverse of warmTensors: those of dim numbers among tensors.
func warmVectors(state []run.Tensor, dim int) (warm [][]float32) {
	for {
		i := slices.IndexFunc(state, func(t run.Tensor) bool { return t.Name == warmName(len(warm)) && len(t.Data) == dim })
		if i < 0 {
			return warm
		}
		warm = append(warm, state[i].Data)
	}
}

// stateName reports whether a checkpoint has a tensor of this name beside those of
// the network.
func stateName(name string) bool {
	for _, m := range train.Names {
		method, err := train.New(m, 0, 0, 0)
		if err == nil && slices.ContainsFunc(method.Memory(), func(v train.Vector) bool { return v.Name == name }) {
			return true
		}
	}
	return name == lossesName || strings.HasPrefix(name, "warm.") || strings.HasPrefix(name, train.NaturalPrefix)
}

func warmName(i int) string { return fmt.Sprintf("warm.%d", i) }

// restore is the inverse of snapshot.
func (r *runner) restore(c *run.Checkpoint) error {
	found := map[string][]float32{}
	for _, ts := range [][]run.Tensor{c.Weights, c.State} {
		for _, t := range ts {
			found[t.Name] = t.Data
		}
	}
	fill := func(name string, dst []float32) error {
		if len(found[name]) != len(dst) {
			return fmt.Errorf("checkpoint of step %d: %s has %d numbers instead of %d", c.Step, name, len(found[name]), len(dst))
		}
		copy(dst, found[name])
		return nil
	}
	var errs []error
	for _, p := range r.net.Params() {
		errs = append(errs, fill(p.Name, r.loop.Theta[p.Offset:p.Offset+p.Size()]))
	}
	for _, b := range r.net.Buffers() {
		errs = append(errs, fill(b.Name, r.loop.Plan.State()[b.Offset:b.Offset+b.Size()]))
	}
	r.setFrozen(r.loop.Plan.State())
	for _, v := range r.loop.Memory() {
		errs = append(errs, fill(v.Name, v.Data))
	}
	r.subject.Warm, r.recent = warmVectors(c.State, r.net.Dim()), slices.Clone(found[lossesName])
	r.loop.Done, r.saved = c.Step, c.Step
	r.spent.restore(c.Meta[metaSpent])
	return errors.Join(errs...)
}
