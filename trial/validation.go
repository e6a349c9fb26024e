package trial

import (
	"context"
	"math"
	"slices"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/task"
)

// evaluations sets what evaluates parameters and running statistics on the validation data
// and, if the task says so, on the test data, batch norm with those statistics; and what the task
// evaluates itself.
func (t *setting) evaluations(ctx context.Context, s *probe.Subject, at func() (theta, state []float32)) (err error) {
	if own := t.task.Evaluate; own != nil {
		s.Own = func() ([]run.Value, error) {
			theta, _ := at()
			return own(theta, ctx.Err)
		}
	}
	if t.evaluates() == 0 {
		return nil
	}
	plan := t.net.Compile(t.evaluating())
	plan.SetStop(ctx.Err)
	valid, err := t.whole(ctx, t.task.Valid)
	if err != nil {
		return err
	}
	s.Valid = t.evaluation(plan, valid, at)
	if valid.N > 0 {
		s.Predict = func(most int) ([]float32, error) { return t.predictions(plan, valid, most, at) }
	}
	if t.task.Tests {
		test, err := t.whole(ctx, t.task.Test)
		if err != nil {
			return err
		}
		s.Test = t.evaluation(plan, test, at)
	}
	if t.task.Joint != nil && s.Valid != nil {
		s.Other = func(r int) (probe.Evaluation, error) { return t.otherKey(ctx, r, valid, at) }
	}
	return nil
}

// whole reads a part of the data.
func (t *setting) whole(ctx context.Context, part task.Examples) (curvature.Set, error) {
	if part.Len() == 0 {
		return curvature.Set{}, nil
	}
	return part.Read(identity(part.Len()), ctx.Err)
}

// otherKey evaluates on the validation data what another key reads in the weights.
func (t *setting) otherKey(ctx context.Context, r int, valid curvature.Set, at func() (theta, state []float32)) (probe.Evaluation, error) {
	net, err := t.task.Joint.Rekeyed(r)
	if err != nil {
		return probe.Evaluation{}, err
	}
	plan := net.Compile(t.evaluating())
	plan.SetStop(ctx.Err)
	return t.evaluation(plan, valid, at)()
}

// evaluation returns a function that evaluates the network on a set; nil if the set is empty.
func (t *setting) evaluation(plan *nn.Plan, set curvature.Set, at func() (theta, state []float32)) func() (probe.Evaluation, error) {
	if set.N == 0 {
		return nil
	}
	of, _ := t.metrics()
	weight := t.net.Weight(set)
	return func() (probe.Evaluation, error) {
		theta, state := at()
		copy(plan.State(), state)
		plan.SetParams(theta)
		sums := curvature.NewSums(len(of))
		for _, c := range curvature.Split(set, plan.Batch()) {
			sums.Add(plan, plan.Forward(c).Loss, of)
		}
		e := probe.Evaluation{Loss: sums.Loss / weight, LossError: sums.LossError(weight), Examples: set.Len()}
		for k := range of {
			e.Metrics = append(e.Metrics, sums.Metric[k]/weight)
			e.Errors = append(e.Errors, sums.MetricError(k, weight))
		}
		return e, plan.Err()
	}
}

// predictions returns what the network predicts for the first examples of a set, so many numbers at
// most but of one example at least; of a graph, for its first nodes.
func (t *setting) predictions(plan *nn.Plan, set curvature.Set, most int, at func() (theta, state []float32)) ([]float32, error) {
	theta, state := at()
	copy(plan.State(), state)
	plan.SetParams(theta)
	shape := t.net.Output()
	wanted := max(1, most/shape.Size()) * shape.Size()
	var all []float32
	for _, c := range curvature.Split(set, plan.Batch()) {
		if len(all) >= wanted {
			break
		}
		plan.Forward(c)
		all = append(all, plan.Outputs()...)
	}
	all = all[:min(len(all), wanted)]
	if shape.H > 1 || shape.W > 1 {
		return all, plan.Err()
	}
	switch t.task.Loss.(type) {
	case nn.CrossEntropy:
		for row := range slices.Chunk(all, shape.C) {
			probabilities(row)
		}
	case nn.BinaryCrossEntropy:
		for i, z := range all {
			all[i] = float32(1 / (1 + math.Exp(-float64(z))))
		}
	}
	return all, plan.Err()
}

// probabilities replaces the outputs for an example by their softmax.
func probabilities(z []float32) {
	top, sum := slices.Max(z), 0.0
	for _, v := range z {
		sum += math.Exp(float64(v - top))
	}
	for i, v := range z {
		z[i] = float32(math.Exp(float64(v-top)) / sum)
	}
}

// evaluating says how the parts of the data that are evaluated along a run are computed.
func (t *setting) evaluating() nn.Settings {
	longest := t.task.Valid.Len()
	if t.task.Tests {
		longest = max(longest, t.task.Test.Len())
	}
	return nn.Settings{Batch: t.room(min(128, longest)), Loss: t.task.Loss, Inference: true, Evaluate: true}
}

// evaluates returns how many examples are evaluated along a run.
func (t *setting) evaluates() int {
	n := t.task.Valid.Len()
	if t.task.Tests {
		n += t.task.Test.Len()
	}
	return n
}

// identity returns 0, 1, … n-1.
func identity(n int) []int {
	index := make([]int, n)
	for i := range index {
		index[i] = i
	}
	return index
}
