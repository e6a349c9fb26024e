package trial

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"breakeven/curvature"
	"breakeven/internal/weights"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/task"
)

// singleLimit bounds the examples of the per-example Gram matrix, whose size is
// quadratic.
const singleLimit = 1024

// Tolerance is the tolerance, for eigenvalues, that a single measurement should
// ask for. It is far tighter than that of a measurement along a trajectory,
// because others will hold its numbers against theirs. An eigenvalue with the
// relative residual r is off by r²/gap, but its eigenvector by r/gap, and with
// it alignment, s² and Eq. 1: where the gap is 1 % of the eigenvalue, 1e-5
// leaves three digits of those. Products are made in float32, and 1e-6 of the
// largest eigenvalue is all that can be asked of them.
const Tolerance = 1e-5

// At says at which weights and on which examples Measure works.
type At struct {
	Weights string       // safetensors file; "" means the spec's initial weights
	Tensors []run.Tensor // the weights themselves, in place of a file; nil: none
	Split   string       // train | valid | test
	From    int          // examples From … To-1 of the split
	To      int
	L       int    // minibatches: the examples in order, cut into L equal parts
	NTK     int    // examples of the tangent kernel; 0: none
	Norm    string // what batch norm uses, one of Norms; "" means the first
	// Fits, if not nil, is shown the memory needed before any of it is taken;
	// its error ends the measurement.
	Fits func([]Memory) error
	// Warn, if not nil, is told what a user must know beside the numbers: of
	// the data set and of the weights.
	Warn func(string)
}

// Norms are what batch norm can use in Measure: the statistics of each batch, as in training,
// or the running ones, which are then constants.
var Norms = []string{"batch", "running"}

// Measure measures every quantity at given weights, without training and
// augmentation. When ctx ends it gives up, with the error of ctx. Progress may be
// nil.
func Measure(ctx context.Context, spec run.Spec, dataDir string, at At, progress func(Progress)) (run.Record, error) {
	spec.Weights = at.Weights
	t, err := newMeasurement(spec, dataDir, at)
	if err != nil {
		return run.Record{}, err
	}
	if at.Fits != nil {
		if err := at.Fits(t.memory()); err != nil {
			return run.Record{}, err
		}
	}
	set, err := t.from.Read(at.examples(), ctx.Err)
	if err != nil {
		return run.Record{}, err
	}
	s := t.subject(ctx, set)
	start, done := time.Now(), 0
	s.Doing = func(name string) {
		if progress != nil {
			progress(Progress{Doing: name, Step: done, Steps: len(t.probes), Part: share(t.probes, t.sizes(), done), Elapsed: time.Since(start)})
		}
		done++
	}
	s.Problem.SetStop(ctx.Err)
	if err := s.Problem.At(s.Theta); err != nil {
		return run.Record{}, err
	}
	values, err := probe.Measure(ctx, s, t.probes)
	if at.Norm == "running" {
		for i := range values {
			h := &values[i].How
			h.Note = strings.TrimPrefix(h.Note+"; batch norm with its running statistics", "; ")
		}
	}
	return run.Record{Time: time.Now().UTC(), Values: values, Omitted: s.Omitted}, err
}

// A measurement is a single one, at given weights.
type measurement struct {
	*setting
	at   At
	from task.Examples
}

func newMeasurement(spec run.Spec, dataDir string, at At) (*measurement, error) {
	base := &setting{spec: spec, keep: 4 << 30}
	err := base.open(dataDir)
	switch {
	case err != nil:
	case at.Tensors != nil:
		err = base.take(at.Tensors)
	default:
		err = base.weights()
	}
	if err != nil {
		return nil, err
	}
	t := &measurement{setting: base, at: at}
	if err := t.norm(); err != nil {
		return nil, err
	}
	for _, w := range t.warnings {
		if at.Warn != nil {
			at.Warn(w)
		}
	}
	if t.from, err = t.split(); err != nil {
		return nil, err
	}
	t.probes, err = measured(spec.Probes, at)
	return t, err
}

// norm fixes the running statistics of the weights, if they are asked for.
func (t *measurement) norm() error {
	file := t.at.Weights
	switch {
	case t.at.Norm == "" || t.at.Norm == Norms[0]:
		return nil
	case t.at.Norm != Norms[1]:
		return fmt.Errorf("norm: unknown statistics %q; use one of %s", t.at.Norm, strings.Join(Norms, ", "))
	case t.net.StateDim() == 0:
		return fmt.Errorf("norm: %s has no batch norm, and so no running statistics", t.spec.Model)
	case t.at.Tensors == nil && file == "":
		return fmt.Errorf("norm: initial weights have no running statistics: take those of a run, or a weights file that holds them")
	case t.at.Tensors == nil:
		all := append(places(t.net.Params(), t.theta), places(t.net.Buffers(), t.state)...)
		if err := weights.Check(file, all, nil); err != nil {
			return fmt.Errorf("norm: the running statistics are not in the weights: save the whole state dict, or measure with those of each batch: %w", err)
		}
	}
	if slices.Equal(t.state, t.net.InitialState()) {
		t.warnings = append(t.warnings, "the running statistics are those of a new network, means 0 and variances 1")
	}
	t.net = t.net.Fixed(t.state)
	return nil
}

// measured returns the probes of Measure: all, or the named ones.
func measured(names []string, at At) ([]probe.Probe, error) {
	if len(names) == 0 {
		names = probe.Names()
	}
	ps, err := probe.Select(names)
	if at.NTK > 0 || err != nil {
		return ps, err
	}
	var kept []probe.Probe
	for _, p := range ps {
		if p.Name != "ntk" {
			kept = append(kept, p)
		}
	}
	return kept, nil
}

// share returns the part of the work of probes that the first done of them are.
func share(probes []probe.Probe, s probe.Sizes, done int) float64 {
	return probe.Work(probes[:done], s) / max(probe.Work(probes, s), 1e-9)
}

// split returns the split that at names, if what at says of it can be done.
func (t *measurement) split() (task.Examples, error) {
	at := t.at
	splits := map[string]task.Examples{"train": t.task.Train, "valid": t.task.Valid, "test": t.task.Test}
	set, n := splits[at.Split], at.To-at.From
	switch {
	case set == nil:
		return nil, fmt.Errorf("unknown split %q: use train, valid or test", at.Split)
	case at.From < 0 || n <= 0 || at.To > set.Len():
		return nil, fmt.Errorf("examples %d:%d: the %s split of %s has examples 0:%d", at.From, at.To, at.Split, t.spec.Data, set.Len())
	case at.L < 2 || at.L > n:
		return nil, fmt.Errorf("minibatches: %d parts of %d examples: use 2 to %d", at.L, n, n)
	case t.spec.Batch > n:
		return nil, fmt.Errorf("batch: Eq. 1 for batches of %d, but only %d examples are measured: use a smaller batch", t.spec.Batch, n)
	}
	return set, nil
}

// examples returns the places of the examples in their split.
func (at At) examples() []int {
	index := make([]int, at.To-at.From)
	for i := range index {
		index[i] = at.From + i
	}
	return index
}

// memory lists what the measurement takes.
func (t *measurement) memory() []Memory {
	n := t.at.To - t.at.From
	list := []Memory{
		{"data", t.task.Bytes + t.task.Each*int64(n)},
		{"parameters", t.vector()},
		{"measurement set", curvature.Memory(t.net, n, t.problem())},
	}
	return t.withProbes(list, t.probes, t.sizes(), t.problem().Chunk)
}

// sizes are those of the measurement: the same minibatches serve for K and for what the
// training size is for.
func (t *measurement) sizes() probe.Sizes {
	n, at := t.at.To-t.at.From, t.at
	return probe.Sizes{Examples: n, Batch: n / at.L, L: at.L, M: n / at.L, Sharp: at.L, Single: min(n, singleLimit), Kernel: min(n, at.NTK),
		Next: t.nextBytes(), Once: true}
}

// subject prepares the measurement of a set at the weights. If examples are coupled the whole
// set is one batch.
func (t *measurement) subject(ctx context.Context, set curvature.Set) *probe.Subject {
	n, parts := set.Len(), curvature.Parts(set, t.at.L)
	theta := t.theta
	if theta == nil {
		theta = t.initial()
	}
	_, keys := t.metrics()
	s := &probe.Subject{
		Net: t.net, Loss: t.task.Loss, Theta: theta, LR: t.spec.LR, Size: t.spec.Batch, N: n,
		Seed: t.spec.Seed, Tol: t.spec.Measure.Tolerance, MaxProducts: 1000,
		Problem: curvature.New(t.net, set, t.problem()),
		Metrics: keys,
		Batches: parts, Sharp: parts,
		Single: set.Slice(0, min(n, singleLimit)),
		Kernel: set.Slice(0, min(n, t.at.NTK)),
	}
	s.Next = func() ([]float32, error) { return t.plainStep(ctx, set.Slice(0, t.spec.Batch), theta, t.spec.LR) }
	return s
}

// problem says how the examples are computed.
func (t *measurement) problem() curvature.Settings {
	n := t.at.To - t.at.From
	s := t.setting.problem()
	s.Chunk = min(n, max(128, n/t.at.L, t.spec.Batch))
	if t.net.Couples() {
		s.Chunk = n
	}
	return probe.ProblemSettings(s, t.probes, t.net, n/t.at.L, n/t.at.L)
}
