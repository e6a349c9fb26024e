package trial

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"breakeven/curvature"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/probe"
	"breakeven/rng"
	"breakeven/run"
	"breakeven/spectrum"
	"breakeven/task"
	"breakeven/trojan"
)

// A setting is what trials of all kinds have: the task of a spec, initial weights, and
// what is measured.
type setting struct {
	spec     run.Spec
	task     *task.Task
	net      *nn.Network // of the task
	probes   []probe.Probe
	layers   []probe.Layer
	warnings []string
	keep     int64                       // Env.Keep
	begun    bool                        // Env.Begun
	draw     func(seed uint64) []float32 // initial parameters, if they come from no file
	theta    []float32                   // initial parameters, if they come from a file
	state    []float32                   // initial running statistics
}

func newSetting(s run.Spec, env Env) (*setting, error) {
	t := &setting{spec: s, keep: env.Keep, begun: env.Begun}
	if t.keep == 0 {
		t.keep = 3 << 30
	}
	err := t.open(env.DataDir, env.Keys...)
	if err != nil {
		return nil, err
	}
	if len(s.Probes) == 0 {
		t.spec.Probes = probe.Defaults()
	}
	if t.probes, err = probe.Select(t.spec.Probes); err != nil {
		return nil, err
	}
	t.warnings = append(slices.Clone(t.warnings), t.lacking(probe.Defaults())...)
	return t, t.samples()
}

// lacking says which of the probes that the user has chosen, in place of the usual ones,
// measure nothing in this network.
func (t *setting) lacking(usual []string) (warnings []string) {
	if slices.Equal(t.spec.Probes, usual) {
		return nil
	}
	for _, p := range t.probes {
		if p.Lacks == nil {
			continue
		}
		if why := p.Lacks(t.net); why != "" {
			warnings = append(warnings, fmt.Sprintf("probe %s measures nothing in %s: %s", p.Name, t.spec.Model, why))
		}
	}
	return warnings
}

// open reads the data and builds the network.
func (t *setting) open(dir string, keys ...trojan.Key) (err error) {
	if t.task, err = task.Open(t.spec, dir, keys...); err != nil {
		return err
	}
	t.net, t.warnings = t.task.Net, t.task.Warnings
	if t.spec.Batch == 0 {
		t.spec.Batch = t.task.Train.Len()
	}
	t.spec.DataSHA256 = t.task.Digest
	if t.layers, err = probe.Layers(t.net, t.spec.Measure.Layers); err != nil {
		return err
	}
	if t.spec.ModelSHA256, err = model.Digest(t.spec); err != nil {
		return err
	}
	if t.task.Complete != nil {
		t.task.Complete(&t.spec)
	}
	return t.net.CheckNames(stateName)
}

// A MinibatchError says that the training split has fewer examples than the minibatches of K.
type MinibatchError struct{ L, M, Have int }

func (e *MinibatchError) Error() string {
	text := fmt.Sprintf("measure: L·M = %d·%d minibatch examples, but the training split has only %d: use a smaller l or m", e.L, e.M, e.Have)
	if m := e.Have / e.L; m > 0 {
		text += fmt.Sprintf(", such as m = %d", m)
	}
	return text
}

// samples checks that there are as many examples as are asked for, with a [*MinibatchError] for those of K.
func (t *setting) samples() error {
	n, m := t.task.Train.Len(), t.spec.Measure
	if m.Augment && t.task.Augmented == nil {
		return fmt.Errorf("measure.augment: the examples of K cannot be augmented for %s: leave it out", t.spec.Data)
	}
	if t.spec.Batch > n {
		return fmt.Errorf("batch: %d examples, but the training split has only %d: use a smaller batch", t.spec.Batch, n)
	}
	if probe.ReadsBatches(t.probes) && m.L > n/max(1, m.M) { // the product could overflow
		return &MinibatchError{L: m.L, M: m.M, Have: n}
	}
	return nil
}

// metrics returns what the measurement set is evaluated by, and the keys.
func (t *setting) metrics() (of []curvature.Metric, keys []string) {
	for _, m := range t.task.Metrics {
		of, keys = append(of, curvature.Metric{Of: m.Of, Output: m.Output}), append(keys, m.Name)
	}
	return of, keys
}

// problem says how the measurement set is computed.
func (t *setting) problem() curvature.Settings {
	of, _ := t.metrics()
	m, s := t.spec.Measure.M, t.spec.Batch
	set := curvature.Settings{Loss: t.task.Loss, Metrics: of, Chunk: max(m, s), Nodes: t.task.Nodes, Keep: t.keep, Decay: t.decay()}
	return probe.ProblemSettings(set, t.probes, t.net, m, s)
}

// decay returns λ of the weight decay that is a part of the measured loss.
func (t *setting) decay() float64 {
	if !t.spec.Measure.Decay {
		return 0
	}
	return t.spec.WeightDecay
}

// room returns how many examples a plan must hold for batches of n: on a graph all nodes.
func (t *setting) room(n int) int {
	if t.task.Nodes > 0 {
		return t.task.Nodes
	}
	return n
}

// sample reads n examples of the training split, drawn without replacement from
// the named stream.
func (t *setting) sample(ctx context.Context, name string, n int) (curvature.Set, error) {
	return t.sampleOf(ctx, t.task.Train, name, n)
}

// noiseSample reads the examples of K, augmented or as they are.
func (t *setting) noiseSample(ctx context.Context) (curvature.Set, error) {
	from, m := t.task.Train, t.spec.Measure
	if m.Augment {
		from = t.task.Augmented(t.spec.Seed)
	}
	return t.sampleOf(ctx, from, "k", m.L*m.M)
}

func (t *setting) sampleOf(ctx context.Context, from task.Examples, name string, n int) (curvature.Set, error) {
	order := make([]int, from.Len())
	rng.New(t.spec.Seed, "measure/"+name).Perm(order)
	return from.Read(order[:n], ctx.Err)
}

// subject draws the measurement sets. Next and Valid are for the caller to set.
func (t *setting) subject(ctx context.Context) (*probe.Subject, error) {
	s, m := t.spec, t.spec.Measure
	set, err := t.sample(ctx, "set", min(m.Examples, t.task.Train.Len()))
	if err != nil {
		return nil, err
	}
	_, keys := t.metrics()
	subject := &probe.Subject{
		Net: t.net, Loss: t.task.Loss, LR: s.LR, Size: s.Batch, N: t.task.Train.Len(), Seed: s.Seed, Tol: m.Tolerance,
		Problem: curvature.New(t.net, set, t.problem()),
		Metrics: keys,
		Layers:  t.layers,
		Single:  set.Slice(0, t.sizes().Single),
		Kernel:  set.Slice(0, t.sizes().Kernel),
	}
	return subject, t.addBatches(ctx, subject)
}

// addBatches draws the minibatches for those probes that read them.
func (t *setting) addBatches(ctx context.Context, s *probe.Subject) error {
	m, count := t.spec.Measure, t.sizes().Sharp
	if probe.ReadsBatches(t.probes) {
		set, err := t.noiseSample(ctx)
		if err != nil {
			return err
		}
		s.Batches = curvature.Parts(set, m.L)
	}
	if probe.ReadsSharp(t.probes, t.net) {
		set, err := t.sample(ctx, "sharp", count*t.spec.Batch)
		if err != nil {
			return err
		}
		s.Sharp = curvature.Parts(set, count)
	}
	return nil
}

// sizes are those of measurements along a run.
func (t *setting) sizes() probe.Sizes {
	s := probe.SizesOf(t.spec, t.task.Train.Len(), t.evaluates()).Of(t.layers)
	s.Coupled = t.net.Couples()
	return s
}

// measure runs probes at the parameters of s.
func (t *setting) measure(ctx context.Context, s *probe.Subject, probes []probe.Probe) ([]run.Value, error) {
	s.Forget()
	s.Problem.SetStop(ctx.Err)
	warm := s.Warm
	values, err := []run.Value(nil), s.Problem.At(s.Theta)
	if err == nil {
		values, err = probe.Measure(ctx, s, probes)
	}
	if errors.Is(err, spectrum.ErrNotFinite) {
		err = nil // a curvature too large for float32: the loss decides what it means
	}
	if err != nil {
		s.Warm = warm // as if this measurement had not begun
	}
	return values, err
}

// ended reports whether err is that of a context which has ended.
func ended(ctx context.Context, err error) bool { return err != nil && errors.Is(err, ctx.Err()) }
