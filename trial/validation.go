package trial

import (
	"context"

	"breakeven/curvature"
	"breakeven/probe"
)

// validation returns what evaluates parameters and running statistics on the
// validation data, batch norm with those statistics; nil if there are no such data.
func (t *setting) validation(ctx context.Context, at func() (theta, state []float32)) (func() (probe.Evaluation, error), error) {
	n := t.task.Valid.Len()
	if n == 0 {
		return nil, nil
	}
	plan := t.net.Compile(t.validSettings())
	plan.SetStop(ctx.Err)
	index := make([]int, n)
	for i := range index {
		index[i] = i
	}
	set, err := t.task.Valid.Read(index, ctx.Err)
	if err != nil {
		return nil, err
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
		e := probe.Evaluation{Loss: sums.Loss / weight, LossError: sums.LossError(weight), Examples: n}
		for k := range of {
			e.Metrics = append(e.Metrics, sums.Metric[k]/weight)
			e.Errors = append(e.Errors, sums.MetricError(k, weight))
		}
		return e, plan.Err()
	}, nil
}
