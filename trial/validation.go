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
		e := probe.Evaluation{Metrics: make([]float64, len(of)), Examples: n}
		for _, c := range curvature.Split(set, plan.Batch()) {
			e.Loss += plan.Forward(c).Loss
			for k, metric := range of {
				e.Metrics[k] += plan.Metric(metric)
			}
		}
		e.Loss /= weight
		for k := range of {
			e.Metrics[k] /= weight
		}
		return e, plan.Err()
	}, nil
}
