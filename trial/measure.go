package trial

import (
	"context"
	"fmt"
	"time"

	"breakeven/curvature"
	"breakeven/data"
	"breakeven/nn"
	"breakeven/probe"
	"breakeven/run"
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

func measure(ctx context.Context, spec run.Spec, dataDir string, at At, progress func(Progress)) (run.Record, error) {
	spec.Weights = at.Weights
	t := &Trial{Spec: spec}
	if err := t.openData(dataDir); err != nil {
		return run.Record{}, err
	}
	if err := t.buildNetwork(); err != nil {
		return run.Record{}, err
	}
	for _, w := range t.Warnings {
		if at.Warn != nil {
			at.Warn(w)
		}
	}
	split, err := t.checked(at)
	if err != nil {
		return run.Record{}, err
	}
	probes, err := measured(spec.Probes, at)
	if err != nil {
		return run.Record{}, err
	}
	if at.Fits != nil {
		if err := at.Fits(t.memoryAt(at.To-at.From, at, probes)); err != nil {
			return run.Record{}, err
		}
	}
	set, err := read(ctx, split, t.transform, at.examples())
	if err != nil {
		return run.Record{}, err
	}
	s := t.subjectAt(ctx, set, at, probes)
	start, done := time.Now(), 0
	s.Doing = func(name string) {
		if progress != nil {
			progress(Progress{Doing: name, Step: done, Steps: len(probes), Part: share(probes, done), Elapsed: time.Since(start)})
		}
		done++
	}
	s.Problem.SetStop(ctx.Err)
	if err := s.Problem.At(s.Theta); err != nil {
		return run.Record{}, err
	}
	values, err := probe.Measure(ctx, s, probes)
	return run.Record{Time: time.Now().UTC(), Values: values}, err
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
func share(probes []probe.Probe, done int) float64 {
	part, all := 0.0, 0.0
	for i, p := range probes {
		all += p.Cost
		if i < done {
			part += p.Cost
		}
	}
	return part / max(all, 1e-9)
}

// checked returns the split that at names, if what at says of it can be done.
func (t *Trial) checked(at At) (*data.Set, error) {
	splits := map[string]*data.Set{"train": t.split.Train, "valid": t.split.Valid, "test": t.split.Test}
	set, n := splits[at.Split], at.To-at.From
	switch {
	case set == nil:
		return nil, fmt.Errorf("unknown split %q: use train, valid or test", at.Split)
	case at.From < 0 || n <= 0 || at.To > set.Len():
		return nil, fmt.Errorf("examples %d:%d: the %s split of %s has examples 0:%d", at.From, at.To, at.Split, t.Spec.Data, set.Len())
	case at.L < 2 || at.L > n:
		return nil, fmt.Errorf("minibatches: %d parts of %d examples: use 2 to %d", at.L, n, n)
	case t.Spec.Batch > n:
		return nil, fmt.Errorf("batch: Eq. 1 for batches of %d, but only %d examples are measured: use a smaller batch", t.Spec.Batch, n)
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

// subjectAt prepares the measurement of a set at the trial's parameters. Under
// batch norm the whole set is one batch.
func (t *Trial) subjectAt(ctx context.Context, set curvature.Set, at At, probes []probe.Probe) *probe.Subject {
	n, parts := set.Len(), curvature.Parts(set, at.L)
	theta := t.theta
	if theta == nil {
		theta = t.initial()
	}
	s := &probe.Subject{
		Net: t.net, Loss: t.loss, Theta: theta, LR: t.Spec.LR, Size: t.Spec.Batch, N: n,
		Seed: t.Spec.Seed, Tol: t.Spec.Measure.Tolerance, MaxProducts: 1000,
		Problem: curvature.New(t.net, set, t.problemAt(n, at, probes)),
		Batches: parts, Sharp: parts,
		Single: set.Slice(0, min(n, singleLimit)),
		Kernel: set.Slice(0, min(n, at.NTK)),
	}
	s.Next = func() ([]float32, error) { return t.firstStep(ctx, set, theta) }
	return s
}

// problemAt says how a set of n examples is computed.
func (t *Trial) problemAt(n int, at At, probes []probe.Probe) curvature.Settings {
	chunk := min(n, max(128, n/at.L, t.Spec.Batch))
	if t.net.Couples() {
		chunk = n
	}
	return probe.ProblemSettings(curvature.Settings{Loss: t.loss, Chunk: chunk, Keep: 4 << 30}, probes, t.net, n/at.L, n/at.L)
}

// firstStep returns the parameters after a plain gradient step from theta on the
// first batch of the set.
func (t *Trial) firstStep(ctx context.Context, set curvature.Set, theta []float32) ([]float32, error) {
	plan := t.net.Compile(nn.Settings{Batch: t.Spec.Batch, Loss: t.loss})
	plan.SetStop(ctx.Err)
	plan.SetParams(theta)
	b := set.Slice(0, t.Spec.Batch)
	plan.Forward(b)
	next := make([]float32, t.net.Dim())
	plan.Gradient(next, -t.Spec.LR/float64(b.Len()), false)
	for i, v := range theta {
		next[i] += v
	}
	return next, plan.Err()
}
