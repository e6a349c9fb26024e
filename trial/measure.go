package trial

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"breakeven/curvature"
	"breakeven/internal/weights"
	"breakeven/model"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/task"
	"breakeven/trojan"
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
	Weights string       // safetensors or PyTorch file; "" means the spec's initial weights
	Tensors []run.Tensor // the weights themselves, in place of a file; nil: none
	Split   string       // train | valid | test
	From    int          // examples From … To-1 of the split
	To      int
	L       int          // minibatches: the examples in order, cut into L equal parts
	NTK     int          // examples of the tangent kernel; 0: none
	Keys    []trojan.Key // of the secret networks of a spec
	Norm    string       // what batch norm uses, one of Norms; "" means the first
	// Fits, if not nil, is shown the memory needed before any of it is taken;
	// its error ends the measurement.
	Fits func([]Memory) error
	// Warn, if not nil, is told what a user must know beside the numbers: of
	// the data set and of the weights.
	Warn func(string)
}

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
	if at.Norm == Norms[1] {
		for i := range values {
			h := &values[i].How
			h.Note = strings.TrimPrefix(h.Note+"; batch norm with its running statistics", "; ")
		}
	}
	return run.Record{Time: time.Now().UTC(), Values: values, Omitted: s.Omitted}, err
}

// CheckWeights returns the error that Measure would return for the names and shapes in one of several
// weights files, of which it reads no tensor, and the spec with the digests of its data and network.
func CheckWeights(ctx context.Context, spec run.Spec, dataDir string, at At, names []string) (run.Spec, error) {
	t := &setting{spec: spec}
	if err := t.open(dataDir, at.Keys...); err != nil {
		return spec, err
	}
	t.theta, t.state = make([]float32, t.net.Dim()), t.net.InitialState()
	m, _ := model.Lookup(spec.Model)
	must, may := t.wanted(t.theta, t.state, m.Head)
	d, err := t.dialect()
	if err != nil {
		return spec, err
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return spec, err
		}
		if _, err := weights.Check(name, must, may, d); err != nil {
			return spec, err
		}
	}
	return t.spec, nil
}

// A measurement is a single one, at given weights.
type measurement struct {
	*setting
	at   At
	from task.Examples
}

func newMeasurement(spec run.Spec, dataDir string, at At) (*measurement, error) {
	if len(spec.Probes) == 0 {
		spec.Probes = probe.Everything()
	}
	base := &setting{spec: spec, keep: 4 << 30}
	err := base.open(dataDir, at.Keys...)
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
	if t.from, err = t.split(); err != nil {
		return nil, err
	}
	if t.probes, err = measured(spec.Probes, at); err != nil {
		return nil, err
	}
	for _, w := range append(slices.Clone(t.warnings), t.lacking(probe.Everything())...) {
		if at.Warn != nil {
			at.Warn(w)
		}
	}
	return t, nil
}

// measured returns the named probes, but for those that compare with an earlier step and that
// of the tangent kernel if it is not to be measured.
func measured(names []string, at At) ([]probe.Probe, error) {
	ps, err := probe.Select(names)
	return slices.DeleteFunc(ps, func(p probe.Probe) bool { return p.Name == "ntk" && at.NTK == 0 || p.Name == "drift" }), err
}

// share returns the part of the work of probes that the first done of them are.
func share(probes []probe.Probe, s probe.Sizes, done int) float64 {
	return probe.Work(probes[:done], s) / max(probe.Work(probes, s), 1e-9)
}

// split returns the split that at names, if what at says of it can be done.
func (t *measurement) split() (task.Examples, error) {
	at := t.at
	set, n := t.task.Split(at.Split), at.To-at.From
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
		Next: t.nextBytes(), Coupled: t.net.Couples(), Once: true}.Of(t.layers)
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
		Layers:  t.layers,
		Batches: parts, Sharp: parts,
		Single: set.Slice(0, min(n, singleLimit)),
		Kernel: set.Slice(0, min(n, t.at.NTK)),
	}
	s.Next = func() ([]float32, error) { return t.plainStep(ctx.Err, set.Slice(0, t.spec.Batch), theta, t.spec.LR) }
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
